// SPDX-License-Identifier: Apache-2.0

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
        let starts = stride(from: 0, to: x.values.count, by: channels)
        x.values.withUnsafeMutableBufferPointer { values in
            for start in starts {
                let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + channels])
                let mean = sum(over: row) { $0 } / Float(channels)
                let variance = sum(over: row) { ($0 - mean) * ($0 - mean) } / Float(channels)
                let scale = 1 / (variance + Self.epsilon).squareRoot()
                for c in 0..<channels { row[c] = (row[c] - mean) * scale * gain[c] + offset[c] }
            }
        }
    }
}

/// The sum of `term` over a row, as eight interleaved partial sums: one running sum would have to add one value at a
/// time, since the order of floating-point additions is part of their result.
private func sum(
    over row: UnsafeMutableBufferPointer<Float>, of term: (SIMD8<Float>) -> SIMD8<Float>
) -> Float {
    let bytes = UnsafeRawBufferPointer(row)
    let whole = row.count / 8 * 8
    var partial = SIMD8<Float>()
    for i in stride(from: 0, to: whole, by: 8) {
        partial += term(bytes.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self))
    }
    var total = partial.sum()
    for i in whole..<row.count { total += term(SIMD8(repeating: row[i]))[0] }
    return total
}
