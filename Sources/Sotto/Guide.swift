// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// What leads frames through a transcript: its pace if that is known, else what is heard.
enum Guide: Sendable {
    case paced(PacedGuide)
    case followed(TextGuide)

    /// - Parameter pace: as `PacedGuide` takes it; one that is of no such text is left aside.
    init(_ symbols: [UInt8], pace: [Int]?, letters: LetterModel) {
        if let guide = pace.flatMap({ PacedGuide(symbols, pace: $0) }) {
            self = .paced(guide)
        } else {
            self = .followed(TextGuide(symbols, model: letters))
        }
    }

    /// As `TextGuide.match`; nil if nothing is followed.
    var match: Double? { if case .followed(let guide) = self { guide.match } else { nil } }

    // Guides are taken out and put back, so that their arrays are changed where they are.

    /// As `TextGuide.step`: a row was heard.
    mutating func step(_ likely: ArraySlice<Float>?, letters: Float) {
        switch consume self {
        case .followed(var guide):
            guide.step(likely, letters: letters)
            self = .followed(guide)
        case let other: self = other
        }
    }

    /// Adds a text vector, times `weight`, to a row of `vectors` [rows of a frame, channels].
    mutating func mix(into vectors: inout Matrix, row: Int, weight: Float, encoder: TextEncoder) {
        switch consume self {
        case .paced(var guide):
            guide.mix(into: &vectors, row: row, weight: weight, encoder: encoder)
            self = .paced(guide)
        case .followed(var guide):
            guide.mix(into: &vectors, row: row, weight: weight, encoder: encoder)
            self = .followed(guide)
        }
    }

    /// A frame of the transcript is over.
    mutating func advance() {
        switch consume self {
        case .paced(var guide):
            guide.advance()
            self = .paced(guide)
        case let other: self = other
        }
    }
}
