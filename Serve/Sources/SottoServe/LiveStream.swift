// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Sotto
import SottoStreams
import TokenFile

/// One stream of a page: samples in, through encoder, line and decoder, and all that is to be shown of it out.
final class LiveStream {
    struct Settings {
        var model: CodecModel
        /// Of what comes in, in Hz.
        var sampleRate: Int
        var codes: CodesPerFrame?
        var redundancy = false
        var pauses = false
    }

    let number: Int
    var line: LossyLine
    private let settings: Settings
    private let maxCodes: Int
    private var resampler: Resampler
    private var sender: SpeechSender
    private var receiver: SpeechReceiver
    /// Tells the codes in the packets that are sent.
    private var sent: LivePacketParser
    private let kept: KeptStream?
    private var (frame, position) = (0, 0)
    private var (encodeSeconds, decodeSeconds) = (0.0, 0.0)

    init(_ settings: Settings, number: Int, line: LossyLine, kept: KeptStream? = nil) throws {
        (self.settings, self.number, self.line, self.kept) = (settings, number, line, kept)
        let model = settings.model
        resampler = try Resampler(from: settings.sampleRate, to: model.configuration.sampleRate)
        sender = try SpeechSender(
            model, codes: settings.codes, repeatsFirstCodes: settings.redundancy, sendsPauses: settings.pauses)
        receiver = try SpeechReceiver(ModelShelf(model))
        sent = try LivePacketParser(bitsPerCode: model.configuration.bitsPerCode)
        maxCodes = try SpeechEncoder(model, codes: settings.codes).counts.maxCodes
    }

    /// Processor time so far, of both sides.
    var seconds: Double { encodeSeconds + decodeSeconds }

    /// What a page is told first.
    func greeting() throws -> LiveMessage {
        let c = settings.model.configuration
        return try .json(
            LiveReply.Stream(
                stream: number, rate: c.sampleRate, frameRate: c.frameRate, frameSize: c.frameSize,
                bitsPerCode: c.bitsPerCode, maxCodes: maxCodes))
    }

    /// Takes mono samples at the stream's own rate.
    func push(_ samples: [Float]) throws -> [LiveMessage] {
        try kept?.append(said: samples)
        let packets = try timed(&encodeSeconds) { try sender.push(resampler.process(samples)) }
        return try send(packets)
    }

    /// Ends the stream.
    func finish() throws -> [LiveMessage] {
        let packets = try timed(&encodeSeconds) { try sender.push(resampler.finish()) + sender.finish() }
        var messages = try send(packets)
        messages += try audio(timed(&decodeSeconds) { try receiver.finish() })
        messages.append(try .json(LiveReply.End(stream: number)))
        try kept?.finish()
        return messages
    }

    private func send(_ packets: [[UInt8]]) throws -> [LiveMessage] {
        guard !packets.isEmpty else { return [] }
        let first = frame
        var (frames, samples): ([LiveReply.Frames.Frame], [Float]) = ([], [])
        for packet in packets {
            // The first packet of all says what is spoken, as setting up a call would, and comes.
            let isLost = frame > 0 && line.losesNext()
            for arrival in sent.arrivals(of: packet) { frames += shown(arrival, isLost: isLost) }
            frame = first + frames.count
            if !isLost { samples += try timed(&decodeSeconds) { try receiver.push(packet) } }
        }
        kept?.append(frames.map(\.codes))
        let heard = receiver.statistics
        let reply = LiveReply.Frames(
            stream: number, first: first, frames: frames, bytes: packets.reduce(0) { $0 + $1.count },
            encodeSeconds: encodeSeconds, decodeSeconds: decodeSeconds, received: heard.received, missed: heard.lost,
            repaired: heard.repaired)
        return try [.json(reply)] + audio(samples)
    }

    private func shown(_ arrival: Arrival, isLost: Bool) -> [LiveReply.Frames.Frame] {
        let lost = isLost ? true : nil
        return switch arrival {
        case .codes(let codes): [.init(codes: codes, lost: lost)]
        default: (0..<arrival.frameCount).map { _ in .init(lost: lost) }
        }
    }

    private func audio(_ samples: [Float]) throws -> [LiveMessage] {
        guard !samples.isEmpty else { return [] }
        try kept?.append(voice: samples)
        defer { position += samples.count }
        return [.audio(stream: number, position: position, samples: samples)]
    }
}

extension LivePacketParser {
    /// What a packet, with nothing lost before it, brings.
    fileprivate mutating func arrivals(of packet: [UInt8]) -> [Arrival] {
        push(packet).compactMap { if case .frames(let arrival) = $0 { arrival } else { nil } }
    }
}
