// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What a transcript says to the decoder: it follows the speech and mixes the vectors of where that may be.
package struct TrackedPosition: Sendable {
    /// The share of a state that a mixture leaves out, so that only those near the likely ones are encoded and added: a
    /// thousand of them together are a thousandth.
    private static let negligible: Float = 1e-6
    /// A transcript that fits less than this is likely to be of other speech.
    package static let goodMatch = 0.5

    private var tracker: ForwardTracker
    /// Letters that were heard, and how many of them the text accounts for.
    private var (heardLetters, fittingLetters) = (0.0, 0.0)
    /// The encoded chunks of the text that are near, by their numbers.
    private var chunks: [Int: Matrix] = [:]

    package init(_ symbols: [UInt8], model: TranscriptHMM) { tracker = ForwardTracker(symbols, model: model) }

    /// The share of the letters heard so far that the text's letters account for, 0 to 1.
    package var match: Double { heardLetters > 0 ? fittingLetters / heardLetters : 0 }

    /// Goes on by one row.
    ///
    /// - Parameters:
    ///   - likely: a row of `Emissions.likely`; nil where nothing could be heard, but time went by.
    ///   - letters: the probability that it was a letter.
    package mutating func step(_ likely: ArraySlice<Float>?, letters: Float) {
        tracker.step(likely)
        guard likely != nil else { return }
        heardLetters += Double(letters)
        fittingLetters += Double(letters * tracker.letterCertainty)
    }

    /// Adds the text vector of the place reached, times `weight`, to a row of `vectors` [rows, channels]: nothing where the
    /// speech isn't in the text.
    package mutating func mix(into vectors: inout Matrix, row: Int, weight: Float, encoder: TextEncoder) {
        var (current, encoded) = (-1, Matrix())
        for (index, share) in tracker.share.enumerated() where share > Self.negligible {
            let place = TextEncoder.place(of: tracker.window.firstState + index)
            if place.chunk != current { (current, encoded) = (place.chunk, chunk(place.chunk, encoder)) }
            vectors.add(encoded.row(place.row), scaledBy: share * weight, toRow: row)
        }
    }

    private mutating func chunk(_ number: Int, _ encoder: TextEncoder) -> Matrix {
        if let known = chunks[number] { return known }
        forgetDistantChunks()
        let encoded = encoder.encode(chunk: number, of: tracker.symbols)
        chunks[number] = encoded
        return encoded
    }

    private mutating func forgetDistantChunks() {
        let first = TextEncoder.place(of: tracker.window.firstState).chunk
        let last = TextEncoder.place(of: tracker.window.firstState + tracker.window.stateCount - 1).chunk
        guard chunks.count > last - first else { return }
        chunks = chunks.filter { (first...last).contains($0.key) }
    }
}
