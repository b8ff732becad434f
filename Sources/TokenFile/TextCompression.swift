// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Transcripts in the fewest bytes that one of three ways gives.
package enum TextCompression: Equatable {
    /// UTF-8 as it is.
    case plain
    case deflated
    /// By `LetterTable`.
    case letters

    /// The text's bytes, in the way that takes the fewest.
    ///
    /// - Parameter lettersAllowed: whether the file says that it may have texts by letters.
    package static func compress(_ text: String, lettersAllowed: Bool) -> (way: TextCompression, bytes: [UInt8]) {
        let raw = Array(text.utf8)
        let zlib = deflate(raw)
        let usual: (TextCompression, [UInt8]) = zlib.count + 4 < raw.count ? (.deflated, zlib) : (.plain, raw)
        guard lettersAllowed, case let letters = encode(raw), letters.count < usual.1.count else { return usual }
        return (.letters, letters)
    }

    /// The text of `count` bytes that became `bytes`; nil if none did.
    package func expand(_ bytes: ArraySlice<UInt8>, count: Int) -> String? {
        switch self {
        case .plain: String(validating: bytes, as: UTF8.self)
        case .deflated: Self.inflate(bytes, count: count)
        case .letters: Self.decode(bytes, count: count).flatMap { String(validating: $0, as: UTF8.self) }
        }
    }

    // MARK: zlib

    private static func deflate(_ raw: [UInt8]) -> [UInt8] {
        var size = compressBound(uLong(raw.count))
        var deflated = [UInt8](repeating: 0, count: Int(size))
        // With as much room as zlib asks for, it fails for want of memory alone.
        guard compress2(&deflated, &size, raw, uLong(raw.count), 9) == Z_OK else { return raw }
        return Array(deflated[..<Int(size)])
    }

    private static func inflate(_ bytes: ArraySlice<UInt8>, count: Int) -> String? {
        // Deflate packs at most about 1032 to one: a greater claim is false and would only waste memory.
        guard count <= bytes.count * 1040 else { return nil }
        var size = uLong(count)
        var raw = [UInt8](repeating: 0, count: max(1, count))
        guard uncompress(&raw, &size, Array(bytes), uLong(bytes.count)) == Z_OK, Int(size) == count else { return nil }
        return String(validating: raw.prefix(count), as: UTF8.self)
    }

    // MARK: Letters

    /// The bytes of a text, letter by letter.
    package static func encode(_ text: [UInt8]) -> [UInt8] {
        var encoder = RangeEncoder()
        var next = LetterPrediction()
        for byte in CapitalMarks.add(to: text) {
            encoder.append(next.range(of: byte), of: next.total)
            next.follow(byte)
        }
        encoder.finish()
        return encoder.bytes
    }

    /// The text of `count` bytes that was encoded; nil unless these bytes are what `encode` makes of one so long.
    ///
    /// It stops at twice as many marked bytes, and when more was read than is there: whatever is claimed, both bound the work.
    package static func decode(_ bytes: ArraySlice<UInt8>, count: Int) -> [UInt8]? {
        var decoder = RangeDecoder(bytes)
        var next = LetterPrediction()
        var reader = CapitalMarks.Reader()
        var left = CapitalMarks.mostBytes * count
        while reader.text.count < count {
            guard left > 0, !decoder.isPastEnd, let place = decoder.place(of: next.total) else { return nil }
            left -= 1
            let (byte, range) = next.byte(at: place)
            decoder.skip(range, of: next.total)
            reader.append(byte)
            next.follow(byte)
        }
        return decoder.isAtEnd ? reader.text : nil
    }
}

/// How a text's chunk says which way its text went, and how long it is: 0 of a plain one, else its bytes in UTF-8, and 2^31 more if it
/// went by letters.
package struct TextLength {
    private static let letterBit: UInt32 = 1 << 31

    package let way: TextCompression
    package let count: Int

    package init(_ way: TextCompression, count: Int) { (self.way, self.count) = (way, count) }

    package init(field: UInt32, lettersAllowed: Bool) {
        let isLetters = lettersAllowed && field & Self.letterBit != 0
        way = field == 0 ? .plain : isLetters ? .letters : .deflated
        count = Int(isLetters ? field ^ Self.letterBit : field)
    }

    package var field: UInt32 {
        switch way {
        case .plain: 0
        case .deflated: UInt32(count)
        case .letters: UInt32(count) | Self.letterBit
        }
    }
}
