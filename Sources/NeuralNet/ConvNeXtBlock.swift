// SPDX-License-Identifier: Apache-2.0
import CKernels

/// Causal residual block after ConvNeXt (Liu et al. 2022): a convolution in time per channel, then a bottleneck across
/// channels at each time step, with the squared ReLU of Primer (So et al. 2021) inside.
///
///     x + scale * project(max(0, expand(norm(conv(x))))²)
public struct ConvNeXtBlock: Sendable {
    public let channels: Int
    private let convolution: CausalConvolution
    private let norm: LayerNorm
    private let expand: Linear
    private let project: Linear
    private let scale: [Float]  // [channels]

    /// What the block remembers of earlier rows.
    public struct State: Sendable, Equatable {
        var convolution: CausalConvolution.State

        /// In the place of one that is elsewhere.
        static let nothing = State(convolution: CausalConvolution.State(history: []))
    }

    /// Reads the layers "conv", "norm", "expand", "project" and the tensor "scale" [channels].
    ///
    /// - Parameters:
    ///   - kernel: time steps that the convolution sees.
    ///   - expansion: width of the bottleneck, in multiples of `channels`.
    public init(_ weights: Weights, channels: Int, kernel: Int, expansion: Int) throws(WeightsError) {
        convolution = try CausalConvolution(weights["conv"], channels: channels, kernel: kernel)
        norm = try LayerNorm(weights["norm"], channels: channels)
        expand = try Linear(weights["expand"], inputs: channels, outputs: channels * expansion)
        project = try Linear(weights["project"], inputs: channels * expansion, outputs: channels)
        scale = try weights.tensor("scale", shape: [channels])
        self.channels = channels
    }

    /// The state before the first row.
    public func initialState() -> State {
        State(convolution: convolution.initialState())
    }

    /// Runs over x [rows, channels] in place.
    public func forward(_ x: inout Matrix, state: inout State, scratch: inout Scratch) {
        withArray(of: &state) { forward(&x, states: &$0, scratch: &scratch) }
    }

    /// The same for the rows of several streams.
    func forward(_ x: inout Matrix, states: inout [State], scratch: inout Scratch) {
        scratch.first.resize(rows: x.rows, columns: channels)
        for stream in states.indices {
            convolution.forward(
                x, stream: stream, of: states.count, state: &states[stream].convolution, into: &scratch.first)
        }
        addBottleneck(to: &x, scratch: &scratch)
    }

    /// Runs over a whole sequence x [rows, channels] in place, each row seeing half of the kernel before it and half
    /// after it; beyond the ends there are zeros.
    public func forwardCentered(_ x: inout Matrix, scratch: inout Scratch) {
        let late = (convolution.kernel - 1) / 2
        var padded = x
        padded.resize(rows: x.rows + late, columns: channels)
        var state = convolution.initialState()
        convolution.forward(padded, state: &state, into: &scratch.first)
        scratch.first.removeFirst(rows: late)
        addBottleneck(to: &x, scratch: &scratch)
    }

    private func addBottleneck(to x: inout Matrix, scratch: inout Scratch) {
        norm.forward(&scratch.first)
        expand.forward(scratch.first, into: &scratch.second)
        sotto_square_positive(Instructions.inUse.raw, scratch.second.values.count, &scratch.second.values)
        project.forward(scratch.second, into: &scratch.first)
        x.add(scratch.first, scaledBy: scale)
    }
}
