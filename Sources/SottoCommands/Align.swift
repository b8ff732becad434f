// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TokenFile

struct Align: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "align",
        abstract: "Tell when each word of a transcript is said.",
        discussion: """
            Takes the transcript that the token file holds unless another is given. A line a word: its start and its end \
            in seconds, - for one that isn't said, and the word. Of several files, each line begins with the file's name and \
            a tab. Of folders, all .sotto files in them are taken. Needs a model that reads text, but for tokens by the word, which tell the times of their own words.
            """)

    @Argument(help: ArgumentHelp("The token files, or folders of them.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var transcript: TranscriptOptions
    @OptionGroup var codes: MaximumCodesOptions
    @Flag(help: "Answer in JSON; of several files, in an object a line.")
    var json = false
    @OptionGroup var jobs: JobOptions
    @OptionGroup var model: ModelOptions

    func run() throws {
        let batch = try Batch(inputs, reading: ["sotto"], jobs)
        let given = try transcript.read(for: batch)
        let models = LoadedModels(model)
        try batch.run("align") { job, advance in
            let recording = try TokenFileReader.read(InputOutput.readAll(job.input))
            let name = batch.isMany ? job.input.withEscapedBytesShown : nil
            if recording.words != nil {
                for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
                guard given == nil, codes.codes == nil else {
                    throw UsageError(
                        "tokens by the word tell when their own words are said; leave --text and --codes out")
                }
                let told = Told(file: name, match: nil, words: try recording.wordTimings)
                return try told.text(json: json, isMany: batch.isMany)
            }
            let model = try models.model(of: recording.header.model)
            for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
            let stored = recording.texts.isEmpty ? nil : recording.texts.map(\.text).joined(separator: " ")
            guard let text = given ?? stored else {
                throw UsageError("\(job.input) holds no transcript; give one with --text or --text-file")
            }
            let count = try codes.maximum(of: recording.header.counts.maxCodes)
            let alignment = try model.align(
                recording.frames.map { ($0?.prefix(count)).map(Array.init) }, with: text,
                seconds: recording.seconds)
            if let complaint = TranscriptFit(match: alignment.match, of: text).complaint {
                Message.warning("\(job.input): \(complaint) Don't rely on the times.")
            }
            advance(1, Double(recording.frames.count) / model.configuration.frameRate)
            let told = Told(file: name, match: alignment.match, words: alignment.words)
            return try told.text(json: json, isMany: batch.isMany)
        } take: { _, text in
            try ByteSink.standardOutput.write(Array(text.utf8))
        }
    }
}

extension TokenRecording {
    /// When the words of a file by the word are said.
    fileprivate var wordTimings: [WordTiming] {
        get throws {
            guard let timings = try spokenWords?.timings(frameRate: frameRate) else {
                throw WordError.impossible("no such transcript has such a timing")
            }
            return timings
        }
    }
}

/// When the words of a file are said; the names are those of the JSON.
private struct Told: Encodable {
    /// nil if there is but one.
    let file: String?
    /// nil where the words are stored with their times.
    let match: Double?
    let words: [WordTiming]

    func text(json: Bool, isMany: Bool) throws -> String {
        json ? try jsonText(self, isLine: isMany) + "\n" : lines
    }

    var lines: String {
        words.map { word in
            let name = file.map { "\($0.visible)\t" } ?? ""
            guard let start = word.start, let end = word.end else {
                return "\(name)       -        -  \(word.word.visible)\n"
            }
            return name + String(format: "%8.2f %8.2f  ", start, end) + "\(word.word.visible)\n"
        }.joined()
    }
}
