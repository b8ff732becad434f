// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of token files, bit by bit: none of the product's own.
package func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
}

/// The CRC-16 of packets.
package func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(0xFFFF) { crc, byte in
        (0..<8).reduce(crc ^ UInt16(byte) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
}

/// The bytes of a number, the least significant first.
package func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A chunk of a token file with a right checksum.
package func chunk(_ kind: Character, _ frame: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let head = [0xC5, kind.asciiValue ?? 0] + littleEndian(UInt32(payload.count)) + littleEndian(frame)
    return head + littleEndian(crc32(head + payload)) + payload
}
