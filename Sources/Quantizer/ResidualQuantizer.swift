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
    /// For 1, 2, … codes in all frames, and on average.
    private let fixed: [Rule]
    private let variable: [Rule]

    /// By what frames get their codes: how many they have, and what one has to bring the squared distance down by.
    public struct Rule: Sendable {
        public let counts: CodeCounts
        let price: Float
    }

    /// Reads "codebooks" [codebooks, codes, dimensions], and for each number of codes on average the "starts" [codebooks,
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
            guard isAscending, let counts = CodeCounts(thresholds: reached.map { UInt16($0) }) else {
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

    /// By what frames get their codes.
    ///
    /// - Throws: `QuantizerError.impossibleNumber` unless that is 1 to `codebooks`, in every frame or on average.
    public func rule(for number: CodesPerFrame) throws(QuantizerError) -> Rule {
        guard (1...codebooks).contains(number.number) else {
            throw .impossibleNumber(number.number, codebooks: codebooks)
        }
        return switch number {
        case .fixed(let count): fixed[count - 1]
        case .average(let count): variable[count - 1]
        }
    }

    /// One code of every codebook in every frame.
    public var fullRule: Rule { fixed[codebooks - 1] }

    /// The codes of a latent vector of `dimensions` values, which stay in `search` until the next one.
    @discardableResult
    public func encode(_ latent: ArraySlice<Float>, by rule: Rule, with search: inout CodeSearch) -> Codes {
        precondition(latent.count == dimensions, "\(latent.count) values for \(dimensions) dimensions")
        search.begin(with: latent, levels: codebooks, sequences: Self.beam)
        for level in 0..<rule.counts.maxCodes {
            let isLast = level + 1 == rule.counts.maxCodes
            search.extend(by: books[level], keeping: isLast ? 1 : Self.beam)
            guard search.end(below: isLast ? codes : Int(rule.counts.thresholds[level]), price: rule.price) else {
                break
            }
        }
        return search.codes
    }

    /// All vectors of the codebooks, [codebooks, codes, dimensions].
    public var vectors: [Float] { books.flatMap(\.codes) }

    /// - Throws: `QuantizerError` unless these are `dimensions` values that a frame's latents may have, more or less: those of speech
    ///   are a few units.
    public func check(latents: some Collection<Float>) throws(QuantizerError) {
        guard latents.count == dimensions else { throw .wrongLatentSize(latents.count, dimensions: dimensions) }
        if let wrong = latents.first(where: { !(abs($0) <= Self.largestLatent) }) { throw .impossibleLatent(wrong) }
    }

    /// Far beyond those of speech; nothing that is computed from it overflows.
    private static let largestLatent: Float = 1000

    /// The vector of `dimensions` values that codes stand for: the sum of one code of each codebook, in order.
    ///
    /// - Parameter codes: 1 to `codebooks` codes, one of each codebook from the first on.
    public func decode(_ codes: some Collection<UInt16>) throws(QuantizerError) -> [Float] {
        var vector: [Float] = []
        try decode(Array(codes).span, into: &vector)
        return vector
    }

    /// The same in place of what `vector` holds, whose memory is used again.
    public func decode(_ codes: Span<UInt16>, into vector: inout [Float]) throws(QuantizerError) {
        guard (1...codebooks).contains(codes.count) else {
            throw .wrongCodeCount(codes.count, codebooks: codebooks)
        }
        vector.removeAll(keepingCapacity: true)
        for _ in 0..<dimensions { vector.append(0) }
        for level in codes.indices {
            let code = codes[level]
            guard code < self.codes else { throw .codeOutOfRange(code, codebook: level, codes: self.codes) }
            let added = books[level][Int(code)]
            for d in 0..<dimensions { vector[d] += added[added.startIndex + d] }
        }
    }
}
