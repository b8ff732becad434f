// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Transcript

@Suite struct CompatibilityLettersTests {
    /// Foundation decomposes; what comes of it needs no table.
    @Test func symbolsAreThoseOfTheDecomposition() {
        var different: [String] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "x" + String(Character(scalar)) + "y"
            let decomposed = text.decomposedStringWithCompatibilityMapping
            if TextSymbols(text).values != TextSymbols(decomposed).values { different.append(String(value, radix: 16)) }
        }
        #expect(different.isEmpty)
    }

    @Test(arguments: [
        "\u{FB03}ce", "\u{2460}", "\u{FF21}\u{FF42}", "Z\u{301}o\u{308}e", "\u{AC01}", "Cafe\u{301}", "\u{1F100}",
    ])
    func symbolsOfSomeAreThoseWritten(text: String) {
        let decomposed = text.decomposedStringWithCompatibilityMapping
        #expect(TextSymbols(text).values == TextSymbols(decomposed).values && !TextSymbols(text).values.isEmpty)
    }
}
