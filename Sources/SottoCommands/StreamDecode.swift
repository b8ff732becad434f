// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Sotto
import SottoStreams
import Synchronization
import SystemIO
import TokenFile

struct StreamDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Token packets in, raw audio out, each frame as soon as it is there.",
        discussion: """
            The model is the one that the stream names, of those that came with sotto, unless --model says otherwise; \
            a receiver that joins mid-stream hears the usual one until then. Frames of a model that is not here are silent.

            If packets were lost, late or damaged, a line on standard error counts them at the end; SIGUSR1 asks for it \
            at any time.

            What is said may come beside the packets, with --text-from, for a model that reads text: in lines of a frame's \
            number as the sender counts, a tab, and what is said from that frame on; no text ends it. A line holds from its \
            frame on if it has been written before the frame's packet, else from the next frame on, unless one of a later \
            frame holds already. The speech comes out later with this option, by as many frames as the model looks ahead. \
            See Docs/text.md.
            """)

    @OptionGroup var pcm: PCMOptions
    @OptionGroup var codes: MaximumCodesOptions
    @Option(
        help: ArgumentHelp("What is said: an open descriptor's number, a file or a named pipe.", valueName: "place"))
    var textFrom: String?
    @OptionGroup var model: ModelOptions

    func run() throws {
        let interruption = try Interruption()
        let report = LiveReport()
        SignalThread.start(on: SIGUSR1) { report.say() }
        let shelf = try model.shelf()
        let first = shelf.first.configuration
        var lines = try textFrom.map { try TranscriptLines(from: $0) }
        var receiver = try SpeechReceiver(
            shelf, codes: try codes.maximum(of: first.quantizer.codebooks), usesTranscripts: textFrom != nil)
        var output = Output(
            resampler: try Resampler(from: first.sampleRate, to: pcm.rate),
            encoder: try PCMEncoder(format: pcm.format, channels: pcm.channels))
        var (start, warnings) = (StreamStart(), Warnings())
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            try start.check(bytes)
            for line in try lines?.read() ?? [] { receiver.add(transcript: line.text, from: line.frame) }
            receiver.append(bytes)
            try play(&receiver, to: &output, report)
            warnings.say(of: receiver)
        }
        receiver.end()
        try play(&receiver, to: &output, report)
        warnings.say(of: receiver)
        try output.finish()
        if let complaint = receiver.transcriptFit?.complaint { Message.warning(complaint) }
        output.warn()
        if !receiver.statistics.isPerfect { report.say() }
        if let signal { throw Interrupted(signal: signal) }
        guard receiver.statistics.packets > 0 || start.isEmpty else { throw TokenFileError.noPackets }
        try receiver.requireModel()
    }
}

/// Writes all that is known by now, once the report tells of it: in one piece, unless it is long.
private func play(_ receiver: inout SpeechReceiver, to output: inout Output, _ report: LiveReport) throws {
    var audio: [Float] = []
    while let some = try receiver.read() {
        audio += some
        guard audio.count > 1 << 18 else { continue }
        try output.write(audio)
        audio = []
    }
    report.update(receiver.statistics)
    try output.write(audio)
}

/// Samples → raw audio on standard output.
private struct Output: ~Copyable {
    private var resampler: Resampler
    private var encoder: PCMEncoder

    init(resampler: consuming Resampler, encoder: PCMEncoder) {
        self.resampler = resampler
        self.encoder = encoder
    }

    mutating func write(_ audio: [Float]) throws {
        guard !audio.isEmpty else { return }
        try ByteSink.standardOutput.write(encoder.encode(resampler.process(audio)))
    }

    mutating func finish() throws { try ByteSink.standardOutput.write(encoder.encode(resampler.finish())) }

    func warn() {
        guard encoder.clipped > 0 else { return }
        Message.warning(
            "\(encoder.clipped) samples are too loud for 16 bits and are clipped; --format f32le keeps them")
    }
}

/// What is said once of a stream, as soon as it is known.
private struct Warnings {
    private var isSaidOfModel = false
    private var isSaidOfVersion = false

    mutating func say(of receiver: SpeechReceiver) {
        if let model = receiver.unknownModel, !isSaidOfModel {
            isSaidOfModel = true
            Message.warning("the stream is of model \(model.fullName), which is not here: its frames are silent")
        }
        if let version = receiver.unknownVersion, !isSaidOfVersion {
            isSaidOfVersion = true
            Message.warning("the stream is of version \(version), newer than this program; update sotto to hear it")
        }
    }
}

/// The first bytes of what should be a stream of packets.
private struct StreamStart {
    private var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }

    /// - Throws: `TokenFileError.tokenFile` if with these, which come next, a token file begins.
    mutating func check(_ next: [UInt8]) throws(TokenFileError) {
        guard bytes.count < TokenHeader.magic.count else { return }
        bytes += next.prefix(TokenHeader.magic.count - bytes.count)
        if bytes == TokenHeader.magic { throw .tokenFile }
    }
}

/// What has become of the packets so far, for whoever asks, on another thread too.
private final class LiveReport: Sendable {
    private let statistics = Mutex(LiveStatistics())

    func update(_ new: LiveStatistics) { statistics.withLock { $0 = new } }

    func say() { Message.write("sotto: \(statistics.withLock { $0 })") }
}
