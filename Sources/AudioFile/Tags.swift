// SPDX-License-Identifier: Apache-2.0

/// Titles and the like that programs put before and behind what any format holds.
enum Tags {
    /// The first place at or after `offset` that belongs to no tag.
    static func end(in file: InputFile, from offset: Int) -> Int {
        var place = offset
        while let length = length(of: file.bytes(at: place, count: 32)), length > 0 { place += length }
        return min(place, max(offset, file.count))
    }

    /// Whether all from `offset` on is tags, or zeros that fill up.
    static func fill(_ file: InputFile, from offset: Int) -> Bool {
        var place = end(in: file, from: offset)
        while case let bytes = file.bytes(at: place, count: 1 << 16), !bytes.isEmpty {
            guard bytes.allSatisfy({ $0 == 0 }) else { return false }
            place += bytes.count
        }
        return true
    }

    private static func length(of head: [UInt8]) -> Int? {
        func begins(_ text: String) -> Bool { head.starts(with: text.utf8) }
        if begins("ID3"), head.count >= 10, head[6..<10].allSatisfy({ $0 < 0x80 }) {
            let size = head[6..<10].reduce(0) { $0 << 7 | Int($1) }
            return 10 + size + (head[5] & 0x10 != 0 ? 10 : 0)
        }
        if begins("TAG+") { return 227 }
        if begins("TAG") { return 128 }
        if begins("APETAGEX"), head.count >= 32 {
            let size = head[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
            // The size counts the footer but not the header, which is what this is if bit 29 says so.
            return head[23] & 0x20 != 0 ? 32 + size : 32
        }
        return nil
    }
}
