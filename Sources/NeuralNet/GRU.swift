// SPDX-License-Identifier: Apache-2.0
import Platform

/// Gated recurrent unit (Cho et al. 2014) with the equations and the weight layout of PyTorch's `nn.GRU`, one layer:
///
///     r = σ(W_ir x + b_ir + W_hr h + b_hr)
///     z = σ(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
///     h ← (1 - z) * n + z * h
public struct GRU: Sendable {
    public let inputs: Int
    public let hidden: Int
    private let inputGates: Linear  // the three gates one after another: r, z, n
    private let hiddenGates: Linear

    /// The hidden vector h.
    public struct State: Sendable, Equatable {
        var h: Matrix  // [1, hidden]
    }

    /// Reads "weight_ih_l0" [3 hidden, inputs], "weight_hh_l0" [3 hidden, hidden], "bias_ih_l0" and "bias_hh_l0"
    /// [3 hidden].
    public init(_ weights: Weights, inputs: Int, hidden: Int) throws(WeightsError) {
        inputGates = try Linear(
            weights, named: "weight_ih_l0", "bias_ih_l0", inputs: inputs, outputs: 3 * hidden)
        hiddenGates = try Linear(
            weights, named: "weight_hh_l0", "bias_hh_l0", inputs: hidden, outputs: 3 * hidden)
        self.inputs = inputs
        self.hidden = hidden
    }

    /// The state before the first row: zeros.
    public func initialState() -> State {
        State(h: Matrix(rows: 1, columns: hidden))
    }

    /// input [rows, inputs] → output [rows, hidden], the hidden vector after each row.
    public func forward(
        _ input: Matrix, state: inout State, into output: inout Matrix, scratch: inout Scratch
    ) {
        inputGates.forward(input, into: &scratch.first)
        output.resize(rows: input.rows, columns: hidden)
        for row in 0..<input.rows {
            hiddenGates.forward(state.h, into: &scratch.second)
            for i in 0..<hidden {
                let r = sigmoid(scratch.first[row, i] + scratch.second[0, i])
                let z = sigmoid(scratch.first[row, hidden + i] + scratch.second[0, hidden + i])
                let n = tanh(scratch.first[row, 2 * hidden + i] + r * scratch.second[0, 2 * hidden + i])
                let h = (1 - z) * n + z * state.h[0, i]
                state.h[0, i] = h
                output[row, i] = h
            }
        }
    }
}

private func sigmoid(_ x: Float) -> Float {
    1 / (1 + exp(-x))
}
