// SPDX-License-Identifier: Apache-2.0

/// What a live stream is made of: each packet stands alone, so that any of them may be lost. See Docs/token-format.md.
public enum LivePacket: Hashable, Sendable {
    /// Says which model the codes are for; sent first and every few seconds.
    case hello(model: ModelIdentity, nextFrame: Int)
    /// One token frame: its number modulo 256, one code or more of it, coarsest first, and for the case that it is lost the first
    /// code of the frame before, if the sender repeats it.
    case frame(number: UInt8, codes: [UInt16], before: UInt16? = nil)
    /// A pause begins or goes on with this frame: the background's level in each of 16 bands stands in for its codes.
    case noise(number: UInt8, levels: [UInt8])
    /// The pause goes on up to this frame at least, with the levels sent last.
    case pause(number: UInt8)

    /// Codes that a frame's packet can hold.
    public static let mostCodes = 8
    /// Frames from one hello to the next: 5 s.
    public static func helloInterval(frameRate: Double) -> Int { max(1, Int((5.12 * frameRate).rounded())) }
    /// Frames after which a pause shows that the line is alive: 320 ms at 12.5 Hz.
    public static let pauseInterval = 4

    static let helloMarker: UInt8 = 0xD3
    static let noiseMarker: UInt8 = 0xB4
    static let pauseMarker: UInt8 = 0xB5
    static let noiseLevels = 16
    /// The upper five bits of a frame's first byte; the lower three hold its number of codes, less one.
    static let frameMarker: UInt8 = 0b1010_1000
    /// The same of frames with the first code of the one before.
    static let doubleMarker: UInt8 = 0b1011_1000
    static let helloSize = 16
    static let noiseSize = 4 + noiseLevels
    static let pauseSize = 4
    static let version: UInt8 = 1

    /// The packet's bytes; codes take `bitsPerCode` each, and there are at most eight.
    public func bytes(bitsPerCode: Int) -> [UInt8] {
        var out = ByteWriter()
        switch self {
        case .hello(let model, let nextFrame):
            out.append([Self.helloMarker, Self.version])
            out.append(model.bytes)
            out.append(UInt32(truncatingIfNeeded: nextFrame))
        case .frame(let number, let codes, let before):
            precondition((1...LivePacket.mostCodes).contains(codes.count))
            let marker = before == nil ? Self.frameMarker : Self.doubleMarker
            out.append([marker | UInt8(codes.count - 1), number])
            out.append(BitPacking.pack(codes + [before].compactMap(\.self), bits: bitsPerCode))
        case .noise(let number, let levels):
            precondition(levels.count == Self.noiseLevels)
            out.append([Self.noiseMarker, number] + levels)
        case .pause(let number):
            out.append([Self.pauseMarker, number])
        }
        out.append(Checksum.crc16(out.bytes))
        return out.bytes
    }

    static func frameSize(codes: Int, bits: Int) -> Int { 4 + BitPacking.byteCount(codes: codes, bits: bits) }
}

/// Finds packets in a stream that may begin anywhere, lose parts and hold garbage.
public struct LivePacketParser: Sendable {
    public enum Event: Hashable, Sendable {
        /// What the codes are for, and the number of the frame that comes next, lost or not.
        case hello(ModelIdentity, nextFrame: Int)
        /// Frames that never came, since the last one that did.
        case lost(Int)
        case frame([UInt16])
        /// What the background sounds like from here on.
        case noise([UInt8])
        /// Frames of a pause.
        case paused(Int)
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
    /// The model of the last hello.
    private var model: ModelIdentity?
    /// Whether what was heard last was a pause; frames that are missing then belong to it.
    private var isPaused = false

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
        switch byte {
        case LivePacket.helloMarker: return LivePacket.helloSize
        case LivePacket.noiseMarker: return LivePacket.noiseSize
        case LivePacket.pauseMarker: return LivePacket.pauseSize
        default: break
        }
        guard let codes = codes(startingWith: byte) else { return nil }
        return LivePacket.frameSize(codes: codes.own + codes.before, bits: bitsPerCode)
    }

