// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// The residual codebooks of words' vectors. Sums are taken in the order of the dimensions, so that codes are the same on every machine.
struct WordCodebooks: Sendable {
    let dimensions: Int
    private let codes: Int
    private let vectors: [Float]  // [codebooks, codes, dimensions]

    /// Reads "vectors".
    init(_ weights: Weights, _ c: WordConfiguration) throws(WeightsError) {
        (dimensions, codes) = (c.words, c.codes)
        vectors = try weights.tensor("vectors", shape: [c.codebooks, c.codes, c.words])
    }

    private func vector(_ code: Int, of book: Int) -> ArraySlice<Float> {
        let start = (book * codes + code) * dimensions
        return vectors[start..<start + dimensions]
    }

    /// So many codes of a vector: each the nearest to what those before it left over, the first of them if several are as near.
    func encode(_ vector: [Float], count: Int) -> [UInt8] {
        var rest = vector
        return (0..<count).map { book in
            var (best, least) = (0, Float.infinity)
            for code in 0..<codes {
                let distance = zip(rest, self.vector(code, of: book)).reduce(Float(0)) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }
                if distance < least { (best, least) = (code, distance) }
            }
            for (d, value) in self.vector(best, of: book).enumerated() { rest[d] -= value }
            return UInt8(best)
        }
    }

    /// Whether all of these are codes that a codebook has.
    func have(_ codes: [UInt8]) -> Bool { codes.allSatisfy { Int($0) < self.codes } }

    /// The vector of `dimensions` values that codes stand for, which the codebooks have.
    func decode(_ codes: [UInt8]) -> [Float] {
        var sum = [Float](repeating: 0, count: dimensions)
        for (book, code) in codes.enumerated() {
            for (d, value) in vector(Int(code), of: book).enumerated() { sum[d] += value }
        }
        return sum
    }
}
