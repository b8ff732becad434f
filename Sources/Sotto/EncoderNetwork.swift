// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// Features → latents, one token frame a step.
///
/// Every step sees the same shapes, in a stream as in a file, so that the sums inside of BLAS always run in the same
/// order and the tokens are the same bit for bit.
package struct EncoderNetwork: Sendable {
    package struct State: Sendable {
        var blocks: [ConvNeXtBlock.State]
        var trunk: Trunk.State
    }

    private let stackedRows: Int
    private let input: Linear
    private let blocks: [ConvNeXtBlock]
    private let down: Linear
    private let trunk: Trunk
    private let norm: LayerNorm
    private let output: Linear

    init(_ weights: inout WeightLoader, _ c: Configuration) throws(WeightError) {
        let e = c.encoder
        stackedRows = e.downsample
        input = try Linear(
            &weights, "encoder.input", inputs: (c.features.mel.bands + 2) * e.stack, outputs: e.channels)
        blocks = try ConvNeXtBlock.stack(
            &weights, "encoder.blocks", count: e.blocks, channels: e.channels, kernel: e.kernel, expansion: e.expansion)
        down = try Linear(&weights, "encoder.down", inputs: e.channels * e.downsample, outputs: e.trunkChannels)
        trunk = try Trunk(
            &weights, "encoder.trunk", channels: e.trunkChannels, blocks: e.trunkBlocks, kernel: e.kernel,
            expansion: e.expansion)
        norm = try LayerNorm(&weights, "encoder.norm", channels: e.trunkChannels)
        output = try Linear(&weights, "encoder.output", inputs: e.trunkChannels, outputs: c.quantizer.dimensions)
    }

    package func makeState() -> State { State(blocks: blocks.map { $0.makeState() }, trunk: trunk.makeState()) }

    /// features [frames of a token frame, bands + 2] → latent [dimensions].
    package func callAsFunction(_ features: Matrix, _ state: inout State) -> [Float] {
        let rows = blocks.run(input(features.reshaped(rows: stackedRows)), &state.blocks)
        let frame = trunk(down(rows.reshaped(rows: 1)), &state.trunk)
        return output(norm(frame)).values
    }
}
