// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// Latents → what the synthesis needs, any number of latents a step: the same to the bit as one by one.
///
/// What a transcript says, if there is one, joins in at every stage.
package struct DecoderNetwork: Sendable {
    /// What a step works with, and what comes out of it.
    struct Memory: Sendable {
        /// Of the streams that are in the step.
        var states = NetworkStates()
        fileprivate var scratch = Scratch()
        fileprivate var frames = Matrix()
        fileprivate var rows = Matrix()
        /// The pitch as a feature, [frames, 1].
        fileprivate(set) var pitch = Matrix()
        /// [frames, 3 · bins]: log gain and phase of the filter on the pulses, log gain of that on the noise.
        fileprivate(set) var filters = Matrix()
    }

    /// nil in a model that reads no text.
    package let text: TextConditioning?
    private let upsample: Int
    private let input: Linear
    private let trunk: RecurrentStack
    private let up: Linear
    private let blocks: ConvNeXtStack
    private let norm: LayerNorm
    private let pitch: Linear
    private let filters: Linear

    init(_ weights: Weights, _ c: Configuration) throws {
        let d = c.decoder
        upsample = d.upsample
        text = try c.text.map { try TextConditioning(weights, $0, c) }
        input = try Linear(weights["input"], inputs: c.quantizer.dimensions, outputs: d.trunkChannels)
        trunk = try RecurrentStack(
            weights["trunk"], channels: d.trunkChannels, blocks: d.trunkBlocks, kernel: d.kernel,
            expansion: d.expansion)
        up = try Linear(weights["up"], inputs: d.trunkChannels, outputs: d.upsample * d.channels)
        blocks = try ConvNeXtStack(
            weights["blocks"], count: d.blocks, channels: d.channels, kernel: d.kernel, expansion: d.expansion)
        norm = try LayerNorm(weights["norm"], channels: d.channels)
        pitch = try Linear(weights["pitch"], inputs: d.channels, outputs: 1)
        filters = try Linear(weights["filters"], inputs: d.channels, outputs: 3 * (c.synthesis.window / 2 + 1))
    }

    func initialState() -> NetworkState { NetworkState(trunk: trunk.initialState(), blocks: blocks.initialState()) }

    /// latents [n, dimensions], and the rows of text vectors of each if there is a text → `memory.pitch` and `memory.filters`, one
    /// row for each frame of the synthesis.
    func forward(_ latents: Matrix, text vectors: Matrix?, state: inout NetworkState, memory: inout Memory) {
        memory.states.take(&state)
        forward(latents, text: vectors, memory: &memory)
        memory.states.giveBack(to: &state, of: 0)
        memory.states.removeAll()
    }

    /// The same for the latents of the streams whose states are in `memory`, as many of each, one stream after the other.
    func forward(_ latents: Matrix, text vectors: Matrix? = nil, memory: inout Memory) {
        input.forward(latents, into: &memory.frames)
        if let vectors { text?.add(vectors, toTrunk: &memory.frames) }
        trunk.forward(&memory.frames, states: &memory.states.trunk, scratch: &memory.scratch)
        up.forward(memory.frames, into: &memory.rows)
        memory.rows.reshape(rows: memory.rows.rows * upsample, columns: up.outputs / upsample)
        for block in 0..<blocks.count {
            if let vectors { text?.add(vectors, to: &memory.rows, before: block) }
            blocks.forward(&memory.rows, through: block, states: &memory.states.blocks, scratch: &memory.scratch)
        }
        norm.forward(&memory.rows)
        pitch.forward(memory.rows, into: &memory.pitch)
        filters.forward(memory.rows, into: &memory.filters)
    }
}
