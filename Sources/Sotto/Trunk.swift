// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// What runs once a token frame, in the encoder as in the decoder: a residual GRU, then blocks.
struct Trunk: Sendable {
    struct State: Sendable {
        var gru: GRU.State
        var blocks: [ConvNeXtBlock.State]
    }

    private let gru: GRU
    private let blocks: [ConvNeXtBlock]

    init(
        _ weights: inout WeightLoader, _ name: String, channels: Int, blocks: Int, kernel: Int, expansion: Int
    ) throws(WeightError) {
        gru = try GRU(&weights, "\(name).gru", size: channels)
        self.blocks = try ConvNeXtBlock.stack(
            &weights, "\(name).blocks", count: blocks, channels: channels, kernel: kernel, expansion: expansion)
    }

    func makeState() -> State { State(gru: gru.makeState(), blocks: blocks.map { $0.makeState() }) }

    /// [1, channels] → the same shape.
    func callAsFunction(_ input: Matrix, _ state: inout State) -> Matrix {
        var x = gru(input, &state.gru)
        for i in x.values.indices { x.values[i] += input.values[i] }
        return blocks.run(x, &state.blocks)
    }
}

extension ConvNeXtBlock {
    /// Blocks one after the other, named `name.0`, `name.1`, …
    static func stack(
        _ weights: inout WeightLoader, _ name: String, count: Int, channels: Int, kernel: Int, expansion: Int
    ) throws(WeightError) -> [ConvNeXtBlock] {
        var blocks: [ConvNeXtBlock] = []
        for i in 0..<count {
            blocks.append(
                try ConvNeXtBlock(&weights, "\(name).\(i)", channels: channels, kernel: kernel, expansion: expansion))
        }
        return blocks
    }
}

extension [ConvNeXtBlock] {
    func run(_ input: Matrix, _ states: inout [ConvNeXtBlock.State]) -> Matrix {
        var x = input
        for (i, block) in enumerated() { x = block(x, &states[i]) }
        return x
    }
}
