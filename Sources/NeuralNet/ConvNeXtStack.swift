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
        for i in 0..<count { forward(&x, through: i, state: &state, scratch: &scratch) }
    }

    /// One of the blocks alone.
    public func forward(_ x: inout Matrix, through index: Int, state: inout State, scratch: inout Scratch) {
        blocks[index].forward(&x, state: &state[index], scratch: &scratch)
    }
}
