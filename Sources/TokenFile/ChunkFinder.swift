// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Finds the sound chunks of a file, also those behind damage, in time that grows with the file's size alone.
///
/// Checksums of the file's beginnings, each up to another 64th byte, give the checksum of any part of it in a few steps: a
/// false head costs the same whatever length it claims.
package struct ChunkFinder {
    /// Bytes between two of the beginnings.
    private static let spacing = 64

    private let file: [UInt8]
    private let checksums: [UInt32]
    /// Bytes that checksums were taken of: the work done.
    package private(set) var checkedBytes: Int

    package init(_ file: [UInt8]) {
        self.file = file
        checkedBytes = file.count
        var checksums: [UInt32] = [0]
        checksums.reserveCapacity(file.count / Self.spacing + 1)
        for start in stride(from: 0, through: file.count - Self.spacing, by: Self.spacing) {
            checksums.append(Checksum.crc32(file[start..<start + Self.spacing], after: checksums[checksums.count - 1]))
        }
        self.checksums = checksums
    }

    /// Where the first sound chunk from `position` on lies; nil if there is none.
    package mutating func next(from position: Int) -> Range<Int>? {
        for start in position..<max(position, file.count) {
            if let chunk = chunk(at: start) { return chunk }
        }
        return nil
    }

    /// The bytes of the sound chunk that starts at `position`; nil if there is none.
    package mutating func chunk(at position: Int) -> Range<Int>? {
        guard let head = ChunkHead(file, at: position), head.end <= file.count else { return nil }
        let (start, end) = (position + ChunkHead.byteCount, head.end)
        checkedBytes += start - 4 - position
        let checked = Checksum.crc32(file[position..<start - 4]) ^ beginning(to: start)
        let checksum = CZlib.crc32_combine(uLong(checked), uLong(beginning(to: end)), end - start)
        return UInt32(truncatingIfNeeded: checksum) == head.checksum ? position..<end : nil
    }

    /// The checksum of the file's bytes before `end`.
    private mutating func beginning(to end: Int) -> UInt32 {
        let start = end / Self.spacing * Self.spacing
        checkedBytes += end - start
        return Checksum.crc32(file[start..<end], after: checksums[end / Self.spacing])
    }
}
