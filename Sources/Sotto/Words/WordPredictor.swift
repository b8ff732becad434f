// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Transcript

/// What is known of the frames and the codes of their words → latents, a part of the frames at a time.
struct WordPredictor: Sendable {
    /// Frames that are made at a time.
    private static let framesAtOnce = 128
    /// Rows between the taps of the blocks, every second of which is conditioned on the words; together it is what they see on each side.
    private static let spacings = [1, 2, 4, 1, 1, 1]
    private static let reach = spacings.reduce(0, +)

    private let told: Linear
    private let blocks: [DilatedBlock]
    private let trunk: RecurrentStack
    private let norm: LayerNorm
    private let output: Linear
    /// What stands for a word without codes, and for a pause, [2, words].
    private let noCodes: [Float]
    private let wordSize: Int

    init(_ weights: Weights, _ c: WordConfiguration) throws(WeightsError) {
        wordSize = c.words
        told = try Linear(weights["told"], inputs: 5 * c.words, outputs: c.channels)
        var blocks: [DilatedBlock] = []
        for (number, spacing) in Self.spacings.enumerated() {
            blocks.append(
                try DilatedBlock(
                    weights["blocks"]["\(number)"], channels: c.channels, spacing: spacing,
                    conditions: number % 2 == 1 ? 5 * c.words : 0))
        }
        self.blocks = blocks
        trunk = try RecurrentStack(weights["trunk"], channels: c.channels, blocks: 2, kernel: 5, expansion: 2)
        norm = try LayerNorm(weights["norm"], channels: c.channels)
        output = try Linear(weights["output"], inputs: c.channels, outputs: c.dimensions)
        noCodes = try weights.tensor("no_codes", shape: [2, c.words])
    }

    /// The vector of a word or pause: of its codes, or what stands for them where there are none.
    func vector(_ codes: [UInt8], isPause: Bool, by codebooks: WordCodebooks) -> [Float] {
        codes.isEmpty ? Array(noCodes[isPause ? wordSize..<2 * wordSize : 0..<wordSize]) : codebooks.decode(codes)
    }

    /// How far the speech has been made.
    struct State: Sendable {
        fileprivate var trunk: RecurrentStack.State
        /// The number of the next frame.
        fileprivate(set) var frame = 0
    }

    func initialState() -> State { State(trunk: trunk.initialState()) }

    /// The latents of the next frames, scaled, [frames, dimensions]; nil when all have been made.
    ///
    /// - Parameters:
    ///   - known: what `WordNetwork.known` tells of some frames.
    ///   - vector: that of each word and pause.
    func next(
        _ timeline: WordTimeline, state: inout State, known: (Range<Int>, inout Scratch) -> Matrix,
        vector: (Int) -> [Float]
    ) -> Matrix? {
        let (count, start) = (timeline.frameCount, state.frame)
        guard start < count else { return nil }
        let end = min(start + Self.framesAtOnce, count)
        let around = max(0, start - Self.reach)..<min(count, end + Self.reach)
        var scratch = Scratch()
        var (x, added) = (known(around, &scratch), Matrix())
        let words = self.words(around, of: timeline, vector)
        told.forward(words, into: &added)
        x.add(added)
        for block in blocks { block.forward(&x, conditions: words, scratch: &scratch) }
        var inner = x.rows(start - around.lowerBound..<end - around.lowerBound)
        trunk.forward(&inner, state: &state.trunk, scratch: &scratch)
        norm.forward(&inner)
        var latents = Matrix()
        output.forward(inner, into: &latents)
        state.frame = end
        return latents
    }

    /// For each frame the vectors of its first row's word, of all of its rows on average, of its last row's word, and of the words before the
    /// first and after the last, [frames, 5 · words].
    private func words(_ frames: Range<Int>, of timeline: WordTimeline, _ vector: (Int) -> [Float]) -> Matrix {
        let (rate, none) = (WordTimeline.rowsPerFrame, [Float](repeating: 0, count: wordSize))
        var values: [Float] = []
        values.reserveCapacity(frames.count * 5 * wordSize)
        for frame in frames {
            let segments = (frame * rate..<(frame + 1) * rate).map { timeline.row($0).segment }
            let vectors = segments.map(vector)
            let (first, last) = (segments[0], segments[rate - 1])
            values += vectors[0]
            for i in 0..<wordSize { values.append(vectors.reduce(0) { $0 + $1[i] } / Float(rate)) }
            values += vectors[rate - 1]
            values += first > 0 ? vector(first - 1) : none
            values += last + 1 < timeline.segments.count ? vector(last + 1) : none
        }
        return Matrix(rows: frames.count, columns: 5 * wordSize, values: values)
    }
}
