// SPDX-License-Identifier: Apache-2.0

/// A table of code vectors that finds the nearest one to a vector.
struct Codebook: Sendable {
    private let dimensions: Int
    private let count: Int
    private let codes: [Float]  // [count, dimensions]
    private let transposed: [Float]  // [dimensions, count]
    private let squaredLengths: [Float]  // [count]

    /// - Parameter codes: [count, dimensions]
    init(codes: [Float], dimensions: Int) {
        let count = codes.count / dimensions
        self.dimensions = dimensions
        self.count = count
        self.codes = codes
        transposed = (0..<dimensions).flatMap { d in (0..<count).map { codes[$0 * dimensions + d] } }
        squaredLengths = (0..<count).map { index in
            codes[index * dimensions..<(index + 1) * dimensions].reduce(0) { $0 + $1 * $1 }
        }
    }

    subscript(index: Int) -> ArraySlice<Float> {
        codes[index * dimensions..<(index + 1) * dimensions]
    }

    /// The index of the code c with the smallest |c|² - 2 r·c, which is the squared distance to r less |r|²; of equals,
    /// the lowest.
    func nearest(to residual: [Float]) -> Int {
        let products = products(with: residual)
        var best = (index: 0, distance: Float.infinity)
        for index in 0..<count {
            let distance = squaredLengths[index] - 2 * products[index]
            if distance < best.distance { best = (index, distance) }
        }
        return best.index
    }

    /// r·c of every code. Each is summed dimension by dimension, while neighbouring codes are computed side by side:
    /// the processor's vectors speed it up and cannot change the order of any sum.
    private func products(with residual: [Float]) -> [Float] {
        var products = [Float](repeating: 0, count: count)
        for d in 0..<dimensions {
            let (value, start) = (residual[d], d * count)
            for index in 0..<count { products[index] += value * transposed[start + index] }
        }
        return products
    }
}
