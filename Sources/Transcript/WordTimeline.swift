// SPDX-License-Identifier: Apache-2.0

/// What is said when, word by word: the words of a transcript and the pauses between them, from the transcript's timing alone.
///
/// Time goes by in rows of a quarter of a token frame. A space of fewer than `pauseRows` rows belongs to the word before it; a longer one, and
/// the time before the first word and after the last, is a pause.
package struct WordTimeline: Sendable {
    /// Rows in a token frame.
    package static let rowsPerFrame = 4
    /// Rows of a space from which on it is a pause.
    private static let pauseRows = 8

    /// A word or a pause.
    package struct Segment: Sendable, Equatable {
        /// When it is said.
        package var rows: Range<Int>
        /// The word's symbols; nil for a pause.
        package var symbols: Range<Int>?
    }

    /// What is under way in a row.
    package struct Row: Equatable {
        /// The number of the symbol, nil where nothing is said, and the rows that it takes.
        package var symbol: Int?
        package var symbolRows: Range<Int>
        /// The number of the word or pause.
        package var segment: Int
    }

    package let symbols: [UInt8]
    package let frameCount: Int
    /// In their order and without gaps. A word of which no symbol takes a row isn't among them.
    package let segments: [Segment]
    /// Where runs of rows of one symbol begin; nil where nothing is said.
    private let runs: [(start: Int, symbol: Int?)]

    /// - Returns: nil if no text of so many symbols has this timing.
    package init?(_ symbols: [UInt8], timing: SymbolTiming) {
        let (counts, most) = (timing.counts, symbols.count + 1)
        guard counts.allSatisfy({ (0...most).contains($0) }), counts.reduce(0, +) <= most else { return nil }
        self.symbols = symbols
        frameCount = counts.count
        runs = Self.runs(counts, of: symbols.count)
        segments = Self.segments(runs, until: counts.count * Self.rowsPerFrame, symbols)
    }

    private static func runs(_ counts: [Int], of symbolCount: Int) -> [(start: Int, symbol: Int?)] {
        var runs: [(start: Int, symbol: Int?)] = counts.isEmpty ? [] : [(0, nil)]
        var begun = 0
        for (frame, count) in counts.enumerated() {
            for number in 0..<count {
                let row = frame * rowsPerFrame + (2 * number + 1) * rowsPerFrame / (2 * count)
                let symbol = begun < symbolCount ? begun : nil
                begun += 1
                if runs[runs.count - 1].start == row { runs.removeLast() }
                // Only the end can follow nothing.
                if let last = runs.last, last.symbol == symbol { continue }
                runs.append((row, symbol))
            }
        }
        return runs
    }

    private static func segments(
        _ runs: [(start: Int, symbol: Int?)], until end: Int, _ symbols: [UInt8]
    ) -> [Segment] {
        var segments: [Segment] = []
        for (index, run) in runs.enumerated() {
            let rows = run.start..<(index + 1 < runs.count ? runs[index + 1].start : end)
            let last = segments.count - 1
            if let symbol = run.symbol, symbols[symbol] != TextSymbols.space {
                if last >= 0, let word = segments[last].symbols, word.contains(symbol) {
                    segments[last].rows = segments[last].rows.lowerBound..<rows.upperBound
                } else {
                    let first = symbols[..<symbol].lastIndex(of: TextSymbols.space).map { $0 + 1 } ?? 0
                    let next = symbols[symbol...].firstIndex(of: TextSymbols.space) ?? symbols.count
                    segments.append(Segment(rows: rows, symbols: first..<next))
                }
            } else if last >= 0,
                segments[last].symbols == nil || run.symbol != nil && rows.count < pauseRows
            {
                segments[last].rows = segments[last].rows.lowerBound..<rows.upperBound
            } else {
                segments.append(Segment(rows: rows, symbols: nil))
            }
        }
        return segments
    }

    /// What is under way in a row of those that there are.
    package func row(_ row: Int) -> Row {
        let run = Self.last(runs.count) { runs[$0].start <= row }
        let end = run + 1 < runs.count ? runs[run + 1].start : frameCount * Self.rowsPerFrame
        return Row(
            symbol: runs[run].symbol, symbolRows: runs[run].start..<end,
            segment: Self.last(segments.count) { segments[$0].rows.lowerBound <= row })
    }

    /// The last of so many numbers from 0 on for which it holds, as it does for 0.
    private static func last(_ count: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low
    }

    /// How many codes a segment gets of so many a word: a pause one at most.
    package func codeCount(of segment: Int, perWord count: Int) -> Int {
        segments[segment].symbols == nil ? min(1, count) : count
    }
}
