// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import TestSupport
import Testing
import Transcript

@Suite struct TextSymbolsTests {
    private struct Case: Decodable {
        var text: String
        var symbols: [UInt8]
    }

    @Test func symbolsAreThoseOfTheTrainer() throws {
        let path = Fixture.path("Tests/SottoTests/Fixtures/text-symbols.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
        #expect(cases.count > 30)
        for item in cases { #expect(TextSymbols(item.text).values == item.symbols, "\(item.text.debugDescription)") }
    }

    @Test func wordsKnowTheirSymbols() {
        let symbols = TextSymbols("The well-kept, -- 3 cats.")
        #expect(symbols.words.map(\.text) == ["The", "well-kept,", "3", "cats."])
        #expect(symbols.words.map(\.symbols) == [0..<3, 4..<13, 14..<15, 16..<20])
    }

    @Test(arguments: 0..<20) func everyTextIsTaken(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let scalars = (0..<500).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) }
        let symbols = TextSymbols(String(String.UnicodeScalarView(scalars)))
        #expect(symbols.values.allSatisfy { (1..<30).contains($0) })
        #expect(symbols.values.first != 1 && symbols.values.last != 1)
        #expect(zip(symbols.values, symbols.values.dropFirst()).allSatisfy { $0 != (1, 1) })
    }
}
