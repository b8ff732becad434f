// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Quantizer
import Sotto
import SystemIO
import TokenFile

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn tokens into speech.",
        discussion: """
            Writes WAV or FLAC by the output's ending; - is standard input, or a WAV on standard output. A model that reads \
            text takes the transcript that the file holds unless another is given.
            """)

    @Argument(help: ArgumentHelp("The token files.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var codebooks: CodebookOptions
    @OptionGroup var transcript: TranscriptOptions
    @Flag(help: "Don't read the transcript that the file holds.")
    var noText = false
    @Flag(help: "Write 32-bit floating-point samples instead of 16-bit integers.")
    var float = false
    @OptionGroup var model: ModelOptions

    func run() throws {
        let given = try transcript.read(for: inputs)
        guard !noText || given == nil else { throw UsageError("--no-text and a transcript contradict each other") }
        let pairs = try Places.pair(inputs, with: output.output, ending: "wav")
        try Places.protect(inputs + [transcript.textFile, self.model.path], from: pairs.map(\.output))
        try Message.endInOrderOnSignals()
        var loaded: Model?
        for (input, path) in pairs {
            var recording = try InputFailure.naming(input) { try TokenFileReader.read(Places.readAll(input)) }
            let model = try InputFailure.naming(input) {
                try self.model.load(for: recording.header.model, known: loaded)
            }
            loaded = model
            guard model.readsText || given == nil else { throw ModelError.readsNoText }
            for warning in recording.warnings { Message.warning("\(input): \(warning)") }
            if noText || !model.readsText { recording.texts = [] }
            if let given { recording.texts = [TextSegment(frames: 0..<recording.frames.count, text: given)] }
            let count = try codebooks.count(of: recording.header.counts.most)
            if path == "-" {
                let folder = try ScratchFolder()
                let file = folder.path(of: "output.wav")
                try decode(recording, codebooks: count, with: model, to: file, label: input)
                try ByteSink.standardOutput.write(Places.readAll(file))
            } else {
                try decode(recording, codebooks: count, with: model, to: path, label: input)
            }
        }
    }

    private func decode(
        _ recording: TokenRecording, codebooks: Int, with model: Model, to path: String, label: String
    ) throws {
        let (rate, modelRate) = (recording.header.sampleRate, model.configuration.sampleRate)
        let modelSamples = recording.sampleCount.map {
            Int((Double($0) * Double(modelRate) / Double(rate)).rounded(.up))
        }
        var decoder =
            try recording.texts.isEmpty
            ? AlignedDecoder(model, sampleCount: modelSamples)
            : AlignedDecoder(model, sampleCount: modelSamples, transcript: "")
        var resampler = try Resampler(from: modelRate, to: rate)
        var writer = try AudioFileWriter(
            path: path, sampleRate: rate, encoding: float ? .float32 : .pcm16, replaces: output.force)
        var progress = Progress(URL(filePath: label).lastPathComponent, total: recording.frames.count)
        // Rates that don't divide each other may leave a sample too many or too few.
        var remaining = recording.sampleCount ?? .max
        func wanted(_ samples: [Float]) -> ArraySlice<Float> {
            let wanted = samples.prefix(remaining)
            remaining -= wanted.count
            return wanted
        }
        var transcripts = TranscriptSchedule(recording.texts)
        var done = 0
        while done < recording.frames.count {
            transcripts.apply(at: done, to: &decoder)
            let end = min(recording.frames.count, done + Decoder.framesAtOnce, transcripts.nextChange)
            let frames = recording.frames[done..<end].map { $0.map { Array($0.prefix(codebooks)) } }
            let lost = frames.prefix { $0 == nil }.count
            let audio: ArraySlice<Float>
            if lost > 0, lost < frames.count, let next = frames[lost] {
                audio = try decoder.push(next, afterLosing: lost)
                done += lost + 1
            } else {
                let run = lost > 0 ? frames : Array(frames.prefix { $0 != nil })
                audio = try decoder.push(frames: run)
                done += run.count
            }
            try writer.write(wanted(resampler.process(Array(audio))))
            progress.update(done)
        }
        let complaint = transcripts.complaint(at: done, decoder)
        try writer.write(wanted(resampler.process(Array(decoder.finish()))))
        try writer.write(wanted(resampler.finish()))
        if recording.sampleCount != nil, remaining <= rate / 100 {
            try writer.write(wanted([Float](repeating: 0, count: remaining)))
        }
        let clipped = writer.clipped
        try writer.finish()
        if clipped > 0 {
            Message.warning("\(label): \(clipped) samples are too loud for 16 bits and are clipped; --float keeps them")
        }
        if let complaint { Message.warning("\(label): \(complaint)") }
    }
}
