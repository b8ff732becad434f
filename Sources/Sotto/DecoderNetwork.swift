// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// Latents → what the synthesis needs, one token frame a step, always with the same shapes.
struct DecoderNetwork: Sendable {
    struct State: Sendable {
        var trunk: Trunk.State
        var blocks: BlockStack.State
        var scratch = Scratch()
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
    private let blocks: BlockStack
    private let norm: LayerNorm
    private let pitch: Linear
    private let filters: Linear

    init(_ weights: Weights, _ c: Configuration) throws(WeightsError) {
        let d = c.decoder
        upsample = d.upsample
        input = try Linear(weights["input"], inputs: c.quantizer.dimensions, outputs: d.trunkChannels)
        trunk = try Trunk(
            weights["trunk"], channels: d.trunkChannels, blocks: d.trunkBlocks, kernel: d.kernel,
            expansion: d.expansion)
        up = try Linear(weights["up"], inputs: d.trunkChannels, outputs: d.upsample * d.channels)
        blocks = try BlockStack(
            weights["blocks"], count: d.blocks, channels: d.channels, kernel: d.kernel, expansion: d.expansion)
        norm = try LayerNorm(weights["norm"], channels: d.channels)
        pitch = try Linear(weights["pitch"], inputs: d.channels, outputs: 1)
        filters = try Linear(weights["filters"], inputs: d.channels, outputs: 3 * (c.synthesis.window / 2 + 1))
    }

    func initialState() -> State { State(trunk: trunk.initialState(), blocks: blocks.initialState()) }

    /// latent [dimensions] → one row for each frame of the synthesis.
    func forward(_ latent: [Float], state: inout State) -> Output {
        var (frame, rows, pitches, gains) = (Matrix(), Matrix(), Matrix(), Matrix())
        input.forward(Matrix(rows: 1, columns: latent.count, values: latent), into: &frame)
        trunk.forward(&frame, state: &state.trunk, scratch: &state.scratch)
        up.forward(frame, into: &rows)
        rows.reshape(rows: upsample, columns: rows.values.count / upsample)
        blocks.forward(&rows, state: &state.blocks, scratch: &state.scratch)
        norm.forward(&rows)
        pitch.forward(rows, into: &pitches)
        filters.forward(rows, into: &gains)
        return Output(pitch: pitches.values, filters: gains)
    }
}
