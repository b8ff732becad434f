// SPDX-License-Identifier: Apache-2.0
import CKernels

/// Causal convolution in time of each channel with its own kernel: PyTorch's `nn.Conv1d` with as many groups as
/// channels, the input preceded by kernel - 1 rows of zeros.
public struct CausalConvolution: Sendable {
    public let channels: Int
    public let kernel: Int
    private let taps: [Float]  // [kernel, channels]; channels inside, so that a loop over them reads in order
    private let bias: [Float]  // [channels]

    /// The last kernel - 1 rows of the input.
    public struct State: Sendable, Equatable {
        var history: [Float]
    }

    /// Reads "weight" [channels, 1, kernel] and "bias" [channels].
    public init(_ weights: Weights, channels: Int, kernel: Int) throws(WeightsError) {
        let weight = try weights.tensor("weight", shape: [channels, 1, kernel])
        taps = (0..<kernel).flatMap { k in (0..<channels).map { c in weight[c * kernel + k] } }
        bias = try weights.tensor("bias", shape: [channels])
        self.channels = channels
        self.kernel = kernel
    }

    /// The state before the first row: silence.
    public func initialState() -> State {
        State(history: [Float](repeating: 0, count: (kernel - 1) * channels))
    }

    /// input [rows, channels] → output [rows, channels]; any number of rows, also fewer than the kernel has.
    public func forward(_ input: Matrix, state: inout State, into output: inout Matrix) {
        output.resize(rows: input.rows, columns: channels)
        forward(input, stream: 0, of: 1, state: &state, into: &output)
    }

    /// The same for the rows of one of several streams, of which as many lie in the matrices; `output` has its size.
    func forward(_ input: Matrix, stream: Int, of streams: Int, state: inout State, into output: inout Matrix) {
        precondition(input.columns == channels, "\(input.columns) channels, convolved as \(channels)")
        precondition(input.rows % streams == 0 && output.values.count == input.values.count)
        let (rows, size) = (input.rows / streams, input.values.count / streams)
        state.history.append(contentsOf: input.values[stream * size..<(stream + 1) * size])
        output.values.withUnsafeMutableBufferPointer { output in
            guard let output = output.baseAddress else { return }
            sotto_convolve(
                Instructions.inUse.raw, taps, bias, state.history, rows, channels, kernel, output + stream * size)
        }
        state.history.removeFirst(size)
    }
}
