// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// The one door to OpenBLAS.
enum BLAS {
    /// One thread: at these sizes a second one costs more than it brings, and sums in another order.
    private static let isSingleThreaded: Void = openblas_set_num_threads(1)

    /// output [rows, outputs] += input [rows, inputs] · weightᵀ, with weight [outputs, inputs].
    static func multiplyAdd(
        _ input: UnsafeBufferPointer<Float>, rows: Int, weight: [Float], outputs: Int,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        _ = isSingleThreaded
        let inputs = input.count / rows
        // OpenBLAS's gemm is several times slower than gemv at one row.
        if rows == 1 {
            cblas_sgemv(
                CblasRowMajor, CblasNoTrans, blasint(outputs), blasint(inputs), 1, weight, blasint(inputs),
                input.baseAddress, 1, 1, output.baseAddress, 1)
        } else {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(inputs), 1,
                input.baseAddress, blasint(inputs), weight, blasint(inputs), 1, output.baseAddress, blasint(outputs))
        }
    }
}
