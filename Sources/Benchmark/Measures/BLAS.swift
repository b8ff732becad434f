// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// The only door to the matrix library, which the measures use; the codec's own products are `PackedMatrix`.
///
/// OpenBLAS starts a thread for each core as soon as it is there. So it is loaded when the first measure asks for it, and a program
/// that measures nothing starts without it.
enum BLAS {
    private typealias Values = UnsafePointer<Float>
    private typealias Sums = UnsafeMutablePointer<Float>
    private typealias Size = UnsafePointer<Int32>
    private typealias Dot =
        @convention(c) (Int32, UnsafePointer<Double>, Int32, UnsafePointer<Double>, Int32) -> Double
    private typealias Norm = @convention(c) (Int32, UnsafePointer<Double>, Int32) -> Double
    private typealias Squares =
        @convention(c) (CInt, CInt, CInt, Int32, Int32, Float, Values, Int32, Float, Sums, Int32) -> Void
    private typealias Product =
        @convention(c) (
            CInt, CInt, CInt, Int32, Int32, Int32, Float, Values, Int32, Values, Int32, Float, Sums, Int32
        ) -> Void
    /// Of Fortran: everything by address, and the length of the text at the end.
    private typealias Solve =
        @convention(c) (
            UnsafePointer<CChar>, Size, Size, Sums, Size, Sums, Size, UnsafeMutablePointer<Int32>, Int
        ) -> Void

    private struct Library {
        let dot: Dot
        let norm: Norm
        let squares: Squares
        let product: Product
        let solve: Solve

        /// nil if a function isn't there.
        init?(_ handle: UnsafeMutableRawPointer) {
            func find<Function>(_ name: String, as type: Function.Type) -> Function? {
                dlsym(handle, name).map { unsafeBitCast($0, to: type) }
            }
            guard let dot = find("cblas_ddot", as: Dot.self), let norm = find("cblas_dnrm2", as: Norm.self),
                let squares = find("cblas_ssyrk", as: Squares.self),
                let product = find("cblas_sgemm", as: Product.self), let solve = find("sposv_", as: Solve.self)
            else { return nil }
            (self.dot, self.norm, self.squares, self.product, self.solve) = (dot, norm, squares, product, solve)
        }
    }

    private static let library = loadLibrary()

    private static func loadLibrary() -> Library? {
        #if canImport(Darwin)
            let names = ["libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"]
        #else
            let names = ["libopenblas.so.0", "libopenblas.so"]
        #endif
        return names.lazy.compactMap { dlopen($0, RTLD_NOW) }.first.flatMap(Library.init)
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

/// Matrices are stored row after row. Without the library nothing is computed.
extension BLAS {
    // What CBLAS calls them.
    private static let (rowMajor, plain, transposed, upper): (CInt, CInt, CInt, CInt) = (101, 111, 112, 121)

    /// Adds XᵀX of x [rows, columns] to `sums` [columns, columns], of which only the upper triangle is touched.
    static func addSquares(of x: [Float], rows: Int, to sums: inout [Float]) {
        guard rows > 0, let columns = columns(of: x, rows) else { return }
        precondition(sums.count == Int(columns * columns))
        library?.squares(rowMajor, upper, transposed, columns, Int32(rows), 1, x, columns, 1, &sums, columns)
    }

    /// Adds YᵀX of y [rows, outputs] and x [rows, inputs] to `sums` [outputs, inputs].
    static func addProducts(of y: [Float], _ x: [Float], rows: Int, to sums: inout [Float]) {
        guard rows > 0, let outputs = columns(of: y, rows), let inputs = columns(of: x, rows) else { return }
        precondition(sums.count == Int(outputs * inputs))
        library?.product(
            rowMajor, transposed, plain, outputs, inputs, Int32(rows), 1, y, outputs, x, inputs, 1, &sums, inputs)
    }

    /// X Wᵀ of x [rows, inputs] and w [outputs, inputs] → [rows, outputs].
    static func product(_ x: [Float], _ w: [Float], rows: Int, inputs: Int) -> [Float] {
        precondition(inputs > 0 && x.count == rows * inputs && w.count % inputs == 0)
        let outputs = w.count / inputs
        var result = [Float](repeating: 0, count: rows * outputs)
        guard rows > 0, outputs > 0 else { return result }
        library?.product(
            rowMajor, plain, transposed, Int32(rows), Int32(outputs), Int32(inputs), 1, x, Int32(inputs), w,
            Int32(inputs), 0, &result, Int32(outputs))
        return result
    }

    /// Solves W A = B for the symmetric, positive definite `a` [size, size], of which only the upper triangle is read, and `b`
    /// [outputs, size].
    ///
    /// - Returns: W [outputs, size]; nil if A isn't positive definite.
    static func solve(_ a: [Float], _ b: [Float], size: Int) -> [Float]? {
        precondition(size > 0 && a.count == size * size && b.count % size == 0)
        // Fortran stores column after column: our rows are its columns, and our upper triangle its lower one.
        var (factor, solution, info) = (a, b, Int32(1))
        let (order, count) = (Int32(size), Int32(b.count / size))
        withUnsafePointer(to: order) { order in
            library?.solve("L", order, [count], &factor, order, &solution, order, &info, 1)
        }
        return info == 0 ? solution : nil
    }

    private static func columns(of values: [Float], _ rows: Int) -> Int32? {
        precondition(values.count % rows == 0)
        return values.isEmpty ? nil : Int32(values.count / rows)
    }
}
