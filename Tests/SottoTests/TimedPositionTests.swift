// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Sotto
import Testing
import Transcript

/// Which symbol a row is told where the timing is known.
@Suite struct TimedPositionTests {
    /// The states of four rows a frame.
    private func states(_ text: String, _ timing: SymbolTiming, frames: Int? = nil) throws -> [[Int?]] {
        var guide = try #require(TimedPosition(TextSymbols(text).values, timing: timing))
        return (0..<(frames ?? timing.counts.count)).map { _ in
            let states = (0..<4).map { guide.state(row: $0, of: 4) }
            guide.advance()
            return states
        }
    }

    @Test func aSymbolHoldsFromWhereItBeginsToTheNext() throws {
        let states = try states("abc", [0, 1, 2, 0, 1, 0], frames: 8)
        let nothing: [Int?] = [nil, nil, nil, nil]
        #expect(
            states == [
                nothing, [nil, nil, 1, 1], [1, 3, 3, 5], [5, 5, 5, 5], [5, 5, nil, nil], nothing, nothing, nothing,
            ])
    }

    @Test func theLastSymbolGoesOnWhereTheEndIsNotTold() throws {
        #expect(try states("a b", [3], frames: 3) == [[1, 1, 3, 5], [5, 5, 5, 5], [5, 5, 5, 5]])
    }

    @Test func ofManyInAFrameTheLatestOfEachRowIsTold() throws {
        #expect(try states("abcd", [4]) == [[1, 3, 5, 7]])
        // At rows 0.4, 1.2, 2, 2.8 and 3.6, the last of them the end.
        #expect(try states("abcd", [5], frames: 2) == [[1, 3, 7, nil], [nil, nil, nil, nil]])
        // Half of them in two rows of four.
        let text = String(repeating: "x", count: 100)
        #expect(try states(text, [100], frames: 2) == [[49, 99, 149, 199], [199, 199, 199, 199]])
    }

    @Test func aPaceOfAnotherTextIsRefused() {
        let symbols = TextSymbols("abc").values
        for timing: SymbolTiming in [[-1], [0, -3, 3], [5], [2, 3], [.max, .max], [.min]] {
            #expect(TimedPosition(symbols, timing: timing) == nil, "\(timing)")
        }
        for timing: SymbolTiming in [[], [0, 0], [4], [1, 1, 1, 1], [2]] {
            #expect(TimedPosition(symbols, timing: timing) != nil, "\(timing)")
        }
    }

    /// Of a text that takes several chunks.
    @Test func theVectorOfTheSymbolIsAdded() throws {
        let encoder = try #require(try TextFixture.model().transcripts).encoder
        let symbols = TextSymbols(String(repeating: "another word ", count: 20)).values
        let timing = SymbolTiming(counts: [0] + [Int](repeating: 3, count: symbols.count / 3))
        var guide = try #require(TimedPosition(symbols, timing: timing))
        for frame in timing.counts.indices {
            var vectors = Matrix(rows: 4, columns: 12)
            for row in 0..<4 { guide.mix(into: &vectors, row: row, weight: 0.5, encoder: encoder) }
            for row in 0..<4 {
                let state = guide.state(row: row, of: 4)
                #expect((state == nil) == (frame == 0))
                guard let state else { continue }
                let place = TextEncoder.place(of: state)
                let wanted = encoder.encode(chunk: place.chunk, of: symbols).row(place.row).map { $0 * 0.5 }
                #expect(distance(vectors.row(row), wanted) == 0)
            }
            guide.advance()
        }
    }
}
