// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// What a decoder that reads a transcript has beside the plain one: the listener, the text's encoder, and the layers
/// that bring in what the text says.
package struct TextPath: Sendable {
    package let listener: Listener
    package let encoder: TextEncoder
    package let letters: LetterModel
    /// Rows of text vectors in a token frame.
    let rate: Int
    /// Of a latent.
    let dimensions: Int
    /// Latents of a token frame.
    let stack: Int
    /// Of a text vector.
    let channels: Int
    /// Token frames that are heard before a frame is guided.
    let lookahead: Int
    /// How much the text counts in frames of one code, of two, and so on.
    let textWeights: [Float]
    private let rowsPerVector: Int
    private let toTrunk: Linear
    private let toBlocks: [Linear]

    init(_ weights: Weights, _ t: Configuration.Text, _ c: Configuration) throws {
        (stack, dimensions) = (c.quantizer.stack, c.quantizer.dimensions)
        (rate, lookahead) = (t.rate * stack, t.lookahead / stack)
        (channels, textWeights) = (t.channels, t.weights)
        rowsPerVector = c.decoder.upsample / t.rate
        listener = try Listener(weights["listener"], t, dimensions: c.quantizer.dimensions)
        letters = LetterModel(t.follower, prior: listener.prior)
        encoder = try TextEncoder(weights["text_encoder"], t)
        toTrunk = try Linear(
            unbiased: weights["text_to_trunk"], inputs: t.rate * t.channels, outputs: c.decoder.trunkChannels)
        toBlocks = try (0..<c.decoder.blocks).map {
            try Linear(
                unbiased: weights["text_to_blocks"]["\($0)"], inputs: t.channels, outputs: c.decoder.channels)
        }
    }

    /// Adds what text vectors say to the trunk's input, [latents, trunk channels].
    func add(_ vectors: Matrix, toTrunk trunk: inout Matrix) {
        var (flat, added) = (vectors, Matrix())
        flat.reshape(rows: trunk.rows, columns: toTrunk.inputs)
        toTrunk.forward(flat, into: &added)
        trunk.add(added)
    }

    /// Adds what text vectors say to the input of a block, [frames of the synthesis, channels].
    func add(_ vectors: Matrix, to rows: inout Matrix, before block: Int) {
        var added = Matrix()
        toBlocks[block].forward(vectors, into: &added)
        rows.add(added, repeatingRows: rowsPerVector)
    }
}
