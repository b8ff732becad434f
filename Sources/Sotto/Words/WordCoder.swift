// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Spectral
import Transcript

/// Latents and the timeline of what is said → the voice and the codes of words, a part of the frames at a time.
struct WordCoder: Sendable {
    /// Frames that are taken at a time, and frames on each side that the blocks see.
    private static let (framesAtOnce, reach) = (128, 3)
    private static let (heads, headSize, width, voiceSize) = (4, 48, 160, 128)
    /// What pauses count for in the voice.
    private static let pauseWeight = 1e-3
    /// Steps of the voice end where 3.5 · tanh of a number is −3, −2, … 3.
    private static let voiceEnds: [Float] = [
        -1.2824746, -0.6496415, -0.29389334, 0, 0.29389334, 0.6496415, 1.2824746,
    ]

    private let voiceIn: [Linear]
    private let voiceOut: Linear
    private let input: Linear
    private let blocks: [DilatedBlock]
    private let norm: LayerNorm
    private let score: Linear
    private let values: Linear
    private let output: Linear
    let codebooks: WordCodebooks

    init(_ weights: Weights, _ c: WordConfiguration) throws(WeightsError) {
        voiceIn = [
            try Linear(weights["voice_in"]["0"], inputs: c.dimensions, outputs: Self.voiceSize),
            try Linear(weights["voice_in"]["2"], inputs: Self.voiceSize, outputs: Self.voiceSize),
        ]
        voiceOut = try Linear(weights["voice_out"], inputs: Self.voiceSize, outputs: c.voice)
        input = try Linear(weights["word_in"], inputs: c.dimensions + c.channels, outputs: Self.width)
        var blocks: [DilatedBlock] = []
        for block in 0..<Self.reach {
            blocks.append(
                try DilatedBlock(weights["word_blocks"]["\(block)"], channels: Self.width, spacing: 1, conditions: 0))
        }
        self.blocks = blocks
        norm = try LayerNorm(weights["word_norm"], channels: Self.width)
        score = try Linear(weights["word_score"], inputs: Self.width, outputs: Self.heads)
        values = try Linear(weights["word_values"], inputs: Self.width, outputs: Self.heads * Self.headSize)
        output = try Linear(weights["word_out"], inputs: Self.heads * Self.headSize, outputs: c.words)
        codebooks = try WordCodebooks(weights["quantizer"], c)
    }

    /// The numbers of the voice.
    ///
    /// - Parameter latents: those of some frames, scaled.
    func voice(_ timeline: WordTimeline, latents: (Range<Int>) -> Matrix) -> [UInt8] {
        var (sums, weights) = ([Double](repeating: 0, count: Self.voiceSize), 0.0)
        for frames in Self.parts(of: timeline.frameCount) {
            var (heard, next) = (latents(frames), Matrix())
            for layer in voiceIn {
                layer.forward(heard, into: &next)
                next.applyGELU()
                swap(&heard, &next)
            }
            for frame in frames {
                let weight = Self.pauseWeight + Self.speech(in: frame, of: timeline)
                for (i, value) in heard.row(frame - frames.lowerBound).enumerated() {
                    sums[i] += weight * Double(value)
                }
                weights += weight
            }
        }
        var numbers = Matrix()
        let mean = sums.map { Float($0 / max(weights, Self.pauseWeight)) }
        voiceOut.forward(Matrix(rows: 1, columns: mean.count, values: mean), into: &numbers)
        return numbers.values.map { number in UInt8(Self.voiceEnds.count { number > $0 }) }
    }

    /// The share of a frame that is no pause.
    private static func speech(in frame: Int, of timeline: WordTimeline) -> Double {
        let rate = WordTimeline.rowsPerFrame
        let spoken = (frame * rate..<(frame + 1) * rate).count {
            timeline.segments[timeline.row($0).segment].symbols != nil
        }
        return Double(spoken) / Double(rate)
    }

    /// The codes of all words and pauses, one after the other.
    ///
    /// - Parameters:
    ///   - latents: those of some frames, scaled.
    ///   - known: what `WordNetwork.known` tells of some frames.
    ///   - count: how many codes a word gets.
    func codes(
        _ timeline: WordTimeline, count: Int, latents: (Range<Int>) -> Matrix,
        known: (Range<Int>, inout Scratch) -> Matrix
    ) -> [UInt8] {
        guard count > 0 else { return [] }
        let (rate, segments) = (WordTimeline.rowsPerFrame, timeline.segments)
        var (codes, scratch, segment, attention) = ([UInt8](), Scratch(), 0, Attention())
        for frames in Self.parts(of: timeline.frameCount) {
            let around =
                max(0, frames.lowerBound - Self.reach)..<min(timeline.frameCount, frames.upperBound + Self.reach)
            let (heard, told) = (latents(around), known(around, &scratch))
            var both: [Float] = []
            for row in 0..<around.count { both += heard.row(row) + told.row(row) }
            var x = Matrix()
            input.forward(Matrix(rows: around.count, columns: input.inputs, values: both), into: &x)
            for block in blocks { block.forward(&x, conditions: Matrix(), scratch: &scratch) }
            norm.forward(&x)
            var (scores, values) = (Matrix(), Matrix())
            score.forward(x, into: &scores)
            self.values.forward(x, into: &values)
            for frame in frames {
                let (row, rows) = (frame - around.lowerBound, frame * rate..<(frame + 1) * rate)
                while true {
                    let within = segments[segment].rows.clamped(to: rows)
                    attention.add(
                        values.row(row), scores: scores.row(row), share: Double(within.count) / Double(rate))
                    guard segments[segment].rows.upperBound <= rows.upperBound else { break }
                    let most = timeline.codeCount(of: segment, perWord: count)
                    codes += codebooks.encode(vector(attention), count: most)
                    (segment, attention) = (segment + 1, Attention())
                    // A word that begins with the next frame has nothing of this one.
                    guard segment < segments.count, segments[segment].rows.lowerBound < rows.upperBound else { break }
                }
            }
        }
        return codes
    }

    private func vector(_ attention: Attention) -> [Float] {
        var vector = Matrix()
        output.forward(Matrix(rows: 1, columns: output.inputs, values: attention.means), into: &vector)
        return vector.values
    }

    private static func parts(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: framesAtOnce).map { $0..<min($0 + framesAtOnce, count) }
    }

    /// What the frames of a word come to: the mean of their values in each head, each counting by the exponential of its score.
    private struct Attention {
        private var sums = [Double](repeating: 0, count: heads * headSize)
        private var weights = [Double](repeating: 0, count: heads)

        /// - Parameter share: how much of the frame is the word's.
        mutating func add(_ values: ArraySlice<Float>, scores: ArraySlice<Float>, share: Double) {
            for (head, score) in scores.enumerated() {
                let weight = share * preciseExp(Double(min(max(score, -8), 8)))
                weights[head] += weight
                let start = head * headSize
                for i in start..<start + headSize { sums[i] += weight * Double(values[values.startIndex + i]) }
            }
        }

        var means: [Float] { sums.indices.map { Float(sums[$0] / (weights[$0 / headSize] + 1e-6)) } }
    }
}
