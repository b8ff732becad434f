// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Sotto
import TokenFile

/// Makes checksums right. A search that has to guess them sees nothing but the check.
enum Repair {
    /// A token file with its magic, a version and flags that are known, and right checksums.
    static func tokenFile(_ input: [UInt8]) -> [UInt8] {
        guard input.count >= 40 else { return input }
        var bytes = input
        bytes.replaceSubrange(0..<8, with: TokenHeader.magic)
        bytes[8] = 1 + bytes[8] & 1
        bytes[11] &= 7
        // By the word: version 1, codes of 8 bits, no levels of frames.
        if bytes[11] & 4 != 0 { (bytes[8], bytes[10], bytes[11]) = (1, 8, bytes[11] & 6) }
        put(Checksum.crc32(bytes[..<36]), at: 36, in: &bytes)
        guard bytes[8] == 2 else { return chunks(bytes, from: 40) }
        let end = 40 + 2 * (max(1, Int(bytes[9])) - 1)
        guard bytes.count >= end + 4 else { return bytes }
        put(Checksum.crc32(bytes[40..<end]), at: end, in: &bytes)
        return chunks(bytes, from: end + 4)
    }

    /// Makes a row of chunks of what comes from `start` on, of the lengths that it says as far as they can be.
    static func chunks(_ input: [UInt8], from start: Int) -> [UInt8] {
        var (bytes, place) = (input, start)
        while place + 14 <= bytes.count {
            bytes[place] = 0xC5
            let length = min(Int(bytes[place + 2]) | Int(bytes[place + 3]) << 8, bytes.count - place - 14)
            put(UInt32(length), at: place + 2, in: &bytes)
            let payload = bytes[place + 14..<place + 14 + length]
            put(Checksum.crc32(bytes[place..<place + 10] + payload), at: place + 10, in: &bytes)
            place += 14 + length
        }
        return bytes
    }

    /// A row of packets; hellos name the model of `identity`, if it is given.
    static func packets(_ input: some Sequence<UInt8>, bitsPerCode bits: Int, identity: [UInt8]?) -> [UInt8] {
        var (bytes, place) = (Array(input), 0)
        while place < bytes.count {
            guard let size = LivePacket.byteCount(startingWith: bytes[place], bitsPerCode: bits) else {
                place += 1
                continue
            }
            guard place + size <= bytes.count else { break }
            // Every other hello is of a foreign model.
            if size == 16, bytes[place + 15] & 1 == 0, let identity {
                bytes.replaceSubrange(place + 2..<place + 10, with: identity)
            }
            let checksum = Checksum.crc16(bytes[place..<place + size - 2])
            (bytes[place + size - 2], bytes[place + size - 1]) = (
                UInt8(truncatingIfNeeded: checksum), UInt8(truncatingIfNeeded: checksum >> 8)
            )
            place += size
        }
        return bytes
    }

    /// A model's file with the digests of what is in it, where it has any.
    static func weights(_ input: [UInt8]) -> [UInt8] {
        var bytes = input
        let digests = input.withUnsafeBytes { input -> (ModelDigests, ModelDigests)? in
            guard let file = try? SafetensorsFile(borrowing: input, name: "the weights"),
                let json = file.metadata["config"], let claimed = ModelDigests(claimedBy: file)
            else { return nil }
            let isInParts = !claimed.parts.isEmpty
            return (claimed, ModelDigests(of: Weights(of: file), configuration: json, inParts: isInParts))
        }
        guard let (claimed, right) = digests else { return input }
        let pairs = zip([claimed.weights, claimed.codes] + claimed.parts, [right.weights, right.codes] + right.parts)
        for (old, new) in pairs {
            guard let place = input.firstRange(of: Array(old.utf8)) else { continue }
            bytes.replaceSubrange(place, with: new.utf8)
        }
        return bytes
    }

    private static func put(_ value: UInt32, at place: Int, in bytes: inout [UInt8]) {
        for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }
}
