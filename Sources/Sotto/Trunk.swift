// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// What has one row a token frame, in the encoder as in the decoder: a residual GRU, then blocks.
struct Trunk: Sendable {
    struct State: Sendable {
        var gru: GRU.State
        /// Kept from step to step for its memory alone.
        var hidden = Matrix()
        var blocks: BlockStack.State
    }

    private let gru: GRU
    private let blocks: BlockStack

    init(
        _ weights: Weights, channels: Int, blocks: Int, kernel: Int, expansion: Int
    ) throws(WeightsError) {
        gru = try GRU(weights["gru"], inputs: channels, hidden: channels)
        self.blocks = try BlockStack(
            weights["blocks"], count: blocks, channels: channels, kernel: kernel, expansion: expansion)
    }

    func initialState() -> State { State(gru: gru.initialState(), blocks: blocks.initialState()) }

    /// Runs over x [rows, channels] in place.
    func forward(_ x: inout Matrix, state: inout State, scratch: inout Scratch) {
        gru.forward(x, state: &state.gru, into: &state.hidden, scratch: &scratch)
        x.add(state.hidden)
        blocks.forward(&x, state: &state.blocks, scratch: &scratch)
    }
}

/// ConvNeXt blocks one after the other, named "0", "1", …
struct BlockStack: Sendable {
    typealias State = [ConvNeXtBlock.State]

    private let blocks: [ConvNeXtBlock]

    init(_ weights: Weights, count: Int, channels: Int, kernel: Int, expansion: Int) throws(WeightsError) {
        var blocks: [ConvNeXtBlock] = []
        for i in 0..<count {
            blocks.append(
                try ConvNeXtBlock(weights["\(i)"], channels: channels, kernel: kernel, expansion: expansion))
        }
        self.blocks = blocks
    }

    var count: Int { blocks.count }

    func initialState() -> State { blocks.map { $0.initialState() } }

    /// Runs over x [rows, channels] in place.
    func forward(_ x: inout Matrix, state: inout State, scratch: inout Scratch) {
        for i in 0..<count { forward(&x, through: i, state: &state, scratch: &scratch) }
    }

    /// One of the blocks alone.
    func forward(_ x: inout Matrix, through index: Int, state: inout State, scratch: inout Scratch) {
        blocks[index].forward(&x, state: &state[index], scratch: &scratch)
    }
}
