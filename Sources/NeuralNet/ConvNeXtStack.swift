// SPDX-License-Identifier: Apache-2.0

/// ConvNeXt blocks one after the other, named "0", "1", …
public struct ConvNeXtStack: Sendable {
    public typealias State = [ConvNeXtBlock.State]

    private let blocks: [ConvNeXtBlock]

    public init(_ weights: Weights, count: Int, channels: Int, kernel: Int, expansion: Int) throws(WeightsError) {
        var blocks: [ConvNeXtBlock] = []
        for i in 0..<count {
            blocks.append(
                try ConvNeXtBlock(weights["\(i)"], channels: channels, kernel: kernel, expansion: expansion))
        }
        self.blocks = blocks
    }

    public var count: Int { blocks.count }

    public func initialState() -> State { blocks.map { $0.initialState() } }

    /// Runs over x [rows, channels] in place.
    public func forward(_ x: inout Matrix, state: inout State, scratch: inout Scratch) {
        var states = States()
        states.withState(&state) { forward(&x, states: &$0, scratch: &scratch) }
    }

    /// Runs over the rows of several streams in place.
    public func forward(_ x: inout Matrix, states: inout States, scratch: inout Scratch) {
        for index in 0..<count { forward(&x, through: index, states: &states, scratch: &scratch) }
    }

    /// One of the blocks alone.
    public func forward(_ x: inout Matrix, through index: Int, states: inout States, scratch: inout Scratch) {
        blocks[index].forward(&x, states: &states.blocks[index], scratch: &scratch)
    }

    public struct States: StreamStates {
        /// [blocks][streams]
        fileprivate var blocks: [[ConvNeXtBlock.State]] = []

        public init() {}

        public mutating func take(_ state: inout ConvNeXtStack.State) {
            while blocks.count < state.count { blocks.append([]) }
            for block in state.indices {
                blocks[block].append(.nothing)
                swap(&blocks[block][blocks[block].count - 1], &state[block])
            }
        }

        public mutating func giveBack(to state: inout ConvNeXtStack.State, of stream: Int) {
            for block in state.indices { swap(&blocks[block][stream], &state[block]) }
        }

        public mutating func removeAll() {
            for block in blocks.indices { blocks[block].removeAll(keepingCapacity: true) }
        }
    }
}
