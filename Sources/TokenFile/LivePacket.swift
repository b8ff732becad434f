// SPDX-License-Identifier: Apache-2.0

/// What a live stream is made of: each packet stands alone, so that any of them may be lost. See Docs/token-format.md.
public enum LivePacket: Hashable, Sendable {
    /// Says which model the codes are for; sent first and every `helloInterval` frames.
    case hello(model: ModelIdentity, nextFrame: Int)
    /// One token frame: its number modulo 256, and one code or more of it, coarsest first.
    case frame(number: UInt8, codes: [UInt16])

    /// Frames between two hellos: 5 s at 12.5 Hz.
    public static let helloInterval = 64

    static let helloMarker: UInt8 = 0xD3
    /// The upper five bits of a frame's first byte; the lower three hold its number of codes, less one.
    static let frameMarker: UInt8 = 0b1010_1000
    static let helloSize = 16
    static let version: UInt8 = 1

    /// The packet's bytes; codes take `bitsPerCode` each, and there are at most eight.
    public func bytes(bitsPerCode: Int) -> [UInt8] {
        var out = ByteWriter()
        switch self {
        case .hello(let model, let nextFrame):
            out.append([Self.helloMarker, Self.version])
            out.append(model.bytes)
            out.append(UInt32(truncatingIfNeeded: nextFrame))
        case .frame(let number, let codes):
            precondition((1...8).contains(codes.count))
            out.append([Self.frameMarker | UInt8(codes.count - 1), number])
            out.append(BitPacking.pack(codes, bits: bitsPerCode))
        }
        out.append(Checksum.crc16(out.bytes))
        return out.bytes
    }

    static func frameSize(codes: Int, bits: Int) -> Int { 4 + BitPacking.byteCount(codes: codes, bits: bits) }
}

/// Finds packets in a stream that may begin anywhere, lose parts and hold garbage.
public struct LivePacketParser: Sendable {
    public enum Event: Hashable, Sendable {
        case hello(ModelIdentity)
        /// Frames that never came, since the last one that did.
        case lost(Int)
        case frame([UInt16])
        /// Bytes that belong to no packet.
        case skipped(Int)
    }

    /// Frames by which a packet may come late; farther back, its number is that of a frame ahead.
    static let lateness: UInt8 = 32
    /// Frames that may be lost in a row, an hour at 12.5 Hz; a greater step is the sender's fresh start.
    public static let longestLoss: UInt32 = 45_000

    private let bitsPerCode: Int
    private var buffer: [UInt8] = []
    private var expected: Expected?

    /// The next frame's number.
    private struct Expected {
        var number: UInt32
        /// Whether more than the lowest eight bits are known, from a hello.
        var isWhole: Bool
    }

    public init(bitsPerCode: Int) { self.bitsPerCode = bitsPerCode }

    /// Takes bytes in any chunking. At most one unfinished packet is kept.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> [Event] {
        buffer += bytes
        var events: [Event] = []
        var (position, skipped) = (0, 0)
        while position < buffer.count {
            guard let size = packetSize(startingWith: buffer[position]) else {
                (position, skipped) = (position + 1, skipped + 1)
                continue
            }
            guard position + size <= buffer.count else { break }
            let packet = buffer[position..<position + size]
            guard Checksum.crc16(packet.dropLast(2)) == ByteReader(packet.suffix(2)).peek(UInt16.self) else {
                (position, skipped) = (position + 1, skipped + 1)
                continue
            }
            if skipped > 0 { events.append(.skipped(skipped)) }
            skipped = 0
            take(packet, into: &events)
            position += size
        }
        if skipped > 0 { events.append(.skipped(skipped)) }
        buffer.removeFirst(position)
        return events
    }

    private func packetSize(startingWith byte: UInt8) -> Int? {
        if byte == LivePacket.helloMarker { return LivePacket.helloSize }
        guard byte & 0b1111_1000 == LivePacket.frameMarker else { return nil }
        return LivePacket.frameSize(codes: Int(byte & 7) + 1, bits: bitsPerCode)
    }

    private mutating func take(_ packet: ArraySlice<UInt8>, into events: inout [Event]) {
        var fields = ByteReader(packet)
        let marker = fields.next(UInt8.self)
        if marker == LivePacket.helloMarker {
            guard fields.next(UInt8.self) == LivePacket.version else { return }
            events.append(.hello(ModelIdentity((0..<8).map { _ in fields.next(UInt8.self) })))
            advance(toHello: fields.next(UInt32.self), &events)
            return
        }
        let number = fields.next(UInt8.self)
        guard advance(toFrame: number, &events) else { return }
        events.append(.frame(BitPacking.unpack(fields.rest.dropLast(2), count: Int(marker & 7) + 1, bits: bitsPerCode)))
        expected?.number &+= 1
    }

    /// Counts the frames before the one whose number ends in `number`; false if it comes late or twice.
    private mutating func advance(toFrame number: UInt8, _ events: inout [Event]) -> Bool {
        guard let next = expected?.number else {
            expected = Expected(number: UInt32(number), isWhole: false)
            return true
        }
        let gap = number &- UInt8(truncatingIfNeeded: next)
        guard gap <= UInt8.max - Self.lateness else { return false }
        lose(UInt32(gap), &events)
        return true
    }

    /// Counts the frames before a hello, of losses too long for a frame's eight bits too.
    private mutating func advance(toHello number: UInt32, _ events: inout [Event]) {
        guard let now = expected else {
            expected = Expected(number: number, isWhole: true)
            return
        }
        guard now.isWhole else {
            _ = advance(toFrame: UInt8(truncatingIfNeeded: number), &events)
            expected = Expected(number: number, isWhole: true)
            return
        }
        let gap = number &- now.number
        if gap <= Self.longestLoss {
            lose(gap, &events)
        } else if gap < 0 &- UInt32(Self.lateness) {
            expected?.number = number
        }
    }

    private mutating func lose(_ count: UInt32, _ events: inout [Event]) {
        guard count > 0 else { return }
        events.append(.lost(Int(count)))
        expected?.number &+= count
    }
}
