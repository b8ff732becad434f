// SPDX-License-Identifier: Apache-2.0

/// Finds packets in a stream that may begin anywhere, lose and reorder parts and hold garbage.
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

    /// Frames that may be lost in a row, an hour at 12.5 Hz; a greater step is the sender's fresh start.
    public static let longestLoss: UInt32 = 45_000

    private let bitsPerCode: Int
    private var buffer: [UInt8] = []
    private var order = PacketOrder()
    private var garbageBytes = 0

    /// - Throws: `TokenFileError.impossible` unless codes take 1 to 16 bits.
    public init(bitsPerCode: Int) throws(TokenFileError) {
        guard LivePacket.codeSizes.contains(bitsPerCode) else { throw .impossible("codes of \(bitsPerCode) bits") }
        self.init(bits: bitsPerCode)
    }

    private init(bits: Int) { bitsPerCode = bits }

    /// What has arrived so far, and what hasn't.
    public var statistics: LiveStatistics {
        var statistics = order.statistics
        statistics.garbageBytes = garbageBytes
        return statistics
    }

    /// Takes bytes in any chunking. At most one unfinished packet is kept, and three whole ones of which it isn't known yet where
    /// they belong.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> [Event] {
        buffer += bytes
        return read(isLast: false)
    }

    /// What is left when no more bytes come. A packet that was cut off is no garbage.
    public mutating func finish() -> [Event] {
        var events = read(isLast: true)
        order.finish(into: &events)
        return events
    }

    private mutating func read(isLast: Bool) -> [Event] {
        var events: [Event] = []
        // What lies before `start` is done with.
        var (start, position) = (0, 0)
        while position < buffer.count {
            guard let size = LivePacket.byteCount(startingWith: buffer[position], bitsPerCode: bitsPerCode) else {
                position += 1
                continue
            }
            guard position + size <= buffer.count else {
                // At the end a packet may still hide behind what looked like the start of a longer one.
                guard isLast else { break }
                position += 1
                continue
            }
            let packet = buffer[position..<position + size]
            guard Checksum.crc16(packet.dropLast(2)) == ByteReader(packet.suffix(2)).peek(UInt16.self) else {
                position += 1
                continue
            }
            skip(position - start, into: &events)
            if let packet = LivePacket(packet, bitsPerCode: bitsPerCode) { order.take(packet, into: &events) }
            position += size
            start = position
        }
        if !isLast { skip(position - start, into: &events) }
        buffer.removeFirst(isLast ? buffer.count : position)
        return events
    }

    private mutating func skip(_ count: Int, into events: inout [Event]) {
        guard count > 0 else { return }
        garbageBytes += count
        events.append(.skipped(count))
    }

    /// Whether these bytes, taken for something else, look like a stream of packets: a hello or two packets near their start.
    static func holdsPackets(_ bytes: [UInt8]) -> Bool {
        // Hellos have no codes, and all models that came with the product have codes of 10 bits.
        var parser = LivePacketParser(bits: 10)
        let packets = parser.push(bytes.prefix(1024)).filter { if case .skipped = $0 { false } else { true } }
        return packets.contains { if case .hello = $0 { true } else { false } } || packets.count > 1
    }
}
