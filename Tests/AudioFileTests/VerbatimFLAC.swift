// SPDX-License-Identifier: Apache-2.0

import Foundation

/// FLAC as no usual program writes it: of any number of bits, with frames that differ. Its samples are not compressed.
struct VerbatimFLAC {
    struct Frame {
        var rate = 16_000
        var bits = 16
        /// Of each channel, as many in all of them and in all frames but the last.
        var channels: [[Int]]
    }

    var frames: [Frame]
    /// What the header promises; nil for as many as there are.
    var promised: Int?

    var data: Data {
        let first = frames[0]
        let length = first.channels[0].count
        var header = Bits()
        header.append(0x80, 8)
        header.append(34, 24)
        for value in [length, length] { header.append(value, 16) }
        header.append(0, 48)
        header.append(first.rate, 20)
        header.append(first.channels.count - 1, 3)
        header.append(first.bits - 1, 5)
        header.append(promised ?? frames.reduce(0) { $0 + $1.channels[0].count }, 36)
        let body = frames.enumerated().reduce(into: Data()) { $0 += bytes(of: $1.element, number: $1.offset) }
        return Data("fLaC".utf8) + header.bytes + Data(count: 16) + body
    }

    private func bytes(of frame: Frame, number: Int) -> Data {
        var bits = Bits()
        bits.append(0xFFF8, 16)
        bits.append(7, 4)
        bits.append([8000: 4, 16_000: 5, 22_050: 6, 24_000: 7, 44_100: 9, 48_000: 10][frame.rate] ?? 0, 4)
        bits.append(frame.channels.count - 1, 4)
        bits.append([8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7][frame.bits] ?? 0, 3)
        bits.append(0, 1)
        precondition(number < 128)
        bits.append(number, 8)
        bits.append(frame.channels[0].count - 1, 16)
        bits.append(Self.checksum(bits.bytes, width: 8, polynomial: 0x07), 8)
        for samples in frame.channels {
            bits.append(2, 8)
            for sample in samples { bits.append(sample, frame.bits) }
        }
        bits.fill()
        bits.append(Self.checksum(bits.bytes, width: 16, polynomial: 0x8005), 16)
        return bits.bytes
    }

    private static func checksum(_ bytes: Data, width: Int, polynomial: Int) -> Int {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ Int(byte) << (width - 8)) { sum, _ in
                (sum << 1 ^ (sum >> (width - 1) & 1) * polynomial) & (1 << width - 1)
            }
        }
    }

    private struct Bits {
        private(set) var bytes = Data()
        private var (pending, count) = (0, 0)

        mutating func append(_ value: Int, _ width: Int) {
            for bit in (0..<width).reversed() {
                (pending, count) = (pending << 1 | value >> bit & 1, count + 1)
                if count == 8 { bytes.append(UInt8(pending)) }
                if count == 8 { (pending, count) = (0, 0) }
            }
        }

        mutating func fill() { append(0, (8 - count) % 8) }
    }
}
