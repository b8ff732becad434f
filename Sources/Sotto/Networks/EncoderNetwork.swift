// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// Features → latents, any number of them a step: they are the same to the bit as one by one.
package struct EncoderNetwork: Sendable {
    /// What a step works with, and what comes out of it.
    package struct Memory: Sendable {
        /// Of the streams that are in the step.
        var states = NetworkStates()
        fileprivate var scratch = Scratch()
        fileprivate var rows = Matrix()
        fileprivate var frames = Matrix()
        /// [n, dimensions]
        package fileprivate(set) var latents = Matrix()

        package init() {}
    }

    private let stackedRows: Int
    private let input: Linear
    private let blocks: ConvNeXtStack
    private let down: Linear
    private let trunk: RecurrentStack
    private let norm: LayerNorm
    private let output: Linear

    init(_ weights: Weights, _ c: Configuration) throws(WeightsError) {
        let e = c.encoder
        stackedRows = e.downsample
        input = try Linear(weights["input"], inputs: (c.features.mel.bands + 2) * e.stack, outputs: e.channels)
        blocks = try ConvNeXtStack(
            weights["blocks"], count: e.blocks, channels: e.channels, kernel: e.kernel, expansion: e.expansion)
        down = try Linear(weights["down"], inputs: e.channels * e.downsample, outputs: e.trunkChannels)
        trunk = try RecurrentStack(
            weights["trunk"], channels: e.trunkChannels, blocks: e.trunkBlocks, kernel: e.kernel,
            expansion: e.expansion)
        norm = try LayerNorm(weights["norm"], channels: e.trunkChannels)
        output = try Linear(weights["output"], inputs: e.trunkChannels, outputs: c.quantizer.dimensions)
    }

    package func initialState() -> NetworkState {
        NetworkState(trunk: trunk.initialState(), blocks: blocks.initialState())
    }

    /// features [frames of n latents, bands + 2] → `memory.latents`.
    package func forward(_ features: consuming Matrix, state: inout NetworkState, memory: inout Memory) {
        memory.states.take(&state)
        forward(features, memory: &memory)
        memory.states.giveBack(to: &state, of: 0)
        memory.states.removeAll()
    }

    /// The same for the features of the streams whose states are in `memory`, of as many latents of each, one stream after the other.
    func forward(_ features: consuming Matrix, memory: inout Memory) {
        let perRow = input.inputs / features.columns
        features.reshape(rows: features.rows / perRow, columns: input.inputs)
        input.forward(features, into: &memory.rows)
        blocks.forward(&memory.rows, states: &memory.states.blocks, scratch: &memory.scratch)
        memory.rows.reshape(rows: memory.rows.rows / stackedRows, columns: down.inputs)
        down.forward(memory.rows, into: &memory.frames)
        trunk.forward(&memory.frames, states: &memory.states.trunk, scratch: &memory.scratch)
        norm.forward(&memory.frames)
        output.forward(memory.frames, into: &memory.latents)
    }
}
