// SPDX-License-Identifier: Apache-2.0

/// What has one row a token frame, in the encoder as in the decoder: a residual GRU, then blocks.
public struct RecurrentStack: Sendable {
    public struct State: Sendable {
        var gru: GRU.State
        var blocks: ConvNeXtStack.State
    }

    private let gru: GRU
    private let blocks: ConvNeXtStack

    public init(
        _ weights: Weights, channels: Int, blocks: Int, kernel: Int, expansion: Int
    ) throws(WeightsError) {
        gru = try GRU(weights["gru"], inputs: channels, hidden: channels)
        self.blocks = try ConvNeXtStack(
            weights["blocks"], count: blocks, channels: channels, kernel: kernel, expansion: expansion)
    }

    public func initialState() -> State { State(gru: gru.initialState(), blocks: blocks.initialState()) }

    /// Runs over x [rows, channels] in place.
    public func forward(_ x: inout Matrix, state: inout State, scratch: inout Scratch) {
        var states = States()
        states.withState(&state) { forward(&x, states: &$0, scratch: &scratch) }
    }

    /// Runs over the rows of several streams in place.
    public func forward(_ x: inout Matrix, states: inout States, scratch: inout Scratch) {
        var hidden = Matrix()
        swap(&hidden, &scratch.hidden)
        gru.forward(x, states: &states.gru, into: &hidden, scratch: &scratch)
        x.add(hidden)
        swap(&hidden, &scratch.hidden)
        blocks.forward(&x, states: &states.blocks, scratch: &scratch)
    }

    public struct States: StreamStates {
        fileprivate var gru: [GRU.State] = []
        fileprivate var blocks = ConvNeXtStack.States()

        public init() {}

        public mutating func take(_ state: inout RecurrentStack.State) {
            gru.append(.nothing)
            swap(&gru[gru.count - 1], &state.gru)
            blocks.take(&state.blocks)
        }

        public mutating func giveBack(to state: inout RecurrentStack.State, of stream: Int) {
            swap(&gru[stream], &state.gru)
            blocks.giveBack(to: &state.blocks, of: stream)
        }

        public mutating func removeAll() {
            gru.removeAll(keepingCapacity: true)
            blocks.removeAll()
        }
    }
}
