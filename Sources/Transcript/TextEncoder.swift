// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// The symbols of a transcript → a vector for each state of `ForwardTracker`, from the letters around it.
package struct TextEncoder: Sendable {
    /// Symbols that are encoded at a time; of a long transcript only what is near is ever encoded.
    static let chunk = 64

    private let channels: Int
    private let reach: Int
    private let embedding: [Float]  // [symbols, channels]
    private let blocks: [ConvNeXtBlock]
    private let norm: LayerNorm
    private let output: Linear

    init(_ weights: Weights, _ c: TranscriptSettings) throws(WeightsError) {
        (channels, reach) = (c.channels, c.reach)
        embedding = try weights["embedding"].tensor("weight", shape: [c.symbols, c.channels])
        var blocks: [ConvNeXtBlock] = []
        for i in 0..<c.blocks {
            blocks.append(
                try ConvNeXtBlock(
                    weights["blocks"]["\(i)"], channels: c.channels, kernel: c.kernel, expansion: c.expansion))
        }
        self.blocks = blocks
        norm = try LayerNorm(weights["norm"], channels: c.channels)
        output = try Linear(weights["output"], inputs: c.channels, outputs: 2 * c.channels)
    }

    /// Where the vector of a state is found: its chunk, and the row there in [2 · chunk, channels].
    package static func place(of state: Int) -> (chunk: Int, row: Int) {
        ((state + 1) / (2 * chunk), (state + 1) % (2 * chunk))
    }

    /// The vectors of a chunk of symbols, the space before the text being the first symbol of chunk 0: of each symbol
    /// its own and that of the blank after it, [2 · chunk, channels] or less where the text ends.
    package func encode(chunk index: Int, of symbols: [UInt8]) -> Matrix {
        let places = index * Self.chunk..<min((index + 1) * Self.chunk, symbols.count + 1)
        var x = Matrix(rows: places.count + 2 * reach, columns: channels)
        for row in 0..<x.rows {
            let place = places.lowerBound - reach + row
            // The text lies between spaces that reach as far as its first letter sees; before them there is nothing.
            guard place > -reach else { continue }
            let symbol = Int(symbols.indices.contains(place - 1) ? symbols[place - 1] : TextSymbols.space)
            x.add(embedding[symbol * channels..<(symbol + 1) * channels], scaledBy: 1, toRow: row)
        }
        var scratch = Scratch()
        for block in blocks { block.forwardCentered(&x, scratch: &scratch) }
        var inner = Matrix(
            rows: places.count, columns: channels,
            values: Array(x.values[reach * channels..<(reach + places.count) * channels]))
        norm.forward(&inner)
        var vectors = Matrix()
        output.forward(inner, into: &vectors)
        vectors.reshape(rows: 2 * places.count, columns: channels)
        return vectors
    }
}
