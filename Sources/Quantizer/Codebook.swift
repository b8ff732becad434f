// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// A table of code vectors that finds the nearest one to a vector.
struct Codebook: Sendable {
    private let dimensions: Int
    private let codes: [Float]  // [count, dimensions]
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

    /// The index of the code c with the greatest r·c − |c|² / 2, which is half the negated squared distance to r with
    /// |r|² / 2 added; of equals, the lowest.
    func nearest(to residual: [Float], scratch: inout Matrix) -> Int {
        packed.multiply(
            Matrix(rows: 1, columns: dimensions, values: residual), adding: offsets, into: &scratch)
        var best = (index: 0, score: -Float.infinity)
        for (index, score) in scratch.values.enumerated() where score > best.score { best = (index, score) }
        return best.index
    }
}
