// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// A table of code vectors that tells how near each of them is to other vectors.
struct Codebook: Sendable {
    private let dimensions: Int
    private let codes: [Float]  // [count, dimensions]
    /// The dimensions that its codes speak of, from the first to the last; the others are zero in every code.
    let spoken: Range<Int>
    private let packed: PackedMatrix
    /// −|c|² / 2 of every code c.
    private let offsets: [Float]

    /// - Parameter codes: [count, dimensions]
    init(codes: [Float], dimensions: Int) {
        let count = codes.count / dimensions
        let used = codes.indices.lazy.filter { codes[$0] != 0 }.map { $0 % dimensions }
        let spoken = (used.min() ?? 0)..<(used.max() ?? 0) + 1
        self.dimensions = dimensions
        self.codes = codes
        self.spoken = spoken
        packed = PackedMatrix(
            codes.indices.filter { spoken.contains($0 % dimensions) }.map { codes[$0] }, inputs: spoken.count,
            outputs: count)
        offsets = (0..<count).map { index in
            codes[index * dimensions..<(index + 1) * dimensions].reduce(0) { $0 + $1 * $1 } / -2
        }
    }

    subscript(index: Int) -> ArraySlice<Float> {
        codes[index * dimensions..<(index + 1) * dimensions]
    }

    /// residuals [n, spoken] → gains [n, count]: r·c − |c|² / 2, half of what taking code c away brings the squared
    /// length of r down by.
    func gains(of residuals: Matrix, into gains: inout Matrix) {
        packed.multiply(residuals, adding: offsets, into: &gains)
    }
}
