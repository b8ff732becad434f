// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What a transcript says to the decoder where its timing is known: the vector of the symbol that is being said.
package struct TimedPosition: Sendable {
    private let symbols: [UInt8]
    /// How many symbols begin in each frame.
    private let counts: [Int]
    /// The frame that it stands at, and how many symbols begin before it.
    private var (frame, begun) = (0, 0)
    /// The encoded chunk of the text that was needed last.
    private var chunk: (number: Int, vectors: Matrix)?

    /// - Returns: nil if no text of so many symbols has this timing.
    package init?(_ symbols: [UInt8], timing: SymbolTiming) {
        let (counts, most) = (timing.counts, symbols.count + 1)
        guard counts.allSatisfy({ (0...most).contains($0) }), counts.reduce(0, +) <= most else { return nil }
        (self.symbols, self.counts) = (symbols, counts)
    }

    /// The state of the symbol that begins last up to a row of the frame, counted as `ForwardTracker` counts; nil before
    /// the first symbol and after the end.
    ///
    /// - Parameter rows: those of a frame; what begins in it begins at equal distances.
    package func state(row: Int, of rows: Int) -> Int? {
        let count = counts.indices.contains(frame) ? counts[frame] : 0
        let latest = begun + (0..<count).count { (2 * $0 + 1) * rows / (2 * count) <= row } - 1
        return symbols.indices.contains(latest) ? 2 * latest + 1 : nil
    }

    /// Adds the text vector of the row's state, times `weight`, to a row of `vectors` [rows of a frame, channels].
    package mutating func mix(into vectors: inout Matrix, row: Int, weight: Float, encoder: TextEncoder) {
        guard let state = state(row: row, of: vectors.rows) else { return }
        let place = TextEncoder.place(of: state)
        if chunk?.number != place.chunk {
            chunk = (place.chunk, encoder.encode(chunk: place.chunk, of: symbols))
        }
        guard let chunk else { return }
        vectors.add(chunk.vectors.row(place.row), scaledBy: weight, toRow: row)
    }

    /// Goes on to the next frame.
    package mutating func advance() {
        if counts.indices.contains(frame) { begun += counts[frame] }
        frame += 1
    }
}
