// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Sotto
import SottoStreams
import TokenFile

/// What the page does with whole recordings: the same as `sotto encode` and `sotto decode` do, a second of it at a time, so that
/// live streams get their turn in between.
enum Recordings {
    struct Encoded: Sendable {
        /// A token file.
        var tokens: [UInt8]
        /// The share of the letters heard that the transcript accounts for; nil if there is none that says anything.
        var transcriptMatch: Double?
    }

    /// A recording of any format that is read → a WAV of it that any browser plays: mono, at its own rate.
    ///
    /// - Returns: what was odd about it.
    static func read(_ path: String, name: String, to output: String) async throws -> [String] {
        var reader = try AudioFileReader(path: path, name: name)
        var writer = try AudioFileWriter(
            path: output, sampleRate: reader.sampleRate, encoding: .pcm16, replaces: false)
        var length = Length(rate: reader.sampleRate)
        while case let samples = try reader.read(upTo: reader.sampleRate), !samples.isEmpty {
            try length.add(samples.count)
            try writer.write(samples)
            await Task.yield()
        }
        try writer.finish()
        return reader.warnings
    }

    static func encode(
        _ path: String, name: String, model: CodecModel, codes: CodesPerFrame, transcript: String?
    ) async throws -> Encoded {
        var reader = try AudioFileReader(path: path, name: name)
        var resampler = try Resampler(from: reader.sampleRate, to: model.configuration.sampleRate)
        var encoder = try RecordingEncoder(
            model, sampleRate: reader.sampleRate, codes: codes, transcript: transcript)
        var length = Length(rate: reader.sampleRate)
        var bytes = encoder.start
        while case let samples = try reader.read(upTo: reader.sampleRate), !samples.isEmpty {
            try length.add(samples.count)
            bytes += try encoder.push(resampler.process(samples))
            await Task.yield()
        }
        bytes += try encoder.push(resampler.finish())
        let ending = try encoder.finish(sampleCount: length.samples)
        bytes += ending.bytes
        bytes.replaceSubrange(0..<ending.header.count, with: ending.header)
        return Encoded(tokens: bytes, transcriptMatch: ending.transcriptFit?.match)
    }

    /// A token file → a WAV of its speech, at the recording's own rate.
    static func decode(
        _ recording: TokenRecording, by model: CodecModel, codes: Int?, usesTranscripts: Bool, to output: String
    ) async throws {
        try Length.check(recording)
        let rate = recording.header.sampleRate
        var decoder = try RecordingDecoder(
            recording, by: model, codes: codes, usesTranscripts: usesTranscripts && model.readsText)
        var resampler = try Resampler(from: model.configuration.sampleRate, to: rate)
        var writer = try AudioFileWriter(path: output, sampleRate: rate, encoding: .pcm16, replaces: false)
        // Sample rates that don't divide each other may leave a sample too many or too few.
        var remaining = recording.sampleCount ?? .max
        func wanted(_ samples: [Float]) -> ArraySlice<Float> {
            let wanted = samples.prefix(remaining)
            remaining -= wanted.count
            return wanted
        }
        while let (samples, _) = try decoder.read() {
            try writer.write(wanted(resampler.process(samples)))
            await Task.yield()
        }
        try writer.write(wanted(resampler.finish()))
        if recording.sampleCount != nil, remaining <= rate / 100 {
            try writer.write(wanted([Float](repeating: 0, count: remaining)))
        }
        try writer.finish()
    }

    /// What a token file holds, and when the words of its transcript are said.
    static func inspect(_ recording: TokenRecording, by model: CodecModel, named name: String?) throws -> Inspection {
        try Length.check(recording)
        let header = recording.header
        let text = recording.texts.map(\.text).joined(separator: " ")
        let alignment =
            text.isEmpty || !model.readsText
            ? nil : try model.align(recording.frames, with: text, seconds: Length.seconds(of: recording))
        return Inspection(
            model: name, identity: header.model.description, sampleRate: header.sampleRate,
            seconds: Length.seconds(of: recording), frameRate: model.configuration.frameRate,
            bitsPerCode: header.bitsPerCode, codebooks: header.counts.maxCodes, isVariable: header.counts.isVariable,
            codeBits: recording.sizes.codeBits, textBytes: recording.sizes.textBytes,
            fileBytes: recording.sizes.fileBytes, frames: recording.frames, text: text, words: alignment?.words,
            match: alignment?.match, warnings: recording.warnings)
    }
}

/// What the page is told of a token file.
struct Inspection: Encodable {
    /// nil if it is none of the page's models.
    var model: String?
    var identity: String
    var sampleRate: Int
    var seconds: Double
    var frameRate: Double
    var bitsPerCode: Int
    var codebooks: Int
    var isVariable: Bool
    var codeBits: Int
    var textBytes: Int
    var fileBytes: Int
    var frames: [Codes?]
    var text: String
    var words: [WordTiming]?
    var match: Double?
    var warnings: [String]
}

/// Counts a recording's samples, up to as many as the page takes.
private struct Length {
    let rate: Int
    private(set) var samples = 0

    init(rate: Int) { self.rate = rate }

    mutating func add(_ count: Int) throws(Refusal) {
        samples += count
        guard samples <= Limits.seconds * rate else { throw Self.tooLong }
    }

    static func check(_ recording: TokenRecording) throws(Refusal) {
        let frames = Double(recording.frames.count) / frameRate(of: recording)
        // The last frame may outlast the recording.
        guard max(seconds(of: recording), frames - 1) <= Double(Limits.seconds) else { throw tooLong }
    }

    static func seconds(of recording: TokenRecording) -> Double {
        recording.sampleCount.map { Double($0) / Double(recording.header.sampleRate) }
            ?? Double(recording.frames.count) / frameRate(of: recording)
    }

    private static func frameRate(of recording: TokenRecording) -> Double {
        Double(recording.header.frameRate.numerator) / Double(recording.header.frameRate.denominator)
    }

    private static let tooLong = Refusal(
        .tooLarge,
        "it is longer than \(Limits.seconds / 60) minutes, which is more than this page takes; use sotto encode")
}
