// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Transcript

/// What is known of each frame before any code is read: its letters with those around them, how far each letter and word has got, and the voice.
struct WordNetwork: Sendable {
    /// Letters that a letter's vector sees on each side: one for each block.
    private static let reach = 3
    /// Symbols that have a vector, one more than texts have.
    private static let symbolCount = 31
    /// Rows that a letter's or a word's beginning and end are counted up to.
    private static let farthest = 40
    /// Numbers that stand for such a count.
    private static let stepSize = 16

    let dimensions: Int
    let channels: Int
    private let letterSize: Int
    private let mean: [Float]  // [dimensions]
    private let scale: Float
    private let embedding: [Float]  // [symbols, letters]
    private let blocks: [ConvNeXtBlock]
    private let norm: LayerNorm
    /// Rows since a letter began and until it ends, and the same of a word, [farthest + 1, stepSize] each.
    private let (letterSteps, wordSteps): ([[Float]], [[Float]])
    private let rows: Linear
    private let voice: Linear
    /// The vector where nothing is said.
    private var nothing: [Float] = []

    init(_ weights: Weights, _ c: WordConfiguration) throws(WeightsError) {
        (dimensions, channels, letterSize) = (c.dimensions, c.channels, c.letters)
        mean = try weights.tensor("mean", shape: [c.dimensions])
        scale = try weights.tensor("scale", shape: [1])[0]
        guard scale > 0 else { throw weights.malformed("scale", because: "it is not positive") }
        embedding = try weights["embedding"].tensor("weight", shape: [Self.symbolCount, c.letters])
        var blocks: [ConvNeXtBlock] = []
        for block in 0..<Self.reach {
            blocks.append(
                try ConvNeXtBlock(weights["letter_blocks"]["\(block)"], channels: c.letters, kernel: 3, expansion: 3))
        }
        self.blocks = blocks
        norm = try LayerNorm(weights["letter_norm"], channels: c.letters)
        func steps(_ name: String) throws(WeightsError) -> [[Float]] {
            let shape = [Self.farthest + 1, Self.stepSize]
            return [
                try weights[name]["0"].tensor("weight", shape: shape),
                try weights[name]["1"].tensor("weight", shape: shape),
            ]
        }
        (letterSteps, wordSteps) = (try steps("letter_steps"), try steps("word_steps"))
        rows = try Linear(
            weights["rows"], inputs: WordTimeline.rowsPerFrame * (c.letters + 4 * Self.stepSize + 1),
            outputs: c.channels)
        voice = try Linear(weights["voice"], inputs: c.voice, outputs: c.channels)
        var scratch = Scratch()
        nothing = letterVectors(0..<1, of: [], &scratch).values
    }

    /// latents [frames, dimensions] → the same with their mean taken off and scaled to about 1.
    func scaled(_ latents: Matrix) -> Matrix {
        var scaled = latents
        for row in 0..<latents.rows {
            for d in 0..<dimensions { scaled[row, d] = (latents[row, d] - mean[d]) / scale }
        }
        return scaled
    }

    /// The other way.
    func unscaled(_ latents: Matrix) -> Matrix {
        var unscaled = latents
        for row in 0..<latents.rows {
            for d in 0..<dimensions { unscaled[row, d] = latents[row, d] * scale + mean[d] }
        }
        return unscaled
    }

    /// What is known of some frames, [frames, channels].
    ///
    /// - Parameter voice: its numbers of 0 to 7; nil if it isn't known.
    func known(
        _ frames: Range<Int>, of timeline: WordTimeline, voice numbers: [UInt8]?, _ scratch: inout Scratch
    ) -> Matrix {
        let rate = WordTimeline.rowsPerFrame
        let told = (frames.lowerBound * rate..<frames.upperBound * rate).map { ($0, timeline.row($0)) }
        let letters = letterVectors(told.compactMap(\.1.symbol), of: timeline.symbols, &scratch)
        var values: [Float] = []
        values.reserveCapacity(told.count * (letterSize + 4 * Self.stepSize + 1))
        func append(_ tables: [[Float]], _ row: Int, in rows: Range<Int>) {
            for (table, steps) in zip(tables, [row - rows.lowerBound, rows.upperBound - 1 - row]) {
                let start = min(steps, Self.farthest) * Self.stepSize
                values += table[start..<start + Self.stepSize]
            }
        }
        for (row, told) in told {
            values += told.symbol.flatMap { letters[$0] } ?? nothing[...]
            append(letterSteps, row, in: told.symbolRows)
            let segment = timeline.segments[told.segment]
            append(wordSteps, row, in: segment.rows)
            values.append(segment.symbols == nil ? 1 : 0)
        }
        var (known, spoken) = (Matrix(), Matrix())
        rows.forward(Matrix(rows: frames.count, columns: rows.inputs, values: values), into: &known)
        voice.forward(Matrix(rows: 1, columns: voice.inputs, values: Self.values(ofVoice: numbers)), into: &spoken)
        for row in 0..<known.rows { known.add(spoken.row(0), scaledBy: 1, toRow: row) }
        return known
    }

    /// Numbers of 0 to 7 lie around 0, and one that isn't known lies there.
    private static func values(ofVoice numbers: [UInt8]?) -> [Float] {
        guard let numbers, numbers.count == SpokenWords.voiceCount else {
            return [Float](repeating: 0, count: SpokenWords.voiceCount)
        }
        return numbers.map { Float(min(Int($0), SpokenWords.voiceSteps - 1)) - Float(SpokenWords.voiceSteps - 1) / 2 }
    }

    /// The vectors of symbols by their numbers, which ascend and may come more than once.
    private func letterVectors(
        _ wanted: [Int], of symbols: [UInt8], _ scratch: inout Scratch
    ) -> [Int: ArraySlice<Float>] {
        var vectors: [Int: ArraySlice<Float>] = [:]
        var start = 0
        // Those that lie near each other are made together.
        while start < wanted.count {
            var end = start + 1
            while end < wanted.count, wanted[end] - wanted[end - 1] <= 2 * Self.reach { end += 1 }
            let range = wanted[start]..<wanted[end - 1] + 1
            let made = letterVectors(range, of: symbols, &scratch)
            for index in range { vectors[index] = made.row(index - range.lowerBound) }
            start = end
        }
        return vectors
    }

    /// The vectors of a run of symbols, [symbols, letters]; around the text there are spaces.
    private func letterVectors(_ range: Range<Int>, of symbols: [UInt8], _ scratch: inout Scratch) -> Matrix {
        var x = Matrix(rows: range.count + 2 * Self.reach, columns: letterSize)
        for row in 0..<x.rows {
            let place = range.lowerBound - Self.reach + row
            let symbol = min(Int(symbols.indices.contains(place) ? symbols[place] : TextSymbols.space), 30)
            x.add(embedding[symbol * letterSize..<(symbol + 1) * letterSize], scaledBy: 1, toRow: row)
        }
        for block in blocks { block.forwardCentered(&x, scratch: &scratch) }
        var inner = x.rows(Self.reach..<Self.reach + range.count)
        norm.forward(&inner)
        return inner
    }
}
