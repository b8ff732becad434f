// SPDX-License-Identifier: Apache-2.0

/// y = x · Wᵀ + b, as PyTorch's `nn.Linear`.
public struct Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    private let weight: StoredMatrix
    private let bias: [Float]  // [outputs]

    /// Reads "weight" [outputs, inputs] and "bias" [outputs].
    public init(_ weights: Weights, inputs: Int, outputs: Int) throws(WeightsError) {
        try self.init(weights, named: "weight", "bias", inputs: inputs, outputs: outputs)
    }

    /// Reads "weight" alone: the layer without a bias.
    public init(unbiased weights: Weights, inputs: Int, outputs: Int) throws(WeightsError) {
        weight = try weights.matrix("weight", inputs: inputs, outputs: outputs)
        bias = [Float](repeating: 0, count: outputs)
        self.inputs = inputs
        self.outputs = outputs
    }

    init(
        _ weights: Weights, named weightName: String, _ biasName: String, inputs: Int, outputs: Int
    ) throws(WeightsError) {
        weight = try weights.matrix(weightName, inputs: inputs, outputs: outputs)
        bias = try weights.tensor(biasName, shape: [outputs])
        self.inputs = inputs
        self.outputs = outputs
    }

    /// input [rows, inputs] → output [rows, outputs]
    public func forward(_ input: Matrix, into output: inout Matrix) {
        weight.multiply(input, adding: bias, into: &output)
    }
}
