// SPDX-License-Identifier: Apache-2.0

/// A checksummed part of a token file's body.
struct Chunk {
    enum Kind: UInt8 {
        case frames = 0x46  // F
        case text = 0x54  // T
        case pace = 0x50  // P
        case end = 0x45  // E
    }

    static let marker: UInt8 = 0xC5
    static let headSize = 14

    /// nil for a kind that this version doesn't know.
    var kind: Kind?
    /// The first frame that it speaks of.
    var frame: Int
    var payload: ArraySlice<UInt8>
    var byteCount: Int { Self.headSize + payload.count }

    init(kind: Kind, frame: Int, payload: [UInt8]) {
        self.kind = kind
        self.frame = frame
        self.payload = payload[...]
    }

    /// The chunk that starts at `position`; nil if there is no whole and sound one.
    init?(_ file: [UInt8], at position: Int) {
        guard position + Self.headSize <= file.count, file[position] == Self.marker else { return nil }
        var head = ByteReader(file[(position + 1)...])
        kind = Kind(rawValue: head.next(UInt8.self))
        let length = Int(head.next(UInt32.self))
        frame = Int(head.next(UInt32.self))
        let checksum = head.next(UInt32.self)
        let start = position + Self.headSize
        guard length <= file.count - start else { return nil }
        payload = file[start..<start + length]
        guard Checksum.crc32(file[position..<start - 4] + payload) == checksum else { return nil }
    }

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.append([Self.marker, kind?.rawValue ?? 0])
        out.append(UInt32(payload.count))
        out.append(UInt32(frame))
        out.append(Checksum.crc32(out.bytes + payload))
        out.append(payload)
        return out.bytes
    }
}
