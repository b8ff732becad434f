// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// A table of code vectors that tells how near each of them is to other vectors.
struct Codebook: Sendable {
    private let dimensions: Int
    let codes: [Float]  // [count, dimensions]
    private let packed: PackedMatrix
    /// −|c|² / 2 of every code c.
    private let offsets: [Float]

    /// - Parameter codes: [count, dimensions]
    init(codes: [Float], dimensions: Int) {
        let count = codes.count / dimensions
        self.dimensions = dimensions
        self.codes = codes
        packed = PackedMatrix(codes, inputs: dimensions, outputs: count)
        offsets = (0..<count).map { index in
            codes[index * dimensions..<(index + 1) * dimensions].reduce(0) { $0 + $1 * $1 } / -2
        }
    }

    subscript(index: Int) -> ArraySlice<Float> {
        codes[index * dimensions..<(index + 1) * dimensions]
    }

    /// residuals [n, dimensions] → gains [n, count]: r·c − |c|² / 2, half of what taking code c away brings the squared
    /// length of r down by.
    func gains(of residuals: Matrix, into gains: inout Matrix) {
        packed.multiply(residuals, adding: offsets, into: &gains)
    }
}
