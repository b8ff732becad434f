// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import Sotto
import SystemIO
import TokenFile

struct Align: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell when each word of a transcript is said.",
        discussion: """
            Takes the transcript that the token file holds unless another is given. A line a word: its start and its end \
            in seconds, - for one that isn't said, and the word. Needs a model that reads text.
            """)

    @Argument(help: ArgumentHelp("The token file.", valueName: "tokens"))
    var input: String
    @OptionGroup var transcript: TranscriptOptions
    @OptionGroup var codebooks: CodebookOptions
    @Flag(help: "Answer in JSON.")
    var json = false
    @OptionGroup var model: ModelOptions

    func run() throws {
        let given = try transcript.read(for: [input])
        let recording = try InputFailure.naming(input) { try TokenFileReader.read(Places.readAll(input)) }
        let model = try InputFailure.naming(input) { try self.model.load(for: recording.header.model) }
        for warning in recording.warnings { Message.warning("\(input): \(warning)") }
        guard let text = given ?? (recording.texts.isEmpty ? nil : recording.texts.map(\.text).joined(separator: " "))
        else { throw UsageError("\(input) holds no transcript; give one with --text or --text-file") }
        let count = try codebooks.count(of: recording.header.counts.most)
        let alignment = try model.align(recording.frames.map { ($0?.prefix(count)).map(Array.init) }, with: text)
        let answer = json ? try Self.json(alignment) : Self.lines(alignment)
        try ByteSink.standardOutput.write(Array(answer.utf8))
        if let complaint = TranscriptSchedule.complaint(match: alignment.match) {
            Message.warning("\(input): \(complaint) Don't rely on the times.")
        }
    }

    private static func json(_ alignment: Alignment) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(alignment), as: UTF8.self) + "\n"
    }

    private static func lines(_ alignment: Alignment) -> String {
        alignment.words.map { word in
            guard let start = word.start, let end = word.end else { return "       -        -  \(word.word)\n" }
            return String(format: "%8.2f %8.2f  ", start, end) + "\(word.word)\n"
        }.joined()
    }
}
