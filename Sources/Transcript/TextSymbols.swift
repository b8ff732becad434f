// SPDX-License-Identifier: Apache-2.0

/// A transcript as the symbols that the text path knows: 0 is a blank, which no text has, 1 a space, 2 an apostrophe,
/// 3 to 28 the letters a to z, and 29, the catch-all, any other letter or digit. No text is an error; some have no symbols.
package struct TextSymbols: Sendable {
    package static let space: UInt8 = 1
    static let apostrophe: UInt8 = 2
    static let firstLetter: UInt8 = 3
    static let other: UInt8 = 29
    static let count = 30

    /// Without spaces at the ends, and never two in a row.
    package private(set) var values: [UInt8] = []
    /// The words of the text as written, each with the symbols that stand for it; those that none stands for are left
    /// out.
    package private(set) var words: [(text: String, symbols: Range<Int>)] = []

    /// A letter a to z or the apostrophe that a symbol stands for; nil for all others.
    package static func letter(_ symbol: UInt8) -> String? {
        guard symbol != apostrophe else { return "'" }
        guard (firstLetter..<other).contains(symbol) else { return nil }
        return String(UnicodeScalar(UInt8(ascii: "a") + symbol - firstLetter))
    }

    /// Whether more than half of it is what the classifier doesn't know.
    package var isMostlyOther: Bool { 2 * values.count { $0 == Self.other } > values.count }

    /// Letters are decomposed (Unicode NFKD), lower-cased, and lose their marks; whatever is neither letter, digit nor
    /// apostrophe parts words.
    package init(_ text: String) {
        var isParted = false
        for written in text.split(whereSeparator: \.isWhitespace) {
            var first: Int?
            for piece in written.unicodeScalars.lazy.flatMap(Self.pieces(of:)) {
                if let symbol = piece {
                    if isParted, !values.isEmpty { values.append(Self.space) }
                    isParted = false
                    first = first ?? values.count
                    values.append(symbol)
                } else {
                    isParted = true
                }
            }
            isParted = true
            if let first { words.append((String(written), first..<values.count)) }
        }
    }

    /// The symbols that a character is made of, nil where it parts words.
    private static func pieces(of scalar: Unicode.Scalar) -> [UInt8?] {
        if scalar == "\u{2019}" { return [apostrophe] }
        if let letters = CompatibilityLetters.of(scalar) {
            return letters.unicodeScalars.map { $0 == "*" ? other : symbol($0) }
        }
        return scalar.properties.lowercaseMapping.unicodeScalars.flatMap { scalar -> [UInt8?] in
            if let letters = undecomposed[scalar] { return letters.unicodeScalars.map(symbol) }
            return isMark(scalar) ? [] : [symbol(scalar)]
        }
    }

    /// Latin letters that Unicode doesn't decompose.
    private static let undecomposed: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    ]

    private static func symbol(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "'": return apostrophe
        case "a"..."z": return firstLetter + UInt8(scalar.value - Unicode.Scalar("a").value)
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return other
        default: return nil
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
