// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What tells where in a transcript each frame is: its timing if that is known, else what is heard.
package enum PositionSource: Sendable {
    case timed(TimedPosition)
    case tracked(TrackedPosition)

    /// - Parameter timing: one that is of no such text is left aside.
    package init(_ symbols: [UInt8], timing: SymbolTiming?, hmm: TranscriptHMM) {
        if let position = timing.flatMap({ TimedPosition(symbols, timing: $0) }) {
            self = .timed(position)
        } else {
            self = .tracked(TrackedPosition(symbols, model: hmm))
        }
    }

    /// As `TrackedPosition.match`; nil if nothing is followed.
    package var match: Double? { if case .tracked(let position) = self { position.match } else { nil } }

    // Positions are taken out and put back, so that their arrays are changed where they are.

    /// As `TrackedPosition.step`: a row was heard.
    package mutating func step(_ likely: ArraySlice<Float>?, letters: Float) {
        switch consume self {
        case .tracked(var position):
            position.step(likely, letters: letters)
            self = .tracked(position)
        case let other: self = other
        }
    }

    /// Adds a text vector, times `weight`, to a row of `vectors` [rows of a frame, channels].
    package mutating func mix(into vectors: inout Matrix, row: Int, weight: Float, encoder: TextEncoder) {
        switch consume self {
        case .timed(var position):
            position.mix(into: &vectors, row: row, weight: weight, encoder: encoder)
            self = .timed(position)
        case .tracked(var position):
            position.mix(into: &vectors, row: row, weight: weight, encoder: encoder)
            self = .tracked(position)
        }
    }

    /// A frame of the transcript is over.
    package mutating func advance() {
        switch consume self {
        case .timed(var position):
            position.advance()
            self = .timed(position)
        case let other: self = other
        }
    }
}
