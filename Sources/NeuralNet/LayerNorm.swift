// SPDX-License-Identifier: Apache-2.0
import CKernels

/// Layer normalisation (Ba et al. 2016): each row to mean 0 and variance 1, then a gain and an offset per channel.
public struct LayerNorm: Sendable {
    public let channels: Int
    private let gain: [Float]  // [channels]
    private let offset: [Float]  // [channels]
    private static let epsilon: Float = 1e-5

    /// Reads "weight" [channels] and "bias" [channels].
    public init(_ weights: Weights, channels: Int) throws(WeightsError) {
        gain = try weights.tensor("weight", shape: [channels])
        offset = try weights.tensor("bias", shape: [channels])
        self.channels = channels
    }

    /// Normalises the rows of x [rows, channels] in place.
    public func forward(_ x: inout Matrix) {
        precondition(x.columns == channels, "\(x.columns) channels, normalised as \(channels)")
        sotto_normalize(Instructions.inUse.raw, gain, offset, Self.epsilon, x.rows, channels, &x.values)
    }
}
