// SPDX-License-Identifier: Apache-2.0

/// y = x · Wᵀ + b, with W [outputs, inputs].
public struct Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    private let weight: [Float]
    private let bias: [Float]

    public init(_ weights: inout WeightLoader, _ name: String, inputs: Int, outputs: Int) throws(WeightError) {
        try self.init(
            weight: weights.take("\(name).weight", [outputs, inputs]), bias: weights.take("\(name).bias", [outputs]))
    }

    /// `weight` is row-major [bias.count, inputs].
    init(weight: [Float], bias: [Float]) {
        inputs = weight.count / bias.count
        outputs = bias.count
        self.weight = weight
        self.bias = bias
    }

    /// [rows, inputs] → [rows, outputs].
    public func callAsFunction(_ input: Matrix) -> Matrix {
        precondition(input.columns == inputs)
        var output = Matrix(
            rows: input.rows, columns: outputs,
            values: [Float](unsafeUninitializedCapacity: input.rows * outputs) { values, count in
                for row in 0..<input.rows {
                    for column in 0..<outputs { values[row * outputs + column] = bias[column] }
                }
                count = input.rows * outputs
            })
        input.values.withUnsafeBufferPointer { input in
            let rows = input.count / inputs
            output.values.withUnsafeMutableBufferPointer { output in
                BLAS.multiplyAdd(input, rows: rows, weight: weight, outputs: outputs, into: output)
            }
        }
        return output
    }
}
