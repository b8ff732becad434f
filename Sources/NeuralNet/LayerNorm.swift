// SPDX-License-Identifier: Apache-2.0

/// Layer normalization over channels (Ba et al. 2016).
public struct LayerNorm: Sendable {
    private let weight: [Float]
    private let bias: [Float]
    private static let epsilon: Float = 1e-5

    public init(_ weights: inout WeightLoader, _ name: String, channels: Int) throws(WeightError) {
        weight = try weights.take("\(name).weight", [channels])
        bias = try weights.take("\(name).bias", [channels])
    }

    /// [rows, channels] → the same shape.
    public func callAsFunction(_ input: Matrix) -> Matrix {
        let channels = weight.count
        precondition(input.columns == channels)
        var output = input
        output.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: channels) {
                let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + channels])
                let mean = row.sum { $0 } / Float(channels)
                let variance = row.sum { ($0 - mean) * ($0 - mean) } / Float(channels)
                let scale = 1 / (variance + Self.epsilon).squareRoot()
                for i in 0..<channels { row[i] = (row[i] - mean) * scale * weight[i] + bias[i] }
            }
        }
        return output
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Sum of `term` over the elements in sixteen lanes, so that it vectorises; its order is fixed.
    @inline(__always)
    fileprivate func sum(_ term: (SIMD16<Float>) -> SIMD16<Float>) -> Float {
        var lanes = SIMD16<Float>.zero
        let whole = count / 16 * 16
        for start in stride(from: 0, to: whole, by: 16) {
            var part = SIMD16<Float>()
            for lane in 0..<16 { part[lane] = self[start + lane] }
            lanes += term(part)
        }
        var total = lanes.sum()
        for i in whole..<count { total += term(SIMD16(repeating: self[i]))[0] }
        return total
    }
}
