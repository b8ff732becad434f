// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// Leads a stream through its transcripts, and holds its frames back until what guides them is known: letters are told best
/// some time after they begin. Where the pace is known they are held back too, so that the delay is always the same.
struct TextReader: Sendable {
    /// A token frame on its way to the synthesis.
    enum Frame: Sendable {
        /// Stands before the first frame.
        case none
        /// The latents [stack · dimensions] of so many codes, made up if the frame was lost.
        case speech(ArraySlice<Float>, codes: Int, isLost: Bool)
        case noise(ComfortNoise, isLost: Bool)
        /// Lost, after so many others that nothing is heard any more.
        case silence
    }

    /// A frame and what guides it: text vectors [rate, channels], nil without a transcript.
    typealias Ready = (frame: Frame, vectors: Matrix?)

    private struct Held {
        var frame: Frame
        /// The number of the transcript that guides it.
        var text: Int
    }

    private let path: TextPath
    private var listening: Listener.State
    /// Those that still guide a frame, by their numbers.
    private var guides: [Int: Guide] = [:]
    /// The number of the transcript of the next frame.
    private var current = 0
    /// As many as are looked ahead.
    private var held: [Held]

    init(_ path: TextPath) {
        self.path = path
        listening = path.listener.initialState()
        held = [Held](repeating: Held(frame: .none, text: 0), count: path.lookahead)
    }

    var match: Double? { guides[current]?.match }

    /// The transcript from the next frame on; one without letters is none, a pace that isn't its own is left aside.
    mutating func setTranscript(_ text: String, pace: [Int]?) {
        let symbols = TextSymbols(text).values
        current += 1
        guides[current] = symbols.isEmpty ? nil : Guide(symbols, pace: pace, letters: path.letters)
    }

    /// Takes the next frames and gives back as many, those that were held back longest.
    mutating func push(_ frames: [Frame]) -> [Ready] {
        let heard = listen(to: frames)
        var row = 0
        return frames.map { frame in
            held.append(Held(frame: frame, text: current))
            let next = held.removeFirst()
            let weight = if case .speech(_, let codes, _) = next.frame { path.textWeights[codes - 1] } else { Float(0) }
            let isGuided = weight > 0 && guides[next.text] != nil
            var vectors = Matrix(rows: isGuided ? path.rate : 0, columns: path.channels)
            for place in 0..<path.rate {
                // While there is noise nothing is heard and no time goes by.
                switch frame {
                case .speech(_, _, let isLost):
                    step(isLost ? nil : heard.likely.row(row), letters: heard.letters[row])
                    row += 1
                case .silence: step(nil, letters: 0)
                case .none, .noise: break
                }
                if isGuided {
                    guides[next.text]?.mix(into: &vectors, row: place, weight: weight, encoder: path.encoder)
                }
            }
            switch next.frame {
            case .speech, .silence: guides[next.text]?.advance()
            case .none, .noise: break
            }
            guides = guides.filter { text, _ in text == current || held.contains { $0.text == text } }
            return (next.frame, isGuided ? vectors : nil)
        }
    }

    /// What is heard in those frames that are speech, one after the other.
    private mutating func listen(to frames: [Frame]) -> Heard {
        var values: [Float] = []
        for case .speech(let latents, _, _) in frames { values += latents }
        guard !values.isEmpty else { return Heard(likely: Matrix(), letters: []) }
        let latents = Matrix(rows: values.count / path.dimensions, columns: path.dimensions, values: values)
        return path.listener.heard(path.listener.logits(latents, state: &listening))
    }

    private mutating func step(_ likely: ArraySlice<Float>?, letters: Float) {
        for text in guides.keys { guides[text]?.step(likely, letters: letters) }
    }
}

extension TextReader {
    /// Frames of speech that go through the networks together.
    struct Run {
        /// [n · stack · dimensions]
        private(set) var latents: [Float] = []
        private(set) var isLost: [Bool] = []
        private var guides: [Matrix?] = []

        mutating func append(_ latents: ArraySlice<Float>, isLost: Bool, vectors: Matrix?) {
            self.latents += latents
            self.isLost.append(isLost)
            guides.append(vectors)
        }

        /// [n · rate, channels], zero for frames that nothing guides; nil if nothing guides any.
        var vectors: Matrix? {
            guard let one = guides.lazy.compactMap(\.self).first else { return nil }
            let none = Matrix(rows: one.rows, columns: one.columns)
            return Matrix(
                rows: guides.count * one.rows, columns: one.columns, values: guides.flatMap { ($0 ?? none).values })
        }
    }
}
