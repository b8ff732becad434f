// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What a transcript says to the decoder: it follows the speech and mixes the vectors of where that may be.
package struct TextGuide: Sendable {
    /// What a mixture may leave out of all states together, so that only those near the likely ones are encoded.
    private static let negligible: Float = 1e-5

    private var follower: LetterFollower
    /// Letters that were heard, and how many of them the text accounts for.
    private var (heardLetters, fittingLetters) = (0.0, 0.0)
    private let channels: Int
    /// The encoded chunks of the text that are near, by their numbers.
    private var chunks: [Int: Matrix] = [:]

    init(_ text: String, model: LetterModel, channels: Int) {
        follower = LetterFollower(TextSymbols(text).values, model: model)
        self.channels = channels
    }

    /// The share of the letters heard so far that the text accounts for, 0 to 1.
    var match: Double { heardLetters > 0 ? fittingLetters / heardLetters : 0 }

    /// - Parameters:
    ///   - heard: of n rows.
    ///   - isLost: for each row, whether it was made up and says nothing.
    /// - Returns: the text vectors [n, channels], zero where the speech isn't in the text.
    package mutating func advance(_ heard: Heard, isLost: [Bool], encoder: TextEncoder) -> Matrix {
        var vectors = Matrix(rows: heard.likely.rows, columns: channels)
        for row in isLost.indices {
            follower.step(isLost[row] ? nil : heard.likely.row(row))
            mix(row, encoder, into: &vectors)
            guard !isLost[row] else { continue }
            heardLetters += Double(heard.letters[row])
            fittingLetters += Double(heard.letters[row] * follower.certainty)
        }
        forgetDistantChunks()
        return vectors
    }

    private mutating func mix(_ row: Int, _ encoder: TextEncoder, into vectors: inout Matrix) {
        let least = Self.negligible / Float(follower.share.count)
        for (index, share) in follower.share.enumerated() where share > least {
            let place = TextEncoder.place(of: follower.window.firstState + index)
            if chunks[place.chunk] == nil {
                chunks[place.chunk] = encoder.encode(chunk: place.chunk, of: follower.symbols)
            }
            guard let encoded = chunks[place.chunk] else { continue }
            vectors.add(encoded.row(place.row), scaledBy: share, toRow: row)
        }
    }

    private mutating func forgetDistantChunks() {
        let first = TextEncoder.place(of: follower.window.firstState).chunk
        let last = TextEncoder.place(of: follower.window.firstState + follower.window.stateCount - 1).chunk
        guard chunks.count > last - first + 1 else { return }
        chunks = chunks.filter { (first...last).contains($0.key) }
    }
}
