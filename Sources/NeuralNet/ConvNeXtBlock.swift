// SPDX-License-Identifier: Apache-2.0

/// Causal depthwise convolution, then a pointwise bottleneck, added to the input (Liu et al. 2022), with the squared
/// ReLU as its nonlinearity (So et al. 2021), which needs no exponential.
public struct ConvNeXtBlock: Sendable {
    /// The last kernel − 1 rows, oldest first; zeros before the start.
    public struct State: Sendable, Equatable {
        fileprivate var history: [Float]
    }

    private let channels: Int
    private let kernel: Int
    /// [kernel, channels]: one row a tap, so that the inner loop runs along the channels.
    private let taps: [Float]
    private let bias: [Float]
    private let norm: LayerNorm
    private let expand: Linear
    private let project: Linear
    private let scale: [Float]

    public init(
        _ weights: inout WeightLoader, _ name: String, channels: Int, kernel: Int, expansion: Int
    ) throws(WeightError) {
        self.channels = channels
        self.kernel = kernel
        let byChannel = try weights.take("\(name).conv.weight", [channels, 1, kernel])
        taps = (0..<kernel * channels).map { byChannel[$0 % channels * kernel + $0 / channels] }
        bias = try weights.take("\(name).conv.bias", [channels])
        norm = try LayerNorm(&weights, "\(name).norm", channels: channels)
        expand = try Linear(&weights, "\(name).expand", inputs: channels, outputs: channels * expansion)
        project = try Linear(&weights, "\(name).project", inputs: channels * expansion, outputs: channels)
        scale = try weights.take("\(name).scale", [channels])
    }

    public func makeState() -> State { State(history: [Float](repeating: 0, count: (kernel - 1) * channels)) }

    /// [rows, channels] → the same shape.
    public func callAsFunction(_ input: Matrix, _ state: inout State) -> Matrix {
        precondition(input.columns == channels)
        var inner = expand(norm(convolve(input, &state)))
        inner.values.withUnsafeMutableBufferPointer { values in
            for i in values.indices {
                let positive = max(values[i], 0)
                values[i] = positive * positive
            }
        }
        var output = project(inner)
        output.values.withUnsafeMutableBufferPointer { output in
            for start in stride(from: 0, to: output.count, by: channels) {
                for i in 0..<channels { output[start + i] = input.values[start + i] + scale[i] * output[start + i] }
            }
        }
        return output
    }

    private func convolve(_ input: Matrix, _ state: inout State) -> Matrix {
        let extended = state.history + input.values
        state.history = Array(extended.suffix(state.history.count))
        var output = Matrix(rows: input.rows, columns: channels)
        output.values.withUnsafeMutableBufferPointer { output in
            for row in 0..<input.rows {
                let out = UnsafeMutableBufferPointer(rebasing: output[row * channels..<(row + 1) * channels])
                for i in 0..<channels { out[i] = bias[i] }
                for tap in 0..<kernel {
                    let from = (row + tap) * channels
                    for i in 0..<channels { out[i] += extended[from + i] * taps[tap * channels + i] }
                }
            }
        }
        return output
    }
}
