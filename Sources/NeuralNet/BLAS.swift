// SPDX-License-Identifier: Apache-2.0
import COpenBLAS

/// The only door to the matrix library: to replace it, replace this file.
///
/// Results depend in their last bits on the number of rows and on the processor's kernels. A stream whose results must
/// not depend on how it is cut must therefore always pass the same number of rows.
enum BLAS {
    /// output += input · weightsᵀ
    ///
    /// - Parameters:
    ///   - input: [rows, inputs]
    ///   - weights: [outputs, inputs], row-major
    ///   - output: [rows, outputs]
    static func addProduct(of input: Matrix, byTransposeOf weights: [Float], to output: inout Matrix) {
        let (rows, inputs, outputs) = (Int32(input.rows), Int32(input.columns), Int32(output.columns))
        precondition(output.rows == input.rows && weights.count == input.columns * output.columns)
        useOneThread
        if rows == 1 {
            // Several times faster than a product of matrices that packs all weights to use them once.
            cblas_sgemv(
                CblasRowMajor, CblasNoTrans, outputs, inputs, 1, weights, inputs, input.values, 1, 1, &output.values, 1)
        } else {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, rows, outputs, inputs, 1, input.values, inputs, weights,
                inputs, 1, &output.values, outputs)
        }
    }

    /// Set before the first product: at the size of one token frame a second thread costs more than it brings, and
    /// streams are parallel among themselves.
    private static let useOneThread: Void = openblas_set_num_threads(1)
}
