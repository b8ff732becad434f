// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Gated recurrent unit (Cho et al. 2014) with the equations, names and gate order (r, z, n) of `torch.nn.GRU`.
public struct GRU: Sendable {
    public struct State: Sendable, Equatable {
        fileprivate var hidden: Matrix
    }

    private let size: Int
    private let fromInput: Linear
    private let fromHidden: Linear

    public init(_ weights: inout WeightLoader, _ name: String, size: Int) throws(WeightError) {
        self.size = size
        fromInput = try Linear(
            weight: weights.take("\(name).weight_ih_l0", [3 * size, size]),
            bias: weights.take("\(name).bias_ih_l0", [3 * size]))
        fromHidden = try Linear(
            weight: weights.take("\(name).weight_hh_l0", [3 * size, size]),
            bias: weights.take("\(name).bias_hh_l0", [3 * size]))
    }

    public func makeState() -> State { State(hidden: Matrix(rows: 1, columns: size)) }

    /// One time step: [1, size] → [1, size].
    public func callAsFunction(_ input: Matrix, _ state: inout State) -> Matrix {
        precondition(input.rows == 1)
        let x = fromInput(input).values
        let h = fromHidden(state.hidden).values
        for i in 0..<size {
            let reset = Self.sigmoid(x[i] + h[i])
            let update = Self.sigmoid(x[size + i] + h[size + i])
            let new = tanh(x[2 * size + i] + reset * h[2 * size + i])
            state.hidden.values[i] = (1 - update) * new + update * state.hidden.values[i]
        }
        return state.hidden
    }

    private static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}
