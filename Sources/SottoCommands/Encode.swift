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
            recordings in them are taken. A transcript is stored with the tokens, and its timing with it, unless it fits badly. With \
            --by-word it is what is coded: its words, when and by whose voice they are said, and a few codes that say how.
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
        if encoding.byWord { return try encodeByWord(batch, given) }
        let model = try model.load(for: given != nil || texts ? .everything : .encoding)
        guard model.readsText || given == nil && !texts else { throw ModelError.readsNoText }
        let codes = try encoding.codes(of: model)
        let counts = try SpeechEncoder(model, codes: codes).counts
        try batch.run("encode") { job, advance in
            if output.resume,
                Self.isWhole(
                    job.output,
                    where: { $0.model == (try? model.tokenIdentity) && $0.counts == counts && $0.codesPerWord == nil })
            {
                return
            }
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

    private func encodeByWord(_ batch: Batch, _ given: String?) throws {
        guard given != nil || texts else {
            throw UsageError("--by-word codes the words of a transcript; give one with --text, --text-file or --texts")
        }
        let words = try WordModel.load(beside: self.model.model)
        let model = try self.model.load()
        let (codes, identity) = (try encoding.codes(of: words), try words.tokenIdentity)
        try batch.run("encode") { job, advance in
            if output.resume, Self.isWhole(job.output, where: { $0.model == identity && $0.codesPerWord == codes }) {
                return
            }
            let transcript = try given ?? (texts ? Self.text(beside: job.input) : nil)
            try InputOutput.withSeekableInput(job.input) { file in
                let name = job.input == "-" ? ByteSource.standardInputName : job.input
                let reader = try AudioFileReader(path: file, name: name, channel: channel)
                let encoder = try RecordingWordEncoder(
                    model, words: words, sampleRate: reader.sampleRate, codes: codes, transcript: transcript ?? "")
                let bytes = try Self.encode(reader, by: encoder, at: model.configuration.sampleRate, advance)
                if job.output == "-" {
                    try ByteSink.standardOutput.write(bytes)
                } else {
                    let output = try output.file(job.output, in: batch)
                    try output.write(bytes)
                    try output.commit()
                }
            }
        }
    }

    private static func encode(
        _ recording: consuming AudioFileReader, by encoder: consuming RecordingWordEncoder, at rate: Int,
        _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws -> [UInt8] {
        var reader = recording
        var encoder = encoder
        let sampleCount = try reader.readAll(at: rate, advance) { encoder.push($0) }
        let bytes = try encoder.finish(sampleCount: sampleCount)
        reader.warn()
        return bytes
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

    /// Whether a file holds all tokens of a recording, and its header is that of those that would be made.
    private static func isWhole(_ path: String, where isSame: (TokenHeader) -> Bool) -> Bool {
        guard let tokens = try? TokenFileReader.read(FileMapping(path: path).contents) else { return false }
        return tokens.sampleCount != nil && tokens.warnings.isEmpty && isSame(tokens.header)
    }
}

extension AudioFileReader {
    /// Hands all samples over at another sample rate, part after part, and returns how many there were at the recording's own.
    fileprivate mutating func readAll(
        at rate: Int, _ advance: (_ share: Double, _ seconds: Double) -> Void, _ take: ([Float]) throws -> Void
    ) throws -> Int {
        var resampler = try Resampler(from: sampleRate, to: rate)
        var sampleCount = 0
        while case let samples = try read(upTo: sampleRate), !samples.isEmpty {
            sampleCount += samples.count
            try take(resampler.process(samples))
            let count = Double(samples.count)
            advance(count / max(count, Double(frameCount)), count / Double(sampleRate))
        }
        try take(resampler.finish())
        return sampleCount
    }

    /// Says what was odd about the recording.
    fileprivate func warn() {
        for warning in warnings { Message.warning(warning) }
        if channelsCancel {
            Message.warning("the channels of \(name) cancel each other out; take one of them: --channel 1")
        }
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
        var encoder = try RecordingEncoder(
            model, sampleRate: reader.sampleRate, codes: codes, transcript: transcript)
        try sink.write(encoder.start)
        let sampleCount = try reader.readAll(at: model.configuration.sampleRate, advance) {
            try sink.write(encoder.push($0))
        }
        let ending = try encoder.finish(sampleCount: sampleCount)
        try sink.write(ending.bytes)
        reader.warn()
        if let complaint = ending.transcriptFit?.complaint {
            Message.warning("\(reader.name): \(complaint) It is stored without its timing.")
        }
        return ending.header
    }
}