    /// How many codes a frame's packet holds, of its own and of the frame before; nil if it is no frame's.
    private func codes(startingWith byte: UInt8) -> (own: Int, before: Int)? {
        let marker = byte & 0b1111_1000
        guard marker == LivePacket.frameMarker || marker == LivePacket.doubleMarker else { return nil }
        return (Int(byte & 7) + 1, marker == LivePacket.doubleMarker ? 1 : 0)
    }

    private mutating func take(_ packet: ArraySlice<UInt8>, into events: inout [Event]) {
        var fields = ByteReader(packet)
        let marker = fields.next(UInt8.self)
        if marker == LivePacket.helloMarker {
            guard fields.next(UInt8.self) == LivePacket.version else { return }
            let identity = ModelIdentity((0..<8).map { _ in fields.next(UInt8.self) })
            if let model, model != identity {
                // A sender that starts afresh, however few frames it has sent before.
                (expected, isPaused) = (nil, false)
            }
            model = identity
            let place = events.count
            let missed = advance(toHello: fields.next(UInt32.self), &events)
            events.insert(.hello(identity, nextFrame: Int((expected?.number ?? 0) &- missed)), at: place)
            return
        }
        let number = fields.next(UInt8.self)
        guard !isLate(number) else { return }
        if marker == LivePacket.pauseMarker { isPaused = true }
        let content = fields.rest.dropLast(2)
        guard let count = codes(startingWith: marker) else {
            let noise: [Event] = marker == LivePacket.noiseMarker ? [.noise(Array(content))] : []
            return arrive(number, noise + [.paused(1)], isPause: true, into: &events)
        }
        let codes = BitPacking.unpack(content, count: count.own + count.before, bits: bitsPerCode)
        if count.before > 0, gap(to: number) > 0 {
            // What is left of the frame before, which was one of speech.
            arrive(number &- 1, [.frame(Array(codes.suffix(1)))], isPause: false, into: &events)
        }
        arrive(number, [.frame(Array(codes.prefix(count.own)))], isPause: false, into: &events)
    }

    /// The frame whose number ends in `number` is there; those missing before it are counted.
    private mutating func arrive(_ number: UInt8, _ frame: [Event], isPause: Bool, into events: inout [Event]) {
        advance(toFrame: number, &events)
        events += frame
        isPaused = isPause
        expected?.number &+= 1
    }

    /// How far the frame whose number ends in `number` is ahead of the expected one, modulo 256.
    private func gap(to number: UInt8) -> UInt8 {
        expected.map { number &- UInt8(truncatingIfNeeded: $0.number) } ?? 0
    }

    /// Whether a frame comes late or twice.
    private func isLate(_ number: UInt8) -> Bool { gap(to: number) > UInt8.max - Self.lateness }

    /// Counts the frames before the one whose number ends in `number`, and returns how many they are.
    @discardableResult
    private mutating func advance(toFrame number: UInt8, _ events: inout [Event]) -> UInt32 {
        if expected == nil { expected = Expected(number: UInt32(number), isWhole: false) }
        return miss(UInt32(gap(to: number)), &events)
    }

    /// Counts the frames before a hello, of losses too long for a frame's eight bits too, and returns how many they are.
    private mutating func advance(toHello number: UInt32, _ events: inout [Event]) -> UInt32 {
        guard let now = expected else {
            expected = Expected(number: number, isWhole: true)
            return 0
        }
        guard now.isWhole else {
            let low = UInt8(truncatingIfNeeded: number)
            let missed = isLate(low) ? 0 : advance(toFrame: low, &events)
            expected = Expected(number: number, isWhole: true)
            return missed
        }
        let gap = number &- now.number
        if gap <= Self.longestLoss { return miss(gap, &events) }
        if gap < 0 &- UInt32(Self.lateness) { expected?.number = number }
        return 0
    }

    private mutating func miss(_ count: UInt32, _ events: inout [Event]) -> UInt32 {
        guard count > 0 else { return 0 }
        events.append(isPaused ? .paused(Int(count)) : .lost(Int(count)))
        expected?.number &+= count
        return count
    }
}
