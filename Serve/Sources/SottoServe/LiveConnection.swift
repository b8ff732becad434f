// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOWebSocket
import Sotto
import SottoStreams

/// One page's live line: settings and samples in, codes and voice out.
struct LiveConnection {
    typealias Channel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    typealias Outbound = NIOAsyncChannelOutboundWriter<WebSocketFrame>

    let models: Models
    let streams: Slots
    let patience: Patience

    func run(_ channel: Channel) async throws {
        try await channel.executeThenClose { inbound, outbound in
            guard let slot = streams.take() else {
                let reason =
                    "all \(streams.count) live streams that this machine is fast enough for are taken; try again later"
                try await send([.json(LiveReply.Refused(reason: reason))], to: outbound)
                return try await close(outbound, .unknown(1013), "try again later")
            }
            do {
                try await talk(inbound, outbound)
            } catch let refusal as Refusal {
                try await send([.json(LiveReply.Refused(reason: refusal.text))], to: outbound)
                try await close(outbound, .policyViolation, refusal.text)
            } catch is CancellationError {
                channel.channel.writeAndFlush(Self.closing(.goingAway, "the server ends"), promise: nil)
            }
            withExtendedLifetime(slot) {}
        }
    }

    private func talk(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ outbound: Outbound) async throws {
        var frames = inbound.makeAsyncIterator()
        var session = LiveSession(models: models)
        patience.begin()
        while let frame = try await frames.next() {
            patience.end()
            // Every client has to mask what it sends, and none of ours sends a message in pieces.
            guard frame.maskKey != nil, frame.fin, frame.rsv1 == false, frame.rsv2 == false, frame.rsv3 == false else {
                return try await close(outbound, .protocolError, "not as a page sends it")
            }
            switch frame.opcode {
            case .text: try await send(session.take(request: Array(frame.unmaskedData.readableBytesView)), to: outbound)
            case .binary: try await send(session.take(samples: frame.unmaskedData), to: outbound)
            case .ping:
                try await write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData), to: outbound)
            case .pong: break
            case .connectionClose: return try await close(outbound, .normalClosure, "")
            default: return try await close(outbound, .unacceptableData, "not as a page sends it")
            }
            patience.begin()
        }
        patience.end()
    }

    private func send(_ messages: [LiveMessage], to outbound: Outbound) async throws {
        for message in messages {
            let frame: WebSocketFrame =
                switch message {
                case .text(let text): WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
                case .audio(let stream, let position, let samples):
                    WebSocketFrame(fin: true, opcode: .binary, data: Self.audio(stream, position, samples))
                }
            try await write(frame, to: outbound)
        }
    }

    /// The stream's number and the first sample's, 4 bytes each, then samples as 32-bit floating-point numbers; little-endian.
    private static func audio(_ stream: Int, _ position: Int, _ samples: [Float]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(truncatingIfNeeded: stream), endianness: .little)
        buffer.writeInteger(UInt32(truncatingIfNeeded: position), endianness: .little)
        for sample in samples { buffer.writeInteger(sample.bitPattern, endianness: .little) }
        return buffer
    }

    /// Waits while the client is slow to read: what it sends then waits too.
    private func write(_ frame: WebSocketFrame, to outbound: Outbound) async throws {
        patience.begin()
        defer { patience.end() }
        try await outbound.write(frame)
    }

    private func close(_ outbound: Outbound, _ code: WebSocketErrorCode, _ reason: String) async throws {
        try await write(Self.closing(code, reason), to: outbound)
    }

    private static func closing(_ code: WebSocketErrorCode, _ reason: String) -> WebSocketFrame {
        var buffer = ByteBuffer()
        buffer.write(webSocketErrorCode: code)
        // A closing frame holds 125 bytes.
        buffer.writeBytes(reason.utf8.prefix(120))
        return WebSocketFrame(fin: true, opcode: .connectionClose, data: buffer)
    }
}

/// The streams of one page, one after the other.
struct LiveSession {
    let models: Models
    private var stream: LiveStream?
    private var count = 0
    private var pace: Pace?

    init(models: Models) { self.models = models }

    /// Takes a message in JSON.
    mutating func take(request bytes: [UInt8]) throws -> [LiveMessage] {
        guard let request = try? JSONDecoder().decode(LiveRequest.self, from: Data(bytes)) else {
            throw Refusal(.badRequest, "the message is none that this server knows")
        }
        switch request.type {
        case .stop: return try end()
        case .line:
            stream?.line = try line(request)
            return []
        case .start:
            var messages = try end()
            let next = try begin(request)
            messages.append(try next.greeting())
            stream = next
            return messages
        }
    }

    /// Takes samples: 32-bit floating-point numbers, little-endian. Those that aren't finite become zero.
    mutating func take(samples bytes: ByteBuffer) throws -> [LiveMessage] {
        guard let stream else { throw Refusal(.badRequest, "samples came before a stream began") }
        guard bytes.readableBytes % 4 == 0 else { throw Refusal(.badRequest, "a message ended inside of a sample") }
        var bytes = bytes
        var samples: [Float] = []
        samples.reserveCapacity(bytes.readableBytes / 4)
        while let bits = bytes.readInteger(endianness: .little, as: UInt32.self) {
            let sample = Float(bitPattern: bits)
            samples.append(sample.isFinite ? min(max(sample, -8), 8) : 0)
        }
        guard pace?.allows(samples.count) ?? true else {
            throw Refusal(.badRequest, "audio comes faster than it can be spoken")
        }
        return try stream.push(samples)
    }

    private mutating func begin(_ request: LiveRequest) throws -> LiveStream {
        let model = try models.named(request.model)
        let rate = request.rate ?? 0
        guard supportedRates.contains(rate) else {
            throw Refusal(.badRequest, "a sample rate of \(rate) Hz is not supported")
        }
        let codes = try CodesPerFrame(
            request.codes, average: request.average ?? false, of: model.configuration.quantizer.codebooks)
        count += 1
        pace = Pace(rate: rate)
        return try LiveStream(
            LiveStream.Settings(
                model: model, sampleRate: rate, codes: codes, redundancy: request.redundancy ?? false,
                pauses: request.pauses ?? false),
            number: count, line: line(request),
            kept: KeptStream.next(sampleRate: rate, voiceRate: model.configuration.sampleRate))
    }

    private mutating func end() throws -> [LiveMessage] {
        defer { stream = nil }
        return try stream?.finish() ?? []
    }

    private func line(_ request: LiveRequest) throws(Refusal) -> LossyLine {
        guard let line = LossyLine(loss: (request.loss ?? 0) / 100, burst: request.burst ?? 1) else {
            throw Refusal(.badRequest, "a line may lose 0 to 50 %, 1 to 20 in a row")
        }
        return line
    }

    private var supportedRates: ClosedRange<Int> { 8000...192_000 }
}

/// Whether audio comes as fast as it is spoken, or about.
private struct Pace {
    private let rate: Double
    private let start = ContinuousClock.now
    private var count = 0

    init(rate: Int) { self.rate = Double(rate) }

    mutating func allows(_ more: Int) -> Bool {
        count += more
        let spoken = start.duration(to: .now) / .seconds(1)
        return Double(count) / rate <= spoken + Limits.secondsAhead
    }
}
