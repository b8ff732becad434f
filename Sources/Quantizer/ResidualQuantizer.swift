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
    /// For 1, 2, … codes in all frames, and in the mean.
    private let fixed: [Rule]
    private let variable: [Rule]

    /// How many codes frames have, and what one has to bring the squared distance down by.
    private struct Rule {
        var counts: CodeCounts
        var price: Float
    }

    /// Reads "codebooks" [codebooks, codes, dimensions], and for each number of codes in the mean the "starts" [codebooks,
    /// codebooks] of more of them (see `CodeCounts`; as many as there are codes: none is) and the "prices" [codebooks] of one, in
    /// squared distance.
    public init(_ weights: Weights, codebooks: Int, codes: Int, dimensions: Int) throws(WeightsError) {
        precondition(codes <= Int(UInt16.max) + 1, "codes are 16-bit numbers")
        let values = try weights.tensor("codebooks", shape: [codebooks, codes, dimensions])
        let size = codes * dimensions
        books = (0..<codebooks).map { book in
            Codebook(codes: Array(values[book * size..<(book + 1) * size]), dimensions: dimensions)
        }
        let prices = try weights.tensor("prices", shape: [codebooks])
        let starts = try weights.tensor("starts", shape: [codebooks, codebooks])
        var variable: [Rule] = []
        for (row, price) in prices.enumerated() {
            let own = starts[row * codebooks..<(row + 1) * codebooks]
            let isAscending = zip(own, own.dropFirst()).allSatisfy { $0 <= $1 } && own.allSatisfy { $0 >= 0 }
            let reached = own.dropLast().prefix { $0 < Float(codes) }
            guard isAscending, let counts = CodeCounts(starts: reached.map { UInt16($0) }) else {
                throw weights.malformed("starts", because: "those of row \(row) don't ascend from 0")
            }
            variable.append(Rule(counts: counts, price: price))
        }
        fixed = (1...codebooks).map { Rule(counts: CodeCounts(all: $0), price: 0) }
        self.variable = variable
        self.codebooks = codebooks
        self.codes = codes
        self.dimensions = dimensions
    }

    /// Sequences of codes that the search keeps from codebook to codebook.
    private static let beam = 16

    /// How many codes frames have: `count` all of them, 1 to `codebooks`, or so many in the mean.
    public func counts(codebooks count: Int, isVariable: Bool) -> CodeCounts {
        (isVariable ? variable : fixed)[count - 1].counts
    }

    /// The codes of a latent vector, one of each of the first codebooks.
    ///
    /// - Parameters:
    ///   - latent: `dimensions` values.
    ///   - count: 1 to `codebooks`.
    ///   - isVariable: whether there are more codes where they bring it nearer and fewer elsewhere, `count` in the mean of
    ///     speech as it is read in books.
    public func encode(
        _ latent: ArraySlice<Float>, codebooks count: Int, isVariable: Bool = false, with search: inout CodeSearch
    ) -> [UInt16] {
        precondition(latent.count == dimensions, "\(latent.count) values for \(dimensions) dimensions")
        precondition((1...codebooks).contains(count), "\(count) of \(codebooks) codebooks")
        let rule = (isVariable ? variable : fixed)[count - 1]
        search.begin(with: latent)
        for level in 0..<rule.counts.most {
            let isLast = level + 1 == rule.counts.most
            search.extend(by: books[level], keeping: isLast ? 1 : Self.beam)
            guard search.end(below: isLast ? codes : Int(rule.counts.starts[level]), price: rule.price) else { break }
        }
        return search.codes
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
