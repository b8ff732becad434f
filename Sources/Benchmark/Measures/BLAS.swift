// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// The only door to the matrix library, which the measures use; the codec's own products are `PackedMatrix`.
///
/// OpenBLAS starts a thread for each core as soon as it is there. So it is loaded when the first measure asks for it, and a program
/// that measures nothing starts without it.
enum BLAS {
    private typealias Dot =
        @convention(c) (Int32, UnsafePointer<Double>, Int32, UnsafePointer<Double>, Int32) -> Double
    private typealias Norm = @convention(c) (Int32, UnsafePointer<Double>, Int32) -> Double

    private static let library = loadLibrary()

    private static func loadLibrary() -> (dot: Dot, norm: Norm)? {
        #if canImport(Darwin)
            let names = ["libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"]
        #else
            let names = ["libopenblas.so.0", "libopenblas.so"]
        #endif
        guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
            let dot = dlsym(handle, "cblas_ddot"), let norm = dlsym(handle, "cblas_dnrm2")
        else { return nil }
        return (unsafeBitCast(dot, to: Dot.self), unsafeBitCast(norm, to: Norm.self))
    }

    /// - Throws: `BenchmarkError` if the library is not there.
    static func require() throws(BenchmarkError) {
        guard library == nil else { return }
        throw BenchmarkError(
            "OpenBLAS is not there, which the measures need; install Debian's libopenblas0", kind: .missingInput)
    }

    /// Not a number without the library.
    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        library.map { $0.dot(Int32(min(a.count, b.count)), a, 1, b, 1) } ?? .nan
    }

    /// The Euclidean norm; not a number without the library.
    static func norm(_ values: [Double]) -> Double { library.map { $0.norm(Int32(values.count), values, 1) } ?? .nan }
}
