// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TokenFile

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn recordings into tokens.",
        discussion: """
            Reads WAV, FLAC, Ogg Vorbis, Opus, MP3 and AIFF at 8 to 192 kHz; - is standard input or output. Of folders, all \
            recordings in them are taken. A transcript is stored with the tokens, and its timing with it, unless it fits badly.
            """)

    @Argument(help: ArgumentHelp("The recordings, or folders of them.", valueName: "audio"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var encoding: EncodingOptions
    @OptionGroup var transcript: TranscriptOptions
    @Option(
        help: ArgumentHelp(
            "Take this one of the recording's channels, counted from 1, not their average.", valueName: "n"))
    var channel: Int?
    @Flag(help: "Take the transcript of each recording from the .txt file beside it of its name, where there is one.")
    var texts = false
    @OptionGroup var jobs: JobOptions
    @OptionGroup var model: ModelOptions

    func run() throws {
        let batch = try Batch(inputs, reading: audioEndings, into: output, ending: "sotto", jobs)
        let given = try transcript.read(for: batch)
        if let given { try TextSegment.requireRoom(for: given) }
        guard !texts || given == nil else { throw UsageError("--texts and a transcript contradict each other") }
        for job in batch.jobs { try Self.checkEnding(of: job.output) }
        try InputOutput.protect(
            batch.jobs.map(\.input) + [transcript.textFile] + model.paths, from: batch.jobs.map(\.output))
        try Message.endInOrderOnSignals()
        let model = try model.load(for: given != nil || texts ? .everything : .encoding)
        guard model.readsText || given == nil && !texts else { throw ModelError.readsNoText }
        let codes = try encoding.codes(of: model)
        let counts = try SpeechEncoder(model, codes: codes).counts
        try batch.run("encode") { job, advance in
            if output.resume, Self.isWhole(job.output, of: model, counts) { return }
            let transcript = try given ?? (texts ? Self.text(beside: job.input) : nil)
            let coding = Coding(model: model, codes: codes, transcript: transcript)
            try InputOutput.withSeekableInput(job.input) { file in
                let name = job.input == "-" ? ByteSource.standardInputName : job.input
                let reader = try AudioFileReader(path: file, name: name, channel: channel)
                if job.output == "-" {
                    try coding.encode(reader, to: .standardOutput, advance)
                } else {
                    let output = try output.file(job.output, in: batch)
                    let header = try coding.encode(reader, to: output.sink, advance)
                    try output.rewriteStart(header)
                    try output.commit()
                }
            }
        }
    }

    /// What the .txt file of a recording's name holds, nil if there is none.
    private static func text(beside recording: String) throws -> String? {
        let path = FileTree.replacingEnding(of: recording, by: "txt")
        guard FileKind(of: path) != nil else { return nil }
        let text = try TranscriptOptions.read(file: path)
        try TextSegment.requireRoom(for: text)
        return text
    }

    /// Refuses endings that mean something else than tokens.
    private static func checkEnding(of path: String) throws(UsageError) {
        let ending = FileTree.ending(of: path)
        if audioEndings.contains(ending) {
            throw UsageError("\(path): tokens are no audio; name the output .sotto, and use sotto decode to hear them")
        }
        if Export.endings.contains(ending) {
            throw UsageError("\(path): encode to .sotto first, and make .\(ending) of that with sotto export")
        }
    }

    /// Whether a file holds all tokens of a recording, as this encoder would make them.
    private static func isWhole(_ path: String, of model: CodecModel, _ counts: CodeCounts) -> Bool {
        guard let tokens = try? TokenFileReader.read(FileMapping(path: path).contents) else { return false }
        return tokens.sampleCount != nil && tokens.warnings.isEmpty
            && tokens.header.model == (try? model.tokenIdentity) && tokens.header.counts == counts
    }
}

/// How a recording is encoded.
private struct Coding {
    let model: CodecModel
    let codes: CodesPerFrame
    let transcript: String?

    /// Returns the header that belongs to the start now that all is known.
    @discardableResult
    func encode(
        _ recording: consuming AudioFileReader, to sink: ByteSink,
        _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws -> [UInt8] {
        var reader = recording
        var resampler = try Resampler(from: reader.sampleRate, to: model.configuration.sampleRate)
        var encoder = try RecordingEncoder(
            model, sampleRate: reader.sampleRate, codes: codes, transcript: transcript)
        var sampleCount = 0
        try sink.write(encoder.start)
        while case let samples = try reader.read(upTo: reader.sampleRate), !samples.isEmpty {
            sampleCount += samples.count
            try sink.write(encoder.push(resampler.process(samples)))
            let count = Double(samples.count)
            advance(count / max(count, Double(reader.frameCount)), count / Double(reader.sampleRate))
        }
        try sink.write(encoder.push(resampler.finish()))
        let ending = try encoder.finish(sampleCount: sampleCount)
        try sink.write(ending.bytes)
        for warning in reader.warnings { Message.warning(warning) }
        if reader.channelsCancel {
            Message.warning("the channels of \(reader.name) cancel each other out; take one of them: --channel 1")
        }
        if let complaint = ending.transcriptFit?.complaint {
            Message.warning("\(reader.name): \(complaint) It is stored without its timing.")
        }
        return ending.header
    }
}
