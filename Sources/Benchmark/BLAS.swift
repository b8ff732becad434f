// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// The only door to the matrix library, which the measures use; the codec's own products are `PackedMatrix`.
enum BLAS {
    static func dot(_ a: [Double], _ b: [Double]) -> Double { cblas_ddot(Int32(min(a.count, b.count)), a, 1, b, 1) }

    /// The Euclidean norm.
    static func norm(_ values: [Double]) -> Double { cblas_dnrm2(Int32(values.count), values, 1) }
}
