// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Little-endian fields, one after the other.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The fields that `ByteWriter` wrote. The caller sees to it that there are enough bytes.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    func peek<Value: FixedWidthInteger>(_: Value.Type) -> Value {
        rest.prefix(Value.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    mutating func next<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
        defer { rest = rest.dropFirst(Value.bitWidth / 8) }
        return peek(type)
    }
}

/// Codes bit after bit, least significant first, each frame's coarsest code first.
enum BitPacking {
    static func byteCount(codes: Int, bits: Int) -> Int { (codes * bits + 7) / 8 }

    static func pack(_ codes: some Sequence<UInt16>, bits: Int) -> [UInt8] {
        var (bytes, held, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for code in codes {
            held |= UInt32(code) << UInt32(count)
            count += bits
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: held))
                held >>= 8
                count -= 8
            }
        }
        if count > 0 { bytes.append(UInt8(truncatingIfNeeded: held)) }
        return bytes
    }

    /// The first `count` codes; there must be bytes for them.
    static func unpack(_ bytes: some Sequence<UInt8>, count: Int, bits: Int) -> [UInt16] {
        var (codes, held, have): ([UInt16], UInt32, Int) = ([], 0, 0)
        codes.reserveCapacity(count)
        for byte in bytes {
            held |= UInt32(byte) << UInt32(have)
            have += 8
            while have >= bits, codes.count < count {
                codes.append(UInt16(held & (1 << UInt32(bits) - 1)))
                held >>= UInt32(bits)
                have -= bits
            }
        }
        return codes
    }
}

package enum Checksum {
    /// The CRC-32 of zlib, PNG and Ethernet.
    ///
    /// - Parameter before: that of bytes before these, if there are any.
    package static func crc32(_ bytes: some Collection<UInt8>, after before: UInt32 = 0) -> UInt32 {
        // Of no bytes, zlib may be given no address, which it takes for the wish to begin.
        guard !bytes.isEmpty else { return before }
        let bytes = Array(bytes)
        return UInt32(truncatingIfNeeded: CZlib.crc32_z(uLong(before), bytes, bytes.count))
    }

    /// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF.
    package static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte) << 8) { crc, _ in
                crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1
            }
        }
    }
}
