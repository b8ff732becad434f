// SPDX-License-Identifier: Apache-2.0

/// What the head of a chunk claims.
struct ChunkHead {
    static let marker: UInt8 = 0xC5
    static let byteCount = 14

    /// nil for a kind that this version doesn't know.
    var kind: Chunk.Kind?
    /// The first frame that the chunk speaks of; of words, the first code.
    var frame: Int
    var checksum: UInt32
    /// Where the chunk ends in its file, which may be shorter.
    var end: Int

    /// nil if no head lies whole at `position`.
    init?(_ file: [UInt8], at position: Int) {
        guard position + Self.byteCount <= file.count, file[position] == Self.marker else { return nil }
        var head = ByteReader(file[(position + 1)...])
        kind = Chunk.Kind(rawValue: head.next(UInt8.self))
        end = position + Self.byteCount + Int(head.next(UInt32.self))
        frame = Int(head.next(UInt32.self))
        checksum = head.next(UInt32.self)
    }
}

/// A checksummed part of a token file's body.
struct Chunk {
    enum Kind: UInt8 {
        case frames = 0x46  // F
        case text = 0x54  // T
        case timing = 0x50  // P
        case levels = 0x4C  // L
        case voice = 0x56  // V
        case words = 0x57  // W
        case end = 0x45  // E
    }

    var kind: Kind
    /// The first frame that it speaks of; of words, the first code.
    var frame: UInt32
    var payload: [UInt8]

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.append([ChunkHead.marker, kind.rawValue])
        out.append(UInt32(payload.count))
        out.append(frame)
        out.append(Checksum.crc32(out.bytes + payload))
        out.append(payload)
        return out.bytes
    }
}
