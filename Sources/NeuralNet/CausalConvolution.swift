// SPDX-License-Identifier: Apache-2.0

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
        precondition(input.columns == channels, "\(input.columns) channels, convolved as \(channels)")
        output.fill(rows: input.rows, with: bias)
        state.history.append(contentsOf: input.values)
        for row in 0..<input.rows {
            for k in 0..<kernel {
                addProduct(
                    of: taps.span.extracting(k * channels..<(k + 1) * channels),
                    and: state.history.span.extracting((row + k) * channels..<(row + k + 1) * channels),
                    to: &output.values, at: row * channels)
            }
        }
        state.history.removeFirst(input.values.count)
    }
}

private func addProduct(of a: Span<Float>, and b: Span<Float>, to output: inout [Float], at start: Int) {
    var output = output.mutableSpan
    for i in a.indices { output[start + i] += a[i] * b[i] }
}
