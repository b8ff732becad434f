// SPDX-License-Identifier: Apache-2.0

/// The numbers of frames' levels as runs: each is a byte with the number and, in seven bits a byte, least significant first, how many frames
/// have it; the last byte of a length is below 128.
enum LevelRuns {
    static func pack(_ levels: some Sequence<UInt8>) -> [UInt8] {
        var runs: [(level: UInt8, length: Int)] = []
        for level in levels {
            if runs.last?.level == level { runs[runs.count - 1].length += 1 } else { runs.append((level, 1)) }
        }
        var bytes: [UInt8] = []
        for run in runs {
            bytes.append(run.level)
            var rest = run.length
            while rest > 127 {
                bytes.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        return bytes
    }

    /// nil if that is no whole number of runs, or one is empty or of 2^32 frames and more.
    static func unpack(_ bytes: some Sequence<UInt8>) -> [(level: UInt8, length: Int)]? {
        var runs: [(level: UInt8, length: Int)] = []
        var (level, length, shift): (UInt8?, Int, Int) = (nil, 0, 0)
        for byte in bytes {
            guard let of = level else {
                (level, length, shift) = (byte, 0, 0)
                continue
            }
            guard shift <= 28 else { return nil }
            length |= Int(byte & 127) << shift
            shift += 7
            guard byte < 128 else { continue }
            guard length > 0, length <= Int(UInt32.max) else { return nil }
            runs.append((of, length))
            level = nil
        }
        return level == nil ? runs : nil
    }
}
