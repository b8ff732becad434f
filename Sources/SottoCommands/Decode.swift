// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Sotto
import SystemIO
import TokenFile

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn tokens into speech.",
        discussion: "Writes WAV or FLAC by the output's ending; - is standard input, or a WAV on standard output.")

    @Argument(help: ArgumentHelp("The token files.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var codebooks: CodebookOptions
    @Flag(help: "Write 32-bit floating-point samples instead of 16-bit integers.")
    var float = false
    @OptionGroup var model: ModelOptions

    func run() throws {
        let pairs = try Places.pair(inputs, with: output.output, ending: "wav")
        let model = try model.load()
        for (input, path) in pairs {
            let recording = try TokenFileReader.read(Places.readAll(input))
            try recording.requireModel(model.tokenIdentity)
            for warning in recording.warnings { Message.warning("\(input): \(warning)") }
            let count = try codebooks.count(of: recording.header.codebooks)
            if path == "-" {
                let file = Places.temporaryPath("output.wav")
                defer { try? FileManager.default.removeItem(atPath: file) }
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
        var decoder = AlignedDecoder(model, sampleCount: modelSamples)
        var resampler = try Resampler(from: modelRate, to: rate)
        let writer = try AudioFileWriter(
            path: path, sampleRate: rate, encoding: float ? .float32 : .pcm16, replaces: output.force)
        var progress = Progress(URL(filePath: label).lastPathComponent, total: recording.frames.count)
        // Rates that don't divide each other may leave a sample too many or too few.
        var remaining = recording.sampleCount ?? .max
        func write(_ samples: [Float]) throws {
            let wanted = samples.prefix(remaining)
            remaining -= wanted.count
            try writer.write(wanted)
        }
        for start in stride(from: 0, to: recording.frames.count, by: Decoder.framesAtOnce) {
            let frames = recording.frames[start...].prefix(Decoder.framesAtOnce)
            try write(
                resampler.process(Array(decoder.push(frames: frames.map { $0.map { Array($0.prefix(codebooks)) } }))))
            progress.update(start + frames.count)
        }
        try write(resampler.finish())
        if recording.sampleCount != nil, remaining <= rate / 100 {
            try write([Float](repeating: 0, count: remaining))
        }
        try writer.finish()
    }
}
