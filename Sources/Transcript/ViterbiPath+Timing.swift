// SPDX-License-Identifier: Apache-2.0

extension ViterbiPath {
    /// In which of the frames the symbols of the text begin, and the end after them; nil if none is met.
    ///
    /// A symbol that isn't met begins with the next one that is, or with the end. What begins after the last frame doesn't
    /// count.
    ///
    /// - Parameters:
    ///   - rate: rows in a frame.
    ///   - row: seconds of a row.
    ///   - lateness: what is taken off the times.
    package func timing(
        frames: Int, rate: Int, row: Double, lateness: TranscriptSettings.Align.Lateness
    ) -> SymbolTiming? {
        func frame(ofRow number: Int, lateBy seconds: Double) -> Int {
            Int(((Double(number) - seconds / row) / Double(rate)).rounded(.down))
        }
        var counts = [Int](repeating: 0, count: frames)
        var (latest, waiting) = (0, 0)
        func begin(at frame: Int) {
            latest = max(latest, frame)
            if latest < frames { counts[latest] += waiting }
            waiting = 0
        }
        var end: Int?
        for rows in met {
            waiting += 1
            guard let rows else { continue }
            begin(at: frame(ofRow: rows.lowerBound, lateBy: lateness.start))
            end = rows.upperBound + 1
        }
        guard let end else { return nil }
        waiting += 1
        begin(at: frame(ofRow: end, lateBy: lateness.end))
        return SymbolTiming(counts: counts)
    }
}
