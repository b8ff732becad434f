// SPDX-License-Identifier: Apache-2.0

public import Quantizer

/// Finds packets in a stream that may begin anywhere, lose and reorder parts and hold garbage.
public struct LivePacketParser: Sendable {
    public enum Event: Hashable, Sendable {
        /// What the codes are for, and the number of the frame that comes next, lost or not.
        case hello(ModelIdentity, nextFrame: Int)
        /// What came, or didn't, for the frames that come next.
        case frames(Arrival)
        /// A hello of a version that this reader doesn't know; what follows it may be anything.
        case unknownVersion(Int)
        /// Bytes that belong to no packet.
        case skipped(Int)
    }

    /// Frames that may be lost in a row, an hour at 12.5 Hz; a greater step is the sender's fresh start.
    public static let longestLoss: UInt32 = 45_000

    /// Of the packets that come next; 1 to 16.
    private var bitsPerCode: Int
    private var buffer: [UInt8] = []
    /// The bytes of `buffer` that are done with, and the place from which on it hasn't been looked at.
    private var (start, position) = (0, 0)
    private var order = PacketOrder()
    /// Events that are known and not taken yet.
    private var ready: [Event] = []
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

    /// Takes bytes in any chunking, of which `next` then tells.
    public mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

    /// What comes next in the bytes so far, nil when that can't be told yet. At most one unfinished packet is kept, and three whole
    /// ones of which it isn't known yet where they belong.
    public mutating func next() -> Event? {
        while ready.isEmpty, read() {}
        return ready.isEmpty ? nil : ready.removeFirst()
    }

    /// No more bytes come: `next` tells of all that is left. A packet that was cut off is no garbage.
    public mutating func end() { hasEnded = true }

    /// Whether no more bytes come.
    public private(set) var hasEnded = false

    /// The packets that come next have codes of so many bits, as those of another model may.
    ///
    /// - Throws: as `init`.
    public mutating func setBitsPerCode(_ bits: Int) throws(TokenFileError) {
        guard LivePacket.codeSizes.contains(bits) else { throw .impossible("codes of \(bits) bits") }
        bitsPerCode = bits
    }

    /// Takes bytes and returns all that `next` tells of them.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> [Event] {
        append(bytes)
        return readAll()
    }

    /// Ends the stream and returns all that `next` tells of what is left.
    public mutating func finish() -> [Event] {
        end()
        return readAll()
    }

    private mutating func readAll() -> [Event] {
        while read() {}
        defer { ready = [] }
        return ready
    }

    /// Reads up to the end of the next packet.
    ///
    /// - Returns: whether there is one.
    private mutating func read() -> Bool {
        while position < buffer.count {
            guard let size = LivePacket.byteCount(startingWith: buffer[position], bitsPerCode: bitsPerCode) else {
                position += 1
                continue
            }
            guard position + size <= buffer.count else {
                // At the end a packet may still hide behind what looked like the start of a longer one.
                guard hasEnded else { break }
                position += 1
                continue
            }
            let packet = buffer[position..<position + size]
            guard Checksum.crc16(packet.dropLast(2)) == ByteReader(packet.suffix(2)).peek(UInt16.self) else {
                position += 1
                continue
            }
            skip(position - start)
            if let packet = LivePacket(packet, bitsPerCode: bitsPerCode) {
                order.take(packet, into: &ready)
            } else {
                order.takeUnknownHello()
                ready.append(.unknownVersion(Int(packet[packet.startIndex + 1])))
            }
            position += size
            start = position
            return true
        }
        if hasEnded { order.finish(into: &ready) } else { skip(position - start) }
        buffer.removeFirst(hasEnded ? buffer.count : position)
        (start, position) = (0, 0)
        return false
    }

    private mutating func skip(_ count: Int) {
        guard count > 0 else { return }
        garbageBytes += count
        ready.append(.skipped(count))
    }

    /// Whether these bytes, taken for something else, look like a stream of packets: a hello or two packets near their start.
    static func holdsPackets(_ bytes: [UInt8]) -> Bool {
        // Hellos have no codes, and all models that came with the product have codes of 10 bits.
        var parser = LivePacketParser(bits: 10)
        let packets = parser.push(bytes.prefix(1024)).filter { if case .skipped = $0 { false } else { true } }
        return packets.contains { if case .hello = $0 { true } else { false } } || packets.count > 1
    }
}
