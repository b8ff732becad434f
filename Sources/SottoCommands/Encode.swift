// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Sotto
import SystemIO
import TokenFile

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into tokens.",
        discussion: """
            Reads WAV, FLAC, Ogg Vorbis, Opus, MP3 and AIFF at 8 to 192 kHz; - is standard input or output. A transcript is \
            stored with the tokens, and its pace with it, unless it fits badly.
            """)

    @Argument(help: ArgumentHelp("The recordings.", valueName: "audio"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var encoding: EncodingOptions
    @OptionGroup var transcript: TranscriptOptions
    @Option(
        help: ArgumentHelp(
            "Take this one of the recording's channels, counted from 1, not their average.", valueName: "n"))
    var channel: Int?
    @OptionGroup var model: ModelOptions

    func run() throws {
        let transcript = try transcript.read(for: inputs)
        let pairs = try Places.pair(inputs, with: output.output, ending: "sotto")
        for (_, path) in pairs { try Self.checkEnding(of: path) }
        try Places.protect(inputs + [self.transcript.textFile, self.model.path], from: pairs.map(\.output))
        try Message.endInOrderOnSignals()
        let model = try model.load()
        let encoder = try encoding.encoder(of: model, transcript: transcript)
        for (input, path) in pairs {
            try Places.withSeekableInput(input) { file in
                let name = input == "-" ? ByteSource.standardInputName : input
                if path == "-" {
                    let reader = try AudioFileReader(path: file, name: name, channel: channel)
                    try encode(reader, by: model, encoder, transcript, to: .standardOutput)
                } else {
                    let output = try OutputFile(path: path, replaces: output.force)
                    let reader = try AudioFileReader(path: file, name: name, channel: channel)
                    let header = try encode(reader, by: model, encoder, transcript, to: output.sink)
                    try output.rewriteStart(header)
                    try output.commit()
                }
            }
        }
    }

    /// Refuses endings that mean something else than tokens.
    private static func checkEnding(of path: String) throws(UsageError) {
        let ending = URL(filePath: path).pathExtension.lowercased()
        if audioEndings.contains(ending) {
            throw UsageError("\(path): tokens are no audio; name the output .sotto, and use sotto decode to hear them")
        }
        if Export.endings.contains(ending) {
            throw UsageError("\(path): encode to .sotto first, and make .\(ending) of that with sotto export")
        }
    }

    /// Returns the header that belongs to the start now that all is known.
    @discardableResult
    private func encode(
        _ recording: consuming AudioFileReader, by model: Model, _ fresh: Encoder, _ transcript: String?,
        to sink: ByteSink
    ) throws -> [UInt8] {
        var reader = recording
        var resampler = try Resampler(from: reader.sampleRate, to: model.configuration.sampleRate)
        var encoder = fresh
        var writer = TokenFileWriter(header: model.tokenHeader(sampleRate: reader.sampleRate, encoder: encoder))
        var progress = Progress(URL(filePath: reader.name).lastPathComponent, total: reader.frameCount)
        var (sampleCount, frameCount) = (0, 0)
        try sink.write(writer.start)
        func write(_ frames: [Codes]) throws {
            frameCount += frames.count
            try sink.write(frames.flatMap { writer.append($0) })
        }
        while case let samples = try reader.read(upTo: reader.sampleRate), !samples.isEmpty {
            sampleCount += samples.count
            try write(encoder.push(resampler.process(samples)))
            progress.update(sampleCount)
        }
        try write(encoder.push(resampler.finish()))
        try write(encoder.finish())
        if let transcript, !transcript.isEmpty {
            let segment = TextSegment(frames: 0..<frameCount, text: transcript, pace: encoder.pace)
            try sink.write(writer.append(segment))
        }
        let (end, header) = writer.finish(sampleCount: sampleCount)
        try sink.write(end)
        for warning in reader.warnings { Message.warning(warning) }
        if reader.channelsCancel {
            Message.warning("the channels of \(reader.name) cancel each other out; take one of them: --channel 1")
        }
        if let complaint = encoder.transcriptMatch.flatMap(TranscriptSchedule.complaint(match:)) {
            Message.warning("\(complaint) It is stored without its pace.")
        }
        return header
    }
}
