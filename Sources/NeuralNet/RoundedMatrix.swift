// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A matrix for products of which few values count: all of them nearly, by 8 bits, then those few as `PackedMatrix` gives them.
public struct RoundedMatrix: Sendable {
    private let rounded: ByteMatrix
    private let values: [Float]  // [outputs, inputs]
    private let bias: [Float]  // [outputs]
    /// Over all outputs: the largest sum of magnitudes, scale, magnitude and magnitude of the bias.
    private let (largestSum, largestScale, largest, largestBias): (Float, Float, Float, Float)

    /// - Parameters:
    ///   - values: [outputs, inputs]
    ///   - bias: [outputs]
    /// - Returns: nil if the values aren't halves, as `PackedMatrix` would round them, or if a row is too long.
    public init?(_ values: [Float], adding bias: [Float], inputs: Int, outputs: Int) {
        precondition(values.count == inputs * outputs && bias.count == outputs)
        guard inputs <= ByteMatrix.mostInputs, sotto_are_halves(values, values.count) != 0 else { return nil }
        var blocks = [Int8](
            repeating: 0, count: ByteMatrix.storedShape(inputs: inputs, outputs: outputs).reduce(1, *))
        var (scales, sum): ([Float], Float) = ([Float](repeating: 0, count: outputs), 0)
        sotto_round_weights(values, inputs, outputs, &blocks, &scales, &sum)
        let kept = blocks.withUnsafeBytes { KeptBytes(copying: $0) }
        rounded = ByteMatrix(blocks: kept, scales: scales, inputs: inputs, outputs: outputs)
        (self.values, self.bias) = (values, bias)
        let scale = scales.max() ?? 0
        (largestSum, largestScale, largest) = (sum, scale, 127 * scale)
        largestBias = bias.reduce(0) { max($0, abs($1)) }
    }

    /// output [rows, outputs] ≈ bias + input [rows, inputs] · valuesᵀ
    public func multiplyNearly(_ input: Matrix, into output: inout Matrix) {
        rounded.multiply(input, adding: bias, into: &output)
    }

    /// By how much what `multiplyNearly` gives for a row may be off from what `PackedMatrix` gives; infinite if that can't be said.
    public func error(ofRow row: Int, of input: Matrix) -> Float {
        var (sum, greatest): (Float, Float) = (0, 0)
        for value in input.row(row) {
            sum += abs(value)
            greatest = max(greatest, abs(value))
        }
        // Less counts as nothing.
        guard sum.isFinite, greatest > 0x1p-100 else { return .infinity }
        // Half a step of each of the row's values times the weights, then half a step of each weight times the row's rounded values.
        let step = greatest / 254
        let rounding = step * largestSum + largestScale / 2 * (sum + Float(rounded.inputs) * step)
        // And what sums and products in single precision are off, which is thousands of times less.
        return 1.01 * rounding + 1e-5 * (largestBias + sum * largest)
    }

    /// Some outputs of a row, to the bit as `PackedMatrix` gives them, at the start of `found`, which grows to the size that it needs.
    public func multiply(row: Int, of input: Matrix, outputs: ArraySlice<Int32>, into found: inout [Float]) {
        precondition(input.columns == rounded.inputs && row < input.rows)
        precondition(outputs.allSatisfy { (0..<rounded.outputs).contains(Int($0)) })
        if found.count < outputs.count { found = [Float](repeating: 0, count: max(outputs.count, rounded.outputs)) }
        input.values.withUnsafeBufferPointer { x in
            outputs.withUnsafeBufferPointer { outputs in
                guard let x = x.baseAddress else { return }
                sotto_some_products(
                    Instructions.inUse.raw, values, bias, x + row * rounded.inputs, rounded.inputs, outputs.baseAddress,
                    outputs.count, &found)
            }
        }
    }
}
