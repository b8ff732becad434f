// SPDX-License-Identifier: Apache-2.0

/// Counts bit after bit, least significant first: as many ones as each says, then a zero. Small counts take least.
enum UnaryPacking {
    /// `counts` are not negative.
    static func pack(_ counts: [Int]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (counts.reduce(counts.count, +) + 7) / 8)
        var place = 0
        for count in counts {
            for bit in place..<place + count { bytes[bit / 8] |= 1 << UInt8(bit % 8) }
            place += count + 1
        }
        return bytes
    }

    /// The first `count` counts; nil if there are fewer. What follows them is left aside.
    static func unpack(_ bytes: some Sequence<UInt8>, count: Int) -> [Int]? {
        var (counts, ones): ([Int], Int) = ([], 0)
        for byte in bytes {
            for bit in UInt8(0)..<8 where counts.count < count {
                if byte >> bit & 1 == 1 {
                    ones += 1
                } else {
                    counts.append(ones)
                    ones = 0
                }
            }
        }
        return counts.count == count ? counts : nil
    }
}
