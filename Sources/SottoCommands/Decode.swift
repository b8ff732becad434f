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
        abstract: "Turn tokens into speech.",
        discussion: """
            Writes WAV or FLAC by the output's ending; - is standard input, or a WAV on standard output. A model that reads \
            text takes the transcript that the file holds unless another is given. Of folders, all .sotto files in them are \
            taken, and become .wav files. Codes without a header do too, as a language model makes them: [frames, codes] in \
            .npy or .npz, a list of lists in .json, or a line of .jsonl; --model says whose they are.
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
            var (recording, model) = try read(job.input, models)
            guard model.readsText || given == nil else { throw ModelError.readsNoText }
            if output.resume, Self.isWhole(job.output, of: recording) { return }
            for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
            if noText || !model.readsText { recording.texts = [] }
            if let given { recording.texts = [TextSegment(frames: 0..<recording.frames.count, text: given)] }
            let decoding = Decoding(
                model: model, codes: try codes.maximum(of: recording.header.counts.maxCodes),
                encoding: float ? .float32 : .pcm16, replaces: output.replaces, label: job.input)
            if job.output == "-" {
                let folder = try ScratchFolder()
                let file = folder.path(of: "output.wav")
                try decoding.decode(recording, to: file, advance)
                try ByteSink.standardOutput.write(InputOutput.readAll(file))
            } else {
                try output.makeFolder(for: job.output, in: batch)
                try decoding.decode(recording, to: job.output, advance)
            }
        }
    }

    /// What a token file holds and the model that its codes are of; or an array of codes, which are of the model that was asked for.
    private func read(_ input: String, _ models: LoadedModels) throws -> (TokenRecording, CodecModel) {
        let bytes = try InputOutput.readAll(input)
        guard let array = try CodeArray(bytes, codebooksFirst: codebooksFirst) else {
            guard levels == nil else {
                throw UsageError("--levels go with codes without a header; this file has its own")
            }
            let recording = try TokenFileReader.read(bytes)
            return (recording, try models.model(of: recording.header.model))
        }
        let model = try models.model()
        let c = model.configuration
        let header = try model.tokenHeader(
            sampleRate: c.sampleRate, counts: CodeCounts(all: c.quantizer.codebooks))
        return (
            try array.recording(header: header, codes: c.quantizer.codes, levels: readLevels(for: model)), model
        )
    }

    /// The levels that were given beside the codes.
    private func readLevels(for model: CodecModel) throws -> [UInt8?] {
        guard let levels else { return [] }
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

/// How token files are decoded.
private struct Decoding {
    let model: CodecModel
    let codes: Int
    let encoding: AudioFileWriter.Encoding
    let replaces: Bool
    let label: String

    func decode(
        _ recording: TokenRecording, to path: String, _ advance: (_ share: Double, _ seconds: Double) -> Void
    ) throws {
        let rate = recording.header.sampleRate
        var decoder = try RecordingDecoder(recording, by: model, codes: codes)
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
            advance(count / Double(max(1, recording.frames.count)), count / model.configuration.frameRate)
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
