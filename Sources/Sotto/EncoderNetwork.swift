// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// Features → latents, one token frame a step.
///
/// Every step sees the same shapes, in a stream as in a file, so that the sums inside of BLAS always run in the same
/// order and the tokens are the same bit for bit.
package struct EncoderNetwork: Sendable {
    package struct State: Sendable {
        var blocks: BlockStack.State
        var trunk: Trunk.State
        var scratch = Scratch()
    }

    private let stackedRows: Int
    private let input: Linear
    private let blocks: BlockStack
    private let down: Linear
    private let trunk: Trunk
    private let norm: LayerNorm
    private let output: Linear

    init(_ weights: Weights, _ c: Configuration) throws(WeightsError) {
        let e = c.encoder
        stackedRows = e.downsample
        input = try Linear(weights["input"], inputs: (c.features.mel.bands + 2) * e.stack, outputs: e.channels)
        blocks = try BlockStack(
            weights["blocks"], count: e.blocks, channels: e.channels, kernel: e.kernel, expansion: e.expansion)
        down = try Linear(weights["down"], inputs: e.channels * e.downsample, outputs: e.trunkChannels)
        trunk = try Trunk(
            weights["trunk"], channels: e.trunkChannels, blocks: e.trunkBlocks, kernel: e.kernel,
            expansion: e.expansion)
        norm = try LayerNorm(weights["norm"], channels: e.trunkChannels)
        output = try Linear(weights["output"], inputs: e.trunkChannels, outputs: c.quantizer.dimensions)
    }

    package func initialState() -> State { State(blocks: blocks.initialState(), trunk: trunk.initialState()) }

    /// features [frames of a token frame, bands + 2] → latent [dimensions].
    package func forward(_ features: Matrix, state: inout State) -> [Float] {
        var (stacked, rows, frame, latent) = (features, Matrix(), Matrix(), Matrix())
        stacked.reshape(rows: stackedRows, columns: features.values.count / stackedRows)
        input.forward(stacked, into: &rows)
        blocks.forward(&rows, state: &state.blocks, scratch: &state.scratch)
        rows.reshape(rows: 1, columns: rows.values.count)
        down.forward(rows, into: &frame)
        trunk.forward(&frame, state: &state.trunk, scratch: &state.scratch)
        norm.forward(&frame)
        output.forward(frame, into: &latent)
        return latent.values
    }
}
