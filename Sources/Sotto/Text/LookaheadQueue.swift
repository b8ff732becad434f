// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Transcript

/// What a token frame of speech is made with, beside its latents.
struct HeardFrame: Sendable {
    /// How many its latents were made of.
    var codes: Int
    /// Whether it never came and is made up.
    var isLost: Bool
    /// What it is multiplied by, for the speaker's level.
    var gain: Float
}

/// Leads a stream through its transcripts, and holds its frames back until what conditions them is known: letters are told best
/// some time after they begin. Where the timing is known they are held back too, so that the delay is always the same.
struct LookaheadQueue: Sendable {
    /// A token frame on its way to the synthesis.
    enum Frame: Sendable {
        /// Stands before the first frame.
        case none
        /// The latents [stack · dimensions] of one.
        case speech(ArraySlice<Float>, HeardFrame)
        case noise(ComfortNoise, isLost: Bool)
        /// Lost, after so many others that nothing is heard any more.
        case silence
    }

    /// A frame and what conditions it: text vectors [rate, channels], nil without a transcript.
    typealias Ready = (frame: Frame, vectors: Matrix?)

    private struct Held {
        var frame: Frame
        /// The number of the transcript that conditions it.
        var text: Int
    }

    private let model: TranscriptModel
    private var listening: LetterClassifier.State
    /// Those that still condition a frame, by their numbers.
    private var positions: [Int: PositionSource] = [:]
    /// The number of the transcript of the next frame.
    private var current = 0
    /// As many as are looked ahead.
    private var held: [Held]

    init(_ model: TranscriptModel) {
        self.model = model
        listening = model.classifier.initialState()
        held = [Held](repeating: Held(frame: .none, text: 0), count: model.lookahead)
    }

    var match: Double? { positions[current]?.match }

    /// The transcript from the next frame on; one without letters is none, a timing that isn't its own is left aside.
    mutating func setTranscript(_ text: String, timing: SymbolTiming?) {
        let symbols = TextSymbols(text).values
        current += 1
        positions[current] = symbols.isEmpty ? nil : PositionSource(symbols, timing: timing, hmm: model.hmm)
    }

    /// Takes the next frames and gives back as many, those that were held back longest.
    mutating func push(_ frames: [Frame]) -> [Ready] {
        let heard = listen(to: frames)
        var row = 0
        return frames.map { frame in
            held.append(Held(frame: frame, text: current))
            let next = held.removeFirst()
            let weight = if case .speech(_, let heard) = next.frame { model.weights[heard.codes - 1] } else { Float(0) }
            let isConditioned = weight > 0 && positions[next.text] != nil
            var vectors = Matrix(rows: isConditioned ? model.rate : 0, columns: model.channels)
            for place in 0..<model.rate {
                // While there is noise nothing is heard and no time goes by.
                switch frame {
                case .speech(_, let frame):
                    step(frame.isLost ? nil : heard.likely.row(row), letters: heard.letters[row])
                    row += 1
                case .silence: step(nil, letters: 0)
                case .none, .noise: break
                }
                if isConditioned {
                    positions[next.text]?.mix(into: &vectors, row: place, weight: weight, encoder: model.encoder)
                }
            }
            switch next.frame {
            case .speech, .silence: positions[next.text]?.advance()
            case .none, .noise: break
            }
            positions = positions.filter { text, _ in text == current || held.contains { $0.text == text } }
            return (next.frame, isConditioned ? vectors : nil)
        }
    }

    /// What is heard in those frames that are speech, one after the other.
    private mutating func listen(to frames: [Frame]) -> Emissions {
        var values: [Float] = []
        for case .speech(let latents, _) in frames { values += latents }
        guard !values.isEmpty else { return Emissions() }
        let latents = Matrix(rows: values.count / model.dimensions, columns: model.dimensions, values: values)
        return model.classifier.emissions(model.classifier.logits(latents, state: &listening))
    }

    private mutating func step(_ likely: ArraySlice<Float>?, letters: Float) {
        for text in positions.keys { positions[text]?.step(likely, letters: letters) }
    }
}
