// SPDX-License-Identifier: Apache-2.0

import Sotto
import TestSupport
import Testing
import Transcript

@Suite struct WordAlignerTests {
    let model: TranscriptHMM

    init() throws { model = try TextFixture.letters() }

    private func path(_ text: String, hearing rows: [[Float]?]) -> ViterbiPath {
        var aligner = ViterbiAligner(TextSymbols(text).values, model: model)
        for row in rows { aligner.step(row?[...]) }
        return aligner.finish()
    }

    private func match(_ text: String, hearing rows: [[Float]?]) -> Double {
        var guide = TrackedPosition(TextSymbols(text).values, model: model)
        for row in rows { guide.step(row?[...], letters: row.map { $0[0] < 1 ? 1 : 0 } ?? 0) }
        return guide.match
    }

    @Test func eachSymbolIsFoundWhereItIsHeard() {
        let text = "hear the words"
        let before = TextFixture.heard("much more is said")
        let path = path(text, hearing: before + TextFixture.heard(text))
        let starts = (0..<text.count).map { before.count + 3 * $0 }
        #expect(path.met == starts.map { $0...$0 + 2 })
    }

    @Test func wordsThatAreNotSaidAreNotMet() {
        let path = path("hear the words going", hearing: TextFixture.heard("hear the"))
        #expect(path.met.prefix(8).allSatisfy { $0 != nil })
        #expect(path.met.suffix(6).allSatisfy { $0 == nil })
    }

    @Test func whatIsSkippedIsNotMetAndWhatFollowsIs() {
        let path = path(
            "the first part and then something else comes last",
            hearing: TextFixture.heard("the first part") + TextFixture.heard("else comes last"))
        #expect(path.met.prefix(14).allSatisfy { $0 != nil })
        #expect(path.met.suffix(9).allSatisfy { $0 != nil })
        #expect(path.met[25] == nil)
    }

    /// Longer than the rows that are kept, and longer than the window.
    @Test func aLongReadingOfABookIsAlignedToItsEnd() throws {
        var random = SeededGenerator(seed: 6)
        let words = (0..<700).map { _ in
            String("abcdefghijklmn".shuffled(using: &random).prefix(Int.random(in: 2...7, using: &random)))
        }
        let said = words.prefix(500).joined(separator: " ")
        let path = path(words.joined(separator: " "), hearing: TextFixture.heard(said))
        #expect(match(words.joined(separator: " "), hearing: TextFixture.heard(said)) > 0.99)
        let wanted = (0..<said.count).map { 3 * $0 }
        let right = zip(path.met, wanted).count { $0?.lowerBound == $1 }
        #expect(Double(right) > 0.99 * Double(said.count))
        #expect(path.met.suffix(100).allSatisfy { $0 == nil })
    }

    @Test(arguments: 0..<6) func whateverIsHeardWordsComeInOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text = "some words that are said again and again and again or not at all"
        let rows: [[Float]?] = (0..<6000).map { row in
            row % 50 < 3 ? nil : (0..<30).map { _ in Float.random(in: 0...1, using: &random) }
        }
        let path = path(text, hearing: rows)
        let met = path.met.compactMap(\.self)
        #expect(zip(met, met.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        #expect(met.allSatisfy { $0.lowerBound >= 0 && $0.upperBound < 6000 })
        #expect((0...1).contains(match(text, hearing: rows)))
    }

    @Test func nothingIsAlignedWithNothing() {
        #expect(path("", hearing: TextFixture.heard("some speech")).met.isEmpty)
        #expect(path("words", hearing: []).met.allSatisfy { $0 == nil })
    }

    @Test func timesAreInRangeAndInOrder() throws {
        let model = try TextFixture.model()
        var random = SeededGenerator(seed: 3)
        let frames: [Codes?] = (0..<400).map { number in
            number % 9 == 0 ? nil : (0..<2).map { _ in UInt16.random(in: 0..<16, using: &random) }
        }
        let text = String(repeating: try TextFixture.sentence() + " ", count: 8)
        let alignment = try model.align(frames, with: text)
        #expect(alignment.words.map(\.word) == text.split(separator: " ").map(String.init))
        #expect((0...1).contains(alignment.match))
        let said = alignment.words.filter { $0.start != nil }
        #expect(!said.isEmpty)
        let times: [Double] = said.flatMap { [$0.start, $0.end].compactMap(\.self) }
        #expect(times == times.sorted() && times.allSatisfy { (0...32).contains($0) })
    }
}
