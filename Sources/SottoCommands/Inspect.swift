// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import SystemIO
import TokenFile

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what a token file holds, or a model.",
        discussion: "A model's SHA-256 is made anew from its weights; a file that says another is refused.")

    @Argument(help: ArgumentHelp("The token file, or a .safetensors of weights.", valueName: "file"))
    var input: String
    @Flag(help: "Answer in JSON.")
    var json = false
    @Flag(help: "Fail if anything in the file is damaged.")
    var verify = false

    func run() throws {
        guard !input.lowercased().hasSuffix(".safetensors") else {
            return try ByteSink.standardOutput.write(Array(ModelSummary(path: input).text(json: json).utf8))
        }
        let recording = try InputFailure.naming(input) { try TokenFileReader.read(Places.readAll(input)) }
        let summary = Summary(recording)
        let text = json ? try summary.json() : summary.lines
        try ByteSink.standardOutput.write(Array("\(text)\n".utf8))
        guard !verify || recording.warnings.isEmpty else { throw DamagedFile(path: input) }
    }
}

private struct DamagedFile: UserFacingError {
    let path: String
    var kind: FailureKind { .badData }
    var description: String { "\(path) is damaged; what is left of it can be decoded" }
}

/// What `sotto inspect` tells; the names are those of its JSON.
private struct Summary: Encodable {
    var model: String
    var sampleRate: Int
    var samples: Int?
    var seconds: Double
    var frameRate: Double
    var frames: Int
    var lostFrames: Int
    /// The most codes that a frame has.
    var codebooks: Int
    /// In the mean of the frames that aren't lost.
    var codesPerFrame: Double
    var bitsPerCode: Int
    /// Of the codes alone.
    var bitsPerSecond: Double
    /// Of the whole file over its seconds.
    var fileBitsPerSecond: Double
    var fileBytes: Int
    var textBytes: Int
    var text: [String]
    /// Whether the file holds the pace of each text.
    var paced: [Bool]
    var warnings: [String]

    init(_ recording: TokenRecording) {
        let header = recording.header
        let rate = Double(header.frameRate.numerator) / Double(header.frameRate.denominator)
        model = header.model.description
        sampleRate = header.sampleRate
        samples = recording.sampleCount
        frameRate = rate
        frames = recording.frames.count
        lostFrames = recording.frames.count { $0 == nil }
        seconds = recording.sampleCount.map { Double($0) / Double(header.sampleRate) } ?? Double(frames) / rate
        codebooks = header.counts.most
        bitsPerCode = header.bitsPerCode
        let (codes, found) = (recording.sizes.codeBits / header.bitsPerCode, frames - lostFrames)
        codesPerFrame = found > 0 ? Double(codes) / Double(found) : Double(codebooks)
        bitsPerSecond = rate * codesPerFrame * Double(header.bitsPerCode)
        fileBytes = recording.sizes.fileBytes
        fileBitsPerSecond = seconds > 0 ? Double(fileBytes * 8) / seconds : 0
        textBytes = recording.sizes.textBytes
        text = recording.texts.map(\.text)
        paced = recording.texts.map { $0.pace != nil }
        warnings = recording.warnings
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var lines: String {
        var lines = [
            "model      \(model)",
            "duration   \(rounded(seconds, 2)) s at \(sampleRate) Hz",
            "frames     \(frames) at \(frameRate) Hz, \(codebooks) codebooks of \(1 << bitsPerCode) codes" + variation,
            "codes      \(rounded(bitsPerSecond, 1)) bit/s",
            "file       \(fileBytes) bytes, \(rounded(fileBitsPerSecond, 1)) bit/s with all that is in it",
        ]
        if lostFrames > 0 { lines.append("lost       \(lostFrames) frames") }
        if !text.isEmpty {
            let pace = paced.contains(true) ? " with the pace" : ""
            lines.append("text       \(text.joined(separator: " / ")) (\(textBytes) bytes\(pace))")
        }
        return (lines + warnings.map { "damage     \($0)" }).joined(separator: "\n")
    }

    private var variation: String {
        codesPerFrame < Double(codebooks) ? ", \(rounded(codesPerFrame, 2)) codes a frame in the mean" : ""
    }

    private func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
