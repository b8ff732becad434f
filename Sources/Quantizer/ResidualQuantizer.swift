// SPDX-License-Identifier: Apache-2.0
public import NeuralNet

/// Residual vector quantization (SoundStream, Zeghidour et al. 2021): each codebook names a code near to what the
/// codebooks before it left over. Any prefix of the codes decodes to a coarser approximation.
///
/// The codes that together come nearest are looked for. How many codebooks there will be matters: the best two codes needn't
/// begin the best four.
///
/// Codes are the same on every machine: all sums are taken in the order of the dimensions, as `PackedMatrix` says.
public struct ResidualQuantizer: Sendable {
    public let codebooks: Int
    public let codes: Int
    public let dimensions: Int
    private let books: [Codebook]

    /// Reads "codebooks" [codebooks, codes, dimensions].
    public init(_ weights: Weights, codebooks: Int, codes: Int, dimensions: Int) throws(WeightsError) {
        precondition(codes <= Int(UInt16.max) + 1, "codes are 16-bit numbers")
        let values = try weights.tensor("codebooks", shape: [codebooks, codes, dimensions])
        let size = codes * dimensions
        books = (0..<codebooks).map { book in
            Codebook(codes: Array(values[book * size..<(book + 1) * size]), dimensions: dimensions)
        }
        self.codebooks = codebooks
        self.codes = codes
        self.dimensions = dimensions
    }

    /// Sequences of codes that the search keeps from codebook to codebook.
    private static let beam = 16

    /// The codes of a latent vector, one of each of the first `count` codebooks.
    ///
    /// - Parameters:
    ///   - latent: `dimensions` values.
    ///   - count: 1 to `codebooks`.
    public func encode(_ latent: ArraySlice<Float>, codebooks count: Int, with search: inout CodeSearch) -> [UInt16] {
        precondition(latent.count == dimensions, "\(latent.count) values for \(dimensions) dimensions")
        precondition((1...codebooks).contains(count), "\(count) of \(codebooks) codebooks")
        search.begin(with: latent)
        for level in 0..<count {
            search.extend(by: books[level], keeping: level + 1 == count ? 1 : Self.beam)
        }
        return search.codes()
    }

    /// The vector of `dimensions` values that codes stand for: the sum of one code of each codebook, in order.
    ///
    /// - Parameter codes: 1 to `codebooks` codes, one of each codebook from the first on.
    public func decode(_ codes: some Collection<UInt16>) throws(QuantizerError) -> [Float] {
        guard (1...codebooks).contains(codes.count) else {
            throw .wrongCodeCount(codes.count, codebooks: codebooks)
        }
        var sum = [Float](repeating: 0, count: dimensions)
        for (level, (code, book)) in zip(codes, books).enumerated() {
            guard code < self.codes else { throw .codeOutOfRange(code, codebook: level, codes: self.codes) }
            for (d, value) in book[Int(code)].enumerated() { sum[d] += value }
        }
        return sum
    }
}
