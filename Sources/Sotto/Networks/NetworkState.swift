// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// What the network of an encoder or of a decoder remembers of a stream: that of its two parts, which run at different rates.
package struct NetworkState: Sendable {
    var trunk: RecurrentStack.State
    var blocks: ConvNeXtStack.State
}

/// Of several streams.
struct NetworkStates: StreamStates {
    var trunk = RecurrentStack.States()
    var blocks = ConvNeXtStack.States()

    mutating func take(_ state: inout NetworkState) {
        trunk.take(&state.trunk)
        blocks.take(&state.blocks)
    }

    mutating func giveBack(to state: inout NetworkState, of stream: Int) {
        trunk.giveBack(to: &state.trunk, of: stream)
        blocks.giveBack(to: &state.blocks, of: stream)
    }

    mutating func removeAll() {
        trunk.removeAll()
        blocks.removeAll()
    }
}
