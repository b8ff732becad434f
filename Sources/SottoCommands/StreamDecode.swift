// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Foundation
import Sotto
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
    @OptionGroup var codebooks: CodebookOptions
    @Option(
        help: ArgumentHelp("What is said: an open descriptor's number, a file or a named pipe.", valueName: "place"))
    var textFrom: String?
    @OptionGroup var model: ModelOptions

    func run() throws {
        let interruption = try Interruption()
        let report = LiveReport()
        SignalThread.start(on: SIGUSR1) { report.say() }
        let models = try ModelShelf(model)
        let most = try codebooks.count(of: models.first.configuration.quantizer.codebooks)
        var lines = try textFrom.map { try TranscriptLines(from: $0) }
        var parser = try LivePacketParser(bitsPerCode: models.first.configuration.bitsPerCode)
        var receiver = try StreamReceiver(models, codebooks: most, player: player)
        var start = StreamStart()
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            try start.check(bytes)
            for line in try lines?.read() ?? [] { receiver.player.transcripts.add(line.text, from: line.frame) }
            let events = parser.push(bytes)
            report.update(parser.statistics)
            for event in events { try receiver.take(event) }
        }
        for event in parser.finish() { try receiver.take(event) }
        report.update(parser.statistics)
        try receiver.player.finish()
        if !parser.statistics.isPerfect { report.say() }
        if let signal { throw Interrupted(signal: signal) }
        guard parser.statistics.packets > 0 || start.isEmpty else { throw TokenFileError.noPackets }
        try receiver.requireModel()
    }

    private func player(of model: Model) throws -> StreamPlayer {
        let decoder =
            try textFrom == nil
            ? AlignedDecoder(model, sampleCount: nil) : AlignedDecoder(model, sampleCount: nil, transcript: "")
        return StreamPlayer(
            decoder, resampler: try Resampler(from: model.configuration.sampleRate, to: pcm.rate),
            encoder: try PCMEncoder(format: pcm.format, channels: pcm.channels))
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
