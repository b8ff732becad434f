// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import AudioFile
import Foundation
import Sotto
import SystemIO
import TokenFile

struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of weights, or one of the models that came with sotto: \(Model.shipped.joined(separator: ", ")).",
            valueName: "model"))
    var model: String?

    func load() throws -> Model { try Model.load(model) }

    /// The file of weights that was asked for; nil if it can't be found.
    var path: String? { try? Model.path(of: model) }

    /// The model that tokens are of.
    ///
    /// - Throws: `TokenFileError.otherModel` if it is another one than was asked for, or none that came with sotto.
    func load(for tokens: ModelIdentity) throws -> Model {
        let found = try Model.load(model, codesIdentity: tokens.bytes)
        do {
            try tokens.require(found.tokenIdentity)
        } catch {
            guard model == nil, let cause = Model.environmentsChoice else { throw error }
            throw InputFailure(description: "\(error.description); SOTTO_MODEL says \(cause)", kind: error.kind)
        }
        return found
    }
}

struct CodebookOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many codebooks to use, 1 to 8: 125 bit/s each, half of that at 6.25 frames a second.", valueName: "n"))
    var codebooks: Int?

    /// The number asked for, or `all`.
    func count(of all: Int) throws -> Int {
        let count = codebooks ?? all
        guard (1...all).contains(count) else { throw UsageError("--codebooks goes from 1 to \(all), not \(count)") }
        return count
    }
}

struct EncodingOptions: ParsableArguments {
    @OptionGroup var codebooks: CodebookOptions
    @Flag(
        help: """
            Give frames that need it more codes and others fewer, with as many as --codebooks says in the mean: better speech \
            at the same bitrate.
            """)
    var vbr = false

    func encoder(of model: Model, transcript: String? = nil) throws -> Encoder {
        let all = model.configuration.quantizer.codebooks
        let count = try codebooks.count(of: all)
        guard !vbr || 1 < count && count < all else {
            throw UsageError("--vbr needs a number to vary about: pass --codebooks 2 to \(all - 1)")
        }
        return Encoder(model, codebooks: count, isVariable: vbr, transcript: transcript)
    }
}

struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write; with several inputs, a folder.", valueName: "path"))
    var output: String

    @Flag(help: "Replace files that are already there.")
    var force = false
    @Flag(help: "Skip inputs whose outputs are already there and whole.")
    var resume = false

    /// Whether a file that is there may be replaced.
    var replaces: Bool { force || resume }

    func validate() throws {
        if force, resume { throw ValidationError("--force and --resume contradict each other") }
    }
}

struct TranscriptOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The transcript: what is said in the recording.", valueName: "words"))
    var text: String?
    @Option(help: ArgumentHelp("A file that holds the transcript.", valueName: "file"))
    var textFile: String?

    /// The transcript, or nil if none was given.
    func read(for batch: Batch) throws -> String? {
        guard text == nil || textFile == nil else { throw UsageError("give --text or --text-file, not both") }
        guard !batch.isMany || (text ?? textFile) == nil else {
            throw UsageError("a transcript belongs to one recording; take them one by one")
        }
        guard let textFile else { return try text.map { try Self.bounded(Self.decode(argument: $0)) } }
        guard textFile != "-" || batch.jobs[0].input != "-" else {
            throw UsageError("only one of them can be standard input")
        }
        return try Self.read(file: textFile)
    }

    /// The transcript that a file holds.
    static func read(file: String) throws -> String {
        // UTF-16 takes up to twice as much as UTF-8, and its mark.
        let bytes = try Places.readAll(file, atMost: 2 * TextSegment.mostBytes + 2)
        let name = file == "-" ? "standard input" : file
        return try bounded(PlainText.decode(bytes, name: name).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func decode(argument: String) throws -> String {
        guard !argument.carriesEscapedBytes else { throw UsageError(NotPlainText(name: "--text").description) }
        return try PlainText.decode(argument.utf8, name: "--text")
    }

    private static func bounded(_ text: String) throws(TokenFileError) -> String {
        try TextSegment.requireRoom(for: text)
        return text
    }
}

extension PCMFormat: ExpressibleByArgument {}

extension TokenRecording {
    /// The length of the speech.
    var seconds: Double {
        let rate = Double(header.frameRate.numerator) / Double(header.frameRate.denominator)
        return sampleCount.map { Double($0) / Double(header.sampleRate) } ?? Double(frames.count) / rate
    }
}

extension Model {
    var tokenIdentity: ModelIdentity {
        get throws(TokenFileError) { try ModelIdentity(codesIdentity) }
    }

    /// The header for the tokens that an encoder of this model makes of a recording of that rate.
    func tokenHeader(sampleRate: Int, encoder: Encoder) throws(TokenFileError) -> TokenHeader {
        try TokenHeader(
            model: tokenIdentity, sampleRate: sampleRate, frameRate: configuration.frameRateFraction,
            counts: encoder.counts, bitsPerCode: configuration.bitsPerCode)
    }
}
