// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import AudioFile
import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TokenFile

struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of weights, or one of the models that came with sotto: \(CodecModel.shipped.joined(separator: ", ")).",
            valueName: "model"))
    var model: String?

    func load(for purpose: CodecModel.Purpose = .everything) throws -> CodecModel {
        try CodecModel.load(model, for: purpose)
    }

    /// The models that a stream may name: the one that was asked for, else all that came with sotto.
    func shelf() throws -> ModelShelf {
        let others = CodecModel.choices(model).dropFirst()
        return try ModelShelf(load(for: .decoding)) { others.compactMap { try? CodecModel.load($0, for: .decoding) } }
    }

    /// The files of weights that were asked for.
    var paths: [String] { CodecModel.paths(of: model) }

    /// The model that tokens are of, to decode them.
    ///
    /// - Throws: `TokenFileError.otherModel` if it is another one than was asked for, or none that came with sotto.
    func load(for tokens: ModelIdentity) throws -> CodecModel {
        let found = try CodecModel.load(model, codesIdentity: tokens.bytes, for: .decoding)
        do {
            try tokens.require(found.tokenIdentity)
        } catch {
            guard model == nil, let cause = CodecModel.environmentsChoice else { throw error }
            throw InputFailure(description: "\(error.commandLineText); SOTTO_MODEL says \(cause)", kind: error.kind)
        }
        return found
    }
}

extension ModelOptions {
    /// The words' model that tokens by the word are of, and the model beside which it lies: the one that was asked for, or one that came with sotto.
    ///
    /// - Throws: `TokenFileError.otherModel` if the words' models there are others; if there are none, why.
    func loadWords(for tokens: ModelIdentity) throws -> (words: WordModel, base: CodecModel) {
        var failure: (any Error)?
        for base in CodecModel.choices(model) {
            do {
                let words = try WordModel.load(beside: base)
                try tokens.require(words.tokenIdentity)
                return (words, try CodecModel.load(base, for: .decoding))
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? WordError.notFound(CodecModel.shipped[0])
    }
}

struct MaximumCodesOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Use at most so many codes of each frame, the first ones; all unless given.", valueName: "n")
    )
    var codes: Int?

    /// The number asked for, or `all`.
    func maximum(of all: Int) throws -> Int {
        let count = codes ?? all
        guard (1...all).contains(count) else { throw UsageError("--codes goes from 1 to \(all), not \(count)") }
        return count
    }
}

struct EncodingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How many codes a frame gets, 1 to 8: 125 bit/s each, half of that at 6.25 frames a second. With --by-word, how \
            many a word gets: 0, 2 or 4.
            """, valueName: "n"))
    var codes: Int?
    @Flag(
        help: """
            Give frames that need it more codes and others fewer, as many on average as --codes says: better speech at the \
            same bitrate.
            """)
    var average = false

    @Flag(
        help: """
            Code the words of the transcript and whose voice says them, not frames: 4 codes a word unless --codes says 2 or 0. Needs a \
            transcript that fits.
            """)
    var byWord = false

    /// How many codes a word gets.
    func codes(of words: WordModel) throws -> Int {
        guard !average else { throw UsageError("--average is for frames; a word has 0, 2 or 4 codes") }
        let count = codes ?? words.counts.last ?? 0
        guard words.counts.contains(count) else {
            throw UsageError("\(WordError.impossibleNumber(count, counts: words.counts)); --codes says so")
        }
        return count
    }

    func codes(of model: CodecModel) throws -> CodesPerFrame {
        let all = model.configuration.quantizer.codebooks
        let count = codes ?? all
        guard (1...all).contains(count) else { throw UsageError("--codes goes from 1 to \(all), not \(count)") }
        guard !average || codes != nil else {
            throw UsageError("--average needs a number to vary about: pass --codes 1 to \(all)")
        }
        return average ? .average(count) : .fixed(count)
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
        let bytes = try InputOutput.readAll(file, atMost: 2 * TextSegment.mostBytes + 2)
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
        sampleCount.map { Double($0) / Double(header.sampleRate) } ?? Double(frameCount) / frameRate
    }

    /// Token frames a second.
    var frameRate: Double { Double(header.frameRate.numerator) / Double(header.frameRate.denominator) }

    /// How many frames the speech takes; by the word, its transcript.
    var frameCount: Int { words == nil ? frames.count : texts.first?.frames.count ?? 0 }
}

extension TranscriptFit {
    /// What is to be said of a transcript that fits badly, nil if it fits.
    var complaint: String? {
        guard isBad else { return nil }
        if isMostlyOther {
            return "the transcript is mostly digits or letters of other scripts than a to z, which are not followed."
        }
        return "the transcript fits only \(Int(match * 100)) % of the speech; is it that of another recording?"
    }
}
