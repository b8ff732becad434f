// SPDX-License-Identifier: Apache-2.0

/// An interval of 64-bit numbers that each symbol narrows to its share, and that gives off a byte whenever all of its numbers begin
/// with the same one. Integers only: the same bytes on every machine. (A range coder without carries: near the border of two first
/// bytes the interval is cut at the border.)
private struct Interval {
    /// Numbers that differ by less than this may have the same first byte.
    private static let firstByte: UInt64 = 1 << 56
    /// An interval is never left shorter than this, so that a share of 1 in 2^17 is one.
    private static let shortest: UInt64 = 1 << 48

    var low: UInt64 = 0
    var length = UInt64.max

    /// Narrows it to `share`, which is not empty, of 0 ..< `total`.
    mutating func narrow(to share: Range<UInt32>, of total: UInt32) {
        length /= UInt64(total)
        low &+= UInt64(share.lowerBound) &* length
        length &*= UInt64(share.upperBound - share.lowerBound)
    }

    /// The byte that all numbers begin with, which is dropped from them; nil if there is none yet.
    mutating func nextByte() -> UInt8? {
        if low ^ (low &+ length) >= Self.firstByte {
            guard length < Self.shortest else { return nil }
            length = (0 &- low) & (Self.shortest - 1)
        }
        defer {
            low <<= 8
            length <<= 8
        }
        return UInt8(low >> 56)
    }

    /// The fewest bytes that, with zeros after them, are a number of the interval; of those the lowest number.
    var ending: [UInt8] {
        for count in 0..<8 {
            // All ones in the bytes that are left out.
            let rest = UInt64.max >> (8 * UInt64(count))
            let (sum, isOver) = low.addingReportingOverflow(rest)
            let number = sum & ~rest
            if !isOver, number - low < length { return Self.bytes(of: number, count) }
        }
        return Self.bytes(of: low, 8)
    }

    private static func bytes(of number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}

struct RangeEncoder {
    private var interval = Interval()
    private(set) var bytes: [UInt8] = []

    mutating func append(_ share: Range<UInt32>, of total: UInt32) {
        interval.narrow(to: share, of: total)
        while let byte = interval.nextByte() { bytes.append(byte) }
    }

    /// Ends with as few bytes as tell the interval.
    mutating func finish() { bytes += interval.ending }
}

struct RangeDecoder {
    private var interval = Interval()
    private var number: UInt64 = 0
    private let bytes: ArraySlice<UInt8>
    /// Bytes read so far; those past the end are zeros.
    private var readCount = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        for _ in 0..<8 { readByte() }
    }

    /// Whether no encoder would have stopped so early.
    var isPastEnd: Bool { readCount > bytes.count + 8 }
    /// Whether an encoder that wrote the same so far would have ended with just the bytes that there are.
    var isAtEnd: Bool {
        let told = readCount - 8
        return told <= bytes.count && bytes.dropFirst(told).elementsEqual(interval.ending)
    }

    /// Where in 0 ..< `total` the next symbol's share lies; nil if it lies nowhere, so that the bytes are damaged.
    func place(of total: UInt32) -> UInt32? {
        let place = (number &- interval.low) / (interval.length / UInt64(total))
        return place < UInt64(total) ? UInt32(place) : nil
    }

    mutating func skip(_ share: Range<UInt32>, of total: UInt32) {
        interval.narrow(to: share, of: total)
        while interval.nextByte() != nil { readByte() }
    }

    private mutating func readByte() {
        number = number << 8 | UInt64(readCount < bytes.count ? bytes[bytes.startIndex + readCount] : 0)
        readCount += 1
    }
}
