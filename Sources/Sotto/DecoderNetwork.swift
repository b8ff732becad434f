// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// Latents → what the synthesis needs, one token frame a step, always with the same shapes.
struct DecoderNetwork: Sendable {
    struct State: Sendable {
        var trunk: Trunk.State
        var blocks: [ConvNeXtBlock.State]
    }

    struct Output {
        /// The pitch as a feature, [frames].
        var pitch: [Float]
        /// [frames, 3 · bins]: log gain and phase of the filter on the pulses, log gain of that on the noise.
        var filters: Matrix
    }

    private let upsample: Int
    private let input: Linear
    private let trunk: Trunk
    private let up: Linear
    private let blocks: [ConvNeXtBlock]
    private let norm: LayerNorm
    private let pitch: Linear
    private let filters: Linear

    init(_ weights: inout WeightLoader, _ c: Configuration) throws(WeightError) {
        let d = c.decoder
        upsample = d.upsample
        input = try Linear(&weights, "decoder.input", inputs: c.quantizer.dimensions, outputs: d.trunkChannels)
        trunk = try Trunk(
            &weights, "decoder.trunk", channels: d.trunkChannels, blocks: d.trunkBlocks, kernel: d.kernel,
            expansion: d.expansion)
        up = try Linear(&weights, "decoder.up", inputs: d.trunkChannels, outputs: d.upsample * d.channels)
        blocks = try ConvNeXtBlock.stack(
            &weights, "decoder.blocks", count: d.blocks, channels: d.channels, kernel: d.kernel, expansion: d.expansion)
        norm = try LayerNorm(&weights, "decoder.norm", channels: d.channels)
        pitch = try Linear(&weights, "decoder.pitch", inputs: d.channels, outputs: 1)
        filters = try Linear(
            &weights, "decoder.filters", inputs: d.channels, outputs: 3 * (c.synthesis.window / 2 + 1))
    }

    func makeState() -> State { State(trunk: trunk.makeState(), blocks: blocks.map { $0.makeState() }) }

    /// latent [dimensions] → one row for each frame of the synthesis.
    func callAsFunction(_ latent: [Float], _ state: inout State) -> Output {
        let frame = trunk(input(Matrix(rows: 1, columns: latent.count, values: latent)), &state.trunk)
        let rows = norm(blocks.run(up(frame).reshaped(rows: upsample), &state.blocks))
        return Output(pitch: pitch(rows).values, filters: filters(rows))
    }
}
