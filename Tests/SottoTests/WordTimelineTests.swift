// SPDX-License-Identifier: Apache-2.0

import Sotto
import TestSupport
import Testing
import Transcript

/// Which words and pauses a timing tells.
@Suite struct WordTimelineTests {
    private func timeline(_ text: String, _ timing: SymbolTiming) throws -> WordTimeline {
        try #require(WordTimeline(TextSymbols(text).values, timing: timing))
    }

    /// Words and pauses as PyTorch's twin tells them of the same timing (`Training/tests/test_prior.py`).
    @Test func longSpacesArePausesAndShortOnesBelongToTheWordBefore() throws {
        let begins = [4, 6, 8, 9, 11, 13, 24, 26, 28, 30, 32, 33, 36, 40]
        let counts = (0..<12).map { frame in begins.count { $0 / 4 == frame } }
        let segments = try timeline("so it goes on", SymbolTiming(counts: counts)).segments
        #expect(segments.map { $0.symbols == nil } == [true, false, false, true, false, false, true])
        #expect(segments.first?.rows.lowerBound == 0 && segments.last?.rows.upperBound == 48)
        #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.rows.upperBound == $1.rows.lowerBound })
        #expect(segments.compactMap(\.symbols) == [0..<2, 3..<5, 6..<10, 11..<13])
    }

    @Test func whatIsUnderWayIsKnownOfEachRow() throws {
        // a begins in row 4 and its space in row 8, which lasts for 8 rows: a pause.
        let timeline = try timeline("a b", [0, 1, 1, 0, 1, 1])
        #expect(timeline.segments.map(\.rows) == [0..<6, 6..<10, 10..<18, 18..<22, 22..<24])
        let rows = [7, 17, 23].map(timeline.row)
        #expect(rows.map(\.symbol) == [0, 1, nil] && rows.map(\.segment) == [1, 2, 4])
        #expect(rows.map(\.symbolRows) == [6..<10, 10..<18, 22..<24])
        #expect((0..<5).map { timeline.codeCount(of: $0, perWord: 4) } == [1, 4, 1, 4, 1])
        #expect((0..<5).allSatisfy { timeline.codeCount(of: $0, perWord: 0) == 0 })
    }

    @Test func timingsOfOtherTextsAreNone() throws {
        for timing: SymbolTiming in [[5], [-1, 2], [.max, .max], [4, 1]] {
            #expect(WordTimeline(TextSymbols("abc").values, timing: timing) == nil)
        }
        #expect(try timeline("abc", []).segments.isEmpty)
        let empty = try timeline("", [0, 1]).segments
        #expect(empty.map(\.rows) == [0..<8] && empty.allSatisfy { $0.symbols == nil })
    }

    /// Whatever the timing, each row has the symbol that the decoder is told, and all rows are of some word or pause.
    @Test func everyTimingTellsTheSymbolsThatTheDecoderIsTold() throws {
        var random = SeededGenerator(seed: 25)
        for _ in 0..<200 {
            let letters = (0..<Int.random(in: 0...30, using: &random)).map { _ in "ab' ".randomElement(using: &random)!
            }
            let symbols = TextSymbols(String(letters)).values
            var (counts, rest) = ([Int](), symbols.count + Int.random(in: 0...1, using: &random))
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let count = min(rest, max(0, Int.random(in: -4...7, using: &random)))
                counts.append(count)
                rest -= count
            }
            let timing = SymbolTiming(counts: counts)
            let timeline = try #require(WordTimeline(symbols, timing: timing))
            var position = try #require(TimedPosition(symbols, timing: timing))
            for frame in counts.indices {
                for row in 0..<4 {
                    let (found, number) = (timeline.row(4 * frame + row), 4 * frame + row)
                    #expect(found.symbol == position.state(row: row, of: 4).map { ($0 - 1) / 2 })
                    #expect(found.symbolRows.contains(number))
                    #expect(timeline.segments[found.segment].rows.contains(number))
                }
                position.advance()
            }
            #expect(timeline.segments.allSatisfy { !$0.rows.isEmpty })
        }
    }
}
