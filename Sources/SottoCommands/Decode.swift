// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TokenFile

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Turn tokens into speech.",
        discussion: """
            Writes WAV or FLAC by the output's ending; - is standard input, or a WAV on standard output. A model that reads \
            text takes the transcript that the file holds unless another is given. Of folders, all .sotto files in them are \
            taken, and become .wav files. Codes without a header do too, as a language model makes them: [frames, codes] in \
            .npy or .npz, a list of lists in .json, or a line of .jsonl; --model says whose they are. Several recordings in one \
            file, [recordings, codes, frames] in .npy or .npz or lines of .jsonl, become a folder of its name in the output folder.
            """)

    @Argument(help: ArgumentHelp("The token files, or folders of them.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var codes: MaximumCodesOptions
    @OptionGroup var transcript: TranscriptOptions
    @Flag(help: "Don't read the transcript that the file holds.")
    var noText = false
    @Option(
        help: ArgumentHelp(
            "The speaker's levels of codes without a header, as sotto export --levels writes them; without, the nominal one.",
            valueName: "array"))
    var levels: String?
    @Flag(help: "Write 32-bit floating-point samples instead of 16-bit integers.")
    var float = false
    @Flag(help: "Arrays in .npy or .npz are [codebooks, frames].")
    var codebooksFirst = false
    @Flag(help: "Codes are one stream of tokens, as sotto export --flat writes it.")
    var flat = false
    @OptionGroup var jobs: JobOptions
    @OptionGroup var model: ModelOptions

    func run() throws {
        let batch = try Batch(inputs, reading: ["sotto"], into: output, ending: "wav", jobs)
        let given = try transcript.read(for: batch)
        guard levels == nil || !batch.isMany else { throw UsageError("--levels go with one array of codes") }
        guard !noText || given == nil else { throw UsageError("--no-text and a transcript contradict each other") }
        try InputOutput.protect(
            batch.jobs.map(\.input) + [transcript.textFile, levels] + model.paths, from: batch.jobs.map(\.output))
        try Message.endInOrderOnSignals()
        let models = LoadedModels(model)
        try batch.run("decode") { job, advance in
            let bytes = try InputOutput.readAll(job.input)
            if let spoken = try Self.byWord(bytes) {
                try decode(byWord: spoken, models, job, batch, given, advance)
                return
            }
            let (recordings, model) = try read(bytes, models)
            guard model.readsText || given == nil else { throw ModelError.readsNoText }
            guard recordings.count > 1 else {
                try decode(recordings[0].recording, by: model, to: job.output, job, batch, given, advance)
                return
            }
            guard given == nil, levels == nil else {
                throw UsageError("it holds \(recordings.count) recordings; a transcript and --levels go with one")
            }
            guard batch.folder != nil else {
                throw UsageError("it holds \(recordings.count) recordings, which need a folder: -o NAME/")
            }
            let folder = job.output.dropLast(".wav".count)
            for (name, recording) in recordings {
                try decode(recording, by: model, to: "\(folder)/\(name).wav", job, batch, nil) { share, seconds in
                    advance(share / Double(recordings.count), seconds)
                }
            }
        }
    }

    /// Decodes one recording to a file, or to standard output.
    private func decode(
        _ recording: TokenRecording, by model: CodecModel, to path: String, _ job: Job, _ batch: Batch,
        _ given: String?, _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws {
        var recording = recording
        if output.resume, Self.isWhole(path, of: recording) { return }
        for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
        if noText || !model.readsText { recording.texts = [] }
        if let given { recording.texts = [TextSegment(frames: 0..<recording.frames.count, text: given)] }
        let decoder = try RecordingDecoder(
            recording, by: model, codes: codes.maximum(of: recording.header.counts.maxCodes))
        try decode(recording, by: .frames(decoder), of: model, to: path, job, batch, advance)
    }

    /// What a token file by the word holds; nil for one of frames, and for anything else.
    private static func byWord(_ bytes: [UInt8]) throws -> TokenRecording? {
        guard TokenHeader.isByWord(bytes) else { return nil }
        return try TokenFileReader.read(bytes)
    }

    /// Decodes a recording by the word to a file, or to standard output.
    private func decode(
        byWord recording: TokenRecording, _ models: LoadedModels, _ job: Job, _ batch: Batch, _ given: String?,
        _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws {
        guard given == nil, !noText, codes.codes == nil, levels == nil, !flat else {
            throw UsageError(
                "tokens by the word have their own transcript, codes and level; leave --text, --no-text, --codes, --levels "
                    + "and --flat out")
        }
        if output.resume, Self.isWhole(job.output, of: recording) { return }
        for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
        let (words, model) = try models.words(of: recording.header.model)
        let decoder = try WordDecoder(recording, by: model, words: words)
        try decode(recording, by: .words(decoder), of: model, to: job.output, job, batch, advance)
    }

    private func decode(
        _ recording: TokenRecording, by source: consuming SampleSource, of model: CodecModel, to path: String,
        _ job: Job,
        _ batch: Batch, _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws {
        let decoding = Decoding(
            model: model, source: source, encoding: float ? .float32 : .pcm16, replaces: output.replaces,
            label: job.input)
        if path == "-" {
            let folder = try ScratchFolder()
            let file = folder.path(of: "output.wav")
            try decoding.decode(recording, to: file, advance)
            try ByteSink.standardOutput.write(InputOutput.readAll(file))
        } else {
            try output.makeFolder(for: path, in: batch)
            try decoding.decode(recording, to: path, advance)
        }
    }

    /// What a token file holds and the model that its codes are of; or codes without a header, which are of the model that was asked for,
    /// of one recording or, with names, of several.
    private func read(
        _ bytes: [UInt8], _ models: LoadedModels
    ) throws -> (recordings: [(name: String, recording: TokenRecording)], CodecModel) {
        let isHeaded = bytes.starts(with: TokenHeader.magic)
        if isHeaded, levels != nil || flat {
            throw UsageError("--levels and --flat go with codes without a header; this file has its own")
        }
        guard !isHeaded, let arrays = try arrays(in: bytes, models) else {
            let recording = try TokenFileReader.read(bytes)
            return ([("", recording)], try models.model(of: recording.header.model))
        }
        let model = try models.model()
        let c = model.configuration
        let header = try model.tokenHeader(
            sampleRate: c.sampleRate, counts: CodeCounts(all: c.quantizer.codebooks))
        let recordings = try arrays.map { name, array in
            let levels = try levels(beside: array, for: model)
            return (name, try array.recording(header: header, codes: c.quantizer.codes, levels: levels))
        }
        return (recordings, model)
    }

    /// Codes without a header; nil if that is none of their forms.
    private func arrays(in bytes: [UInt8], _ models: LoadedModels) throws -> [(name: String, array: CodeArray)]? {
        if flat {
            let quantizer = try models.model().configuration.quantizer
            let frames = try FlatTokens.frames(of: bytes, books: quantizer.codebooks, size: quantizer.codes)
            return [("", CodeArray(frames: frames))]
        }
        if let batch = try CodeBatch(bytes) { return batch.recordings }
        return try CodeArray(bytes, codebooksFirst: codebooksFirst).map { [("", $0)] }
    }

    /// The levels that were given beside the codes, or came with them.
    private func levels(beside array: CodeArray, for model: CodecModel) throws -> [UInt8?] {
        guard let levels else {
            // Where the codes say how loud a speaker is, levels of another model's say nothing.
            guard let own = array.levels, let steps = model.configuration.level?.steps else { return [] }
            return try CodeArray(frames: own).levels(steps: steps)
        }
        guard let steps = model.configuration.level?.steps else {
            throw UsageError("--levels: the codes of this model say how loud a speaker is")
        }
        return try InputFailure.naming(levels) {
            guard let array = try CodeArray(InputOutput.readAll(levels)) else {
                throw CodeArrayError.notAnArray("it is neither .npy nor .json")
            }
            return try array.levels(steps: steps)
        }
    }

    /// Whether a file holds all samples of a recording.
    private static func isWhole(_ path: String, of recording: TokenRecording) -> Bool {
        guard let wanted = recording.sampleCount, var reader = try? AudioFileReader(path: path),
            reader.sampleRate == recording.header.sampleRate
        else { return false }
        var count = 0
        while let samples = try? reader.read(upTo: reader.sampleRate), !samples.isEmpty { count += samples.count }
        return count == wanted && reader.warnings.isEmpty
    }
}

/// What gives samples, a part at a time.
private enum SampleSource {
    case frames(RecordingDecoder)
    case words(WordDecoder)

    /// The next samples, and how many frames these are at least; nil when the recording is over.
    mutating func read() throws -> (samples: [Float], frames: Int)? {
        switch self {
        case .frames(var decoder):
            defer { self = .frames(decoder) }
            return try decoder.read()
        case .words(var decoder):
            defer { self = .words(decoder) }
            let position = decoder.position
            return decoder.read().map { ($0, decoder.position - position) }
        }
    }

    var transcriptFit: TranscriptFit? { if case .frames(let decoder) = self { decoder.transcriptFit } else { nil } }
}

/// How token files are decoded.
private struct Decoding {
    let model: CodecModel
    let source: SampleSource
    let encoding: AudioFileWriter.Encoding
    let replaces: Bool
    let label: String

    func decode(
        _ recording: TokenRecording, to path: String, _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws {
        let rate = recording.header.sampleRate
        var decoder = source
        var resampler = try Resampler(from: model.configuration.sampleRate, to: rate)
        var writer = try AudioFileWriter(
            path: path, sampleRate: rate, encoding: encoding, replaces: replaces)
        // Sample rates that don't divide each other may leave a sample too many or too few.
        var remaining = recording.sampleCount ?? .max
        func wanted(_ samples: [Float]) -> ArraySlice<Float> {
            let wanted = samples.prefix(remaining)
            remaining -= wanted.count
            return wanted
        }
        while let (samples, frames) = try decoder.read() {
            try writer.write(wanted(resampler.process(samples)))
            let count = Double(frames)
            advance(count / Double(max(1, recording.frameCount)), count / model.configuration.frameRate)
        }
        try writer.write(wanted(resampler.finish()))
        if recording.sampleCount != nil, remaining <= rate / 100 {
            try writer.write(wanted([Float](repeating: 0, count: remaining)))
        }
        let clipped = writer.clipped
        try writer.finish()
        if clipped > 0 {
            Message.warning("\(label): \(clipped) samples are too loud for 16 bits and are clipped; --float keeps them")
        }
        if let complaint = decoder.transcriptFit?.complaint { Message.warning("\(label): \(complaint)") }
    }
}
