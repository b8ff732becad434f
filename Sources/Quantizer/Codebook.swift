// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import SystemIO

/// A table of code vectors that tells how near each of them is to other vectors.
struct Codebook: Sendable {
    /// What the search reads; who only decodes has no use for it.
    struct Tables: Sendable {
        let packed: PackedMatrix
        /// −|c|² / 2 of every code c.
        let offsets: [Float]
        /// nil if the codes aren't halves.
        let rounded: RoundedMatrix?
    }

    private let dimensions: Int
    let codes: [Float]  // [count, dimensions]
    private let deferredTables: Deferred<Tables>

    /// - Parameter codes: [count, dimensions]
    init(codes: [Float], dimensions: Int) {
        let count = codes.count / dimensions
        (self.dimensions, self.codes) = (dimensions, codes)
        deferredTables = Deferred {
            let offsets = (0..<count).map { index in
                codes[index * dimensions..<(index + 1) * dimensions].reduce(0) { $0 + $1 * $1 } / -2
            }
            return Tables(
                packed: PackedMatrix(codes, inputs: dimensions, outputs: count), offsets: offsets,
                rounded: RoundedMatrix(codes, adding: offsets, inputs: dimensions, outputs: count))
        }
    }

    subscript(index: Int) -> ArraySlice<Float> {
        codes[index * dimensions..<(index + 1) * dimensions]
    }

    var tables: Tables { deferredTables.value }
}

extension Codebook.Tables {
    /// residuals [n, dimensions] → gains [n, count]: r·c − |c|² / 2, half of what taking code c away brings the squared
    /// length of r down by.
    func gains(of residuals: Matrix, into gains: inout Matrix) {
        packed.multiply(residuals, adding: offsets, into: &gains)
    }
}
