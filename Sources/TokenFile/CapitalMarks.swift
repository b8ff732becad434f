// SPDX-License-Identifier: Apache-2.0

/// UTF-8 in which a to z stand for capitals too, with marks that say so: a word is as likely at the start of a sentence, or in a text of
/// capitals, as elsewhere. The marks are bytes that UTF-8 never has.
enum CapitalMarks {
    /// The next letter is a capital.
    static let shift: UInt8 = 0xFF
    /// From here on letters are capitals, or no longer.
    static let lock: UInt8 = 0xFE
    /// Bytes of a marked text for one of the text at most: a mark before each letter.
    static let mostBytes = 2

    private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let distance = letters.lowerBound - capitals.lowerBound

    static func add(to text: [UInt8]) -> [UInt8] {
        var marked: [UInt8] = []
        marked.reserveCapacity(text.count + text.count / 8)
        var isLocked = false
        for (place, byte) in text.enumerated() {
            if capitals.contains(byte) {
                if !isLocked {
                    isLocked = startsCapitals(text[(place + 1)...])
                    marked.append(isLocked ? lock : shift)
                }
                marked.append(byte + distance)
            } else {
                if isLocked, letters.contains(byte) {
                    isLocked = false
                    marked.append(lock)
                }
                marked.append(byte)
            }
        }
        return marked
    }

    /// Whether the next letters, up to three among eleven bytes, are capitals.
    private static func startsCapitals(_ rest: ArraySlice<UInt8>) -> Bool {
        let next = rest.prefix(11).filter { capitals.contains($0) || letters.contains($0) }.prefix(3)
        return !next.isEmpty && next.allSatisfy(capitals.contains)
    }

    /// A text whose marked bytes come one by one.
    struct Reader {
        private(set) var text: [UInt8] = []
        private var isLocked = false
        private var isShifted = false

        mutating func append(_ byte: UInt8) {
            switch byte {
            case shift: isShifted = true
            case lock: isLocked.toggle()
            default:
                text.append(letters.contains(byte) && (isShifted || isLocked) ? byte - distance : byte)
                isShifted = false
            }
        }
    }
}
