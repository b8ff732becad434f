// SPDX-License-Identifier: Apache-2.0
import CKernels

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

        /// In the place of one that is elsewhere.
        static let nothing = State(h: Matrix())
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
        withArray(of: &state) { forward(input, states: &$0, into: &output, scratch: &scratch) }
    }

    /// The same for the rows of several streams.
    func forward(_ input: Matrix, states: inout [State], into output: inout Matrix, scratch: inout Scratch) {
        precondition(input.rows % states.count == 0)
        inputGates.forward(input, into: &scratch.first)
        output.resize(rows: input.rows, columns: hidden)
        scratch.states.resize(rows: states.count, columns: hidden)
        let rows = input.rows / states.count
        for step in 0..<rows {
            for stream in states.indices { scratch.states.setRow(stream, to: states[stream].h.values) }
            hiddenGates.forward(scratch.states, into: &scratch.second)
            for stream in states.indices {
                let row = stream * rows + step
                self.step(scratch.first, row: row, scratch.second, row: stream, &states[stream].h.values)
                output.setRow(row, to: states[stream].h.values)
            }
        }
    }

    /// A row of what the input's gates give and one of what the hidden vector's do → the next hidden vector.
    private func step(_ x: Matrix, row xRow: Int, _ y: Matrix, row yRow: Int, _ h: inout [Float]) {
        x.values.withUnsafeBufferPointer { x in
            y.values.withUnsafeBufferPointer { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                sotto_gru_step(
                    Instructions.inUse.raw, x + xRow * 3 * hidden, y + yRow * 3 * hidden, hidden, &h)
            }
        }
    }
}
