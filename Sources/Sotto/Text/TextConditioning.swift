// SPDX-License-Identifier: Apache-2.0

import NeuralNet
package import Transcript

/// How a transcript reaches the decoder: the model that reads it, and the layers that bring in what it says.
package struct TextConditioning: Sendable {
    package let transcript: TranscriptModel
    private let rowsPerVector: Int
    private let toTrunk: Linear
    private let toBlocks: [Linear]

    init(_ weights: Weights, _ settings: TranscriptSettings, _ c: Configuration) throws(WeightsError) {
        transcript = try TranscriptModel(
            weights, settings, dimensions: c.quantizer.dimensions, stack: c.quantizer.stack,
            rowSeconds: Double(c.frameSize) / Double(c.sampleRate * settings.rate * c.quantizer.stack))
        rowsPerVector = c.decoder.upsample / settings.rate
        toTrunk = try Linear(
            unbiased: weights["text_to_trunk"], inputs: settings.rate * settings.channels,
            outputs: c.decoder.trunkChannels)
        var toBlocks: [Linear] = []
        for block in 0..<c.decoder.blocks {
            toBlocks.append(
                try Linear(
                    unbiased: weights["text_to_blocks"]["\(block)"], inputs: settings.channels,
                    outputs: c.decoder.channels))
        }
        self.toBlocks = toBlocks
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
