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
        let rows = stride(from: 0, to: codes.count, by: dimensions).map { codes[$0..<$0 + dimensions] }
        let used = (0..<dimensions).filter { d in rows.contains { $0[$0.startIndex + d] != 0 } }
        let spoken = (used.first ?? 0)..<(used.last ?? 0) + 1
        self.dimensions = dimensions
        self.codes = codes
        self.spoken = spoken
        packed = PackedMatrix(
            rows.flatMap { $0.dropFirst(spoken.lowerBound).prefix(spoken.count) }, inputs: spoken.count,
            outputs: rows.count)
        offsets = rows.map { row in row.reduce(0) { $0 + $1 * $1 } / -2 }
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
