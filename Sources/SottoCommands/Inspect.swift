// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import Sotto
import SystemIO
import TokenFile

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tell what token files hold, or models.",
        discussion: """
            Of folders, all .sotto files in them are taken; several files get a line each. A model's SHA-256 is made anew \
            from its weights; a file that says another is refused.
            """)

    @Argument(help: ArgumentHelp("Token files, folders of them, or .safetensors of weights.", valueName: "file"))
    var inputs: [String]
    @Flag(help: "Answer in JSON; of several files, in an object a line.")
    var json = false
    @Flag(help: "Fail if anything in the file is damaged.")
    var verify = false
    @OptionGroup var jobs: JobOptions

    func run() throws {
        let batch = try Batch(inputs, reading: ["sotto"], jobs)
        try batch.run("inspect") { job, _ -> (text: String, isWhole: Bool) in
            let name = batch.isMany ? job.input.withEscapedBytesShown : nil
            if FileTree.ending(of: job.input) == "safetensors" {
                if WordModel.isWords(path: job.input) {
                    return (try WordModelSummary(path: job.input, file: name).text(json: json), true)
                }
                return (text: try ModelSummary(path: job.input, file: name).text(json: json), isWhole: true)
            }
            let recording = try TokenFileReader.read(InputOutput.readAll(job.input))
            if recording.words != nil {
                return (try WordSummary(recording, of: name).text(json: json), recording.warnings.isEmpty)
            }
            return (try Summary(recording, of: name).text(json: json), recording.warnings.isEmpty)
        } take: { job, answer in
            try ByteSink.standardOutput.write(Array("\(answer.text)\n".utf8))
            guard !verify || answer.isWhole else { throw DamagedFile(path: job.input) }
        }
    }
}

private struct DamagedFile: UserFacingError {
    let path: String
    var kind: FailureKind { .badData }
    var description: String { "\(path) is damaged; what is left of it can be decoded" }
}

/// What `sotto inspect` tells; the names are those of its JSON.
private struct Summary: Encodable {
    /// nil if there is but one.
    var file: String?
    var model: String
    var sampleRate: Int
    var samples: Int?
    var seconds: Double
    var frameRate: Double
    var frames: Int
    var lostFrames: Int
    /// The most codes that a frame has.
    var codebooks: Int
    /// On average over the frames that aren't lost.
    var codesPerFrame: Double
    var bitsPerCode: Int
    /// Of the codes alone.
    var bitsPerSecond: Double
    /// nil if the file tells none.
    var levels: Levels?
    /// Of the whole file over its seconds.
    var fileBitsPerSecond: Double
    var fileBytes: Int
    var textBytes: Int
    var text: [String]
    /// Whether the file holds the timing of each text.
    var paced: [Bool]
    var warnings: [String]

    /// The speaker's levels, which are told apart from the codes.
    struct Levels: Encodable {
        /// The numbers told, lowest and highest; nil if there are none.
        var lowest: UInt8?
        var highest: UInt8?
        /// How often the number changes.
        var changes: Int
        var bitsPerSecond: Double
    }

    init(_ recording: TokenRecording, of file: String?) {
        self.file = file
        let header = recording.header
        let rate = recording.frameRate
        model = header.model.description
        sampleRate = header.sampleRate
        samples = recording.sampleCount
        frameRate = rate
        frames = recording.frames.count
        lostFrames = recording.frames.count { $0 == nil }
        seconds = recording.seconds
        codebooks = header.counts.maxCodes
        bitsPerCode = header.bitsPerCode
        let (codes, found) = (recording.sizes.codeBits / header.bitsPerCode, frames - lostFrames)
        codesPerFrame = found > 0 ? Double(codes) / Double(found) : Double(codebooks)
        bitsPerSecond = rate * codesPerFrame * Double(header.bitsPerCode)
        if header.tellsLevels {
            let told = recording.levels.compactMap(\.self)
            levels = Levels(
                lowest: told.min(), highest: told.max(), changes: zip(told, told.dropFirst()).count { $0 != $1 },
                bitsPerSecond: seconds > 0 ? Double(recording.sizes.levelBits) / seconds : 0)
        }
        fileBytes = recording.sizes.fileBytes
        fileBitsPerSecond = seconds > 0 ? Double(fileBytes * 8) / seconds : 0
        textBytes = recording.sizes.textBytes
        text = recording.texts.map(\.text)
        paced = recording.texts.map { $0.timing != nil }
        warnings = recording.warnings
    }

    func text(json: Bool) throws -> String {
        if json { return try jsonText(self, isLine: file != nil) }
        return file.map(line) ?? lines
    }

    private func line(_ file: String) -> String {
        let damage = warnings.isEmpty ? "" : ", damaged"
        return "\(file.visible): \(rounded(seconds, 2)) s, \(frames) frames, \(lostFrames) lost, \(codebooks) codebooks"
            + "\(variation), \(rounded(bitsPerSecond, 1)) bit/s, \(fileBytes) bytes, model \(model)\(damage)"
    }

    private var lines: String {
        var lines = [
            "model      \(model)",
            "duration   \(rounded(seconds, 2)) s at \(sampleRate) Hz",
            "frames     \(frames) at \(frameRate) Hz, \(codebooks) codebooks of \(1 << bitsPerCode) codes" + variation,
            "codes      \(rounded(bitsPerSecond, 1)) bit/s",
            "file       \(fileBytes) bytes, \(rounded(fileBitsPerSecond, 1)) bit/s with all that is in it",
        ]
        if let levels {
            let numbers = levels.lowest.map { "numbers \($0) to \(levels.highest ?? $0)" } ?? "none"
            lines.append(
                "levels     \(numbers), \(levels.changes) changes, \(rounded(levels.bitsPerSecond, 1)) bit/s more")
        }
        if lostFrames > 0 { lines.append("lost       \(lostFrames) frames") }
        if !text.isEmpty {
            let timing = paced.contains(true) ? " with the timing" : ""
            lines.append("text       \(text.map(\.visible).joined(separator: " / ")) (\(textBytes) bytes\(timing))")
        }
        return (lines + warnings.map { "damage     \($0.visible)" }).joined(separator: "\n")
    }

    private var variation: String {
        codesPerFrame < Double(codebooks) ? ", \(rounded(codesPerFrame, 2)) codes a frame on average" : ""
    }
}

/// A number with so many digits behind the point.
func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
