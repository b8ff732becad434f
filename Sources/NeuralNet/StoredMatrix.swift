// SPDX-License-Identifier: Apache-2.0

/// The weights of a product, as wide as their file has them.
enum StoredMatrix: Sendable {
    case halves(PackedMatrix)
    case bytes(ByteMatrix)

    /// output [rows, outputs] = bias [outputs] + input [rows, inputs] · weightsᵀ
    func multiply(_ input: Matrix, adding bias: [Float], into output: inout Matrix) {
        switch self {
        case .halves(let matrix): matrix.multiply(input, adding: bias, into: &output)
        case .bytes(let matrix): matrix.multiply(input, adding: bias, into: &output)
        }
    }
}
