// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// How the codes of one codebook are spent. Entropies are in bits a code, corrected for the small sample by
/// Miller & Madow (1955): plus (values seen − 1) / (2 · samples · ln 2).
public struct CodebookStatistics: Sendable, Codable {
    public var shareUsed: Double
    public var deadCodes: Int
    /// 2 to the uncorrected entropy of order 0.
    public var perplexity: Double
    public var entropy0: Double
    /// Of a code whose predecessor in the same recording is known. With few samples a pair the correction is not
    /// enough and this is too low: compare it with `shuffledEntropy1`, the same of codes whose order is lost.
    public var entropy1: Double?
    public var shuffledEntropy1: Double?
    /// Slope of ln count over ln rank (Zipf), by least squares over codes seen; nil below two.
    public var zipfSlope: Double?
    public var meanRun: Double
    public var longestRun: Int
    /// How often each code was seen, by code.
    public var counts: [Int]
}

/// The codes of many recordings, taken together.
public struct TokenStatistics: Sendable, Codable {
    public var frames: Int
    /// How many frames it takes until the use of codes and their entropy can be told, and until what a code tells of
    /// another one can: ten of each code, and as many as there are pairs. Of fewer, codes seem to be dead that aren't.
    public var framesForUse: Int
    public var framesForOrder: Int
    public var frameRate: Double
    public var tokensPerSecond: Double
    /// Bit/s if every code takes all its bits.
    public var nominalBitRate: Double
    /// Bit/s that an ideal entropy coder of order 0 would need, tables not counted.
    public var idealBitRate: Double
    /// The same of order 1, which knows each codebook's code of the frame before; with few recordings far too low, as
    /// `shuffledIdealBitRate1` tells: what is really saved is what lies between the two. nil for single frames.
    public var idealBitRate1: Double?
    /// Of codes whose order is lost.
    public var shuffledIdealBitRate1: Double?
    public var codebooks: [CodebookStatistics]
    /// Bits between each codebook and the next in the same frame, less that of a shuffled pairing.
    public var informationBetweenCodebooks: [Double]
    /// Bits between each codebook's code and its next in time, less that of a shuffled pairing.
    public var informationBetweenFrames: [Double]

    /// - Parameters:
    ///   - recordings: [recordings][frames][codes of the frame]; a codebook's codes are those of the frames that have one.
    ///   - codes: how many there are in a codebook.
    /// - Returns: nil if there is no frame.
    public init?(_ recordings: [[[UInt16]]], codes: Int, frameRate: Double) {
        let all = recordings.flatMap { $0 }
        guard let count = all.map(\.count).max(), count > 0 else { return nil }
        // A baseline must be the same in every run.
        var generator = SplitMix64(seed: 1)
        frames = all.count
        (framesForUse, framesForOrder) = (10 * codes, codes * codes)
        self.frameRate = frameRate
        // Of the frames, how many have a code of each codebook.
        let shares = (0..<count).map { book in Double(all.count { $0.count > book }) / Double(all.count) }
        tokensPerSecond = frameRate * shares.reduce(0, +)
        let bits = Int.bitWidth - (codes - 1).leadingZeroBitCount
        nominalBitRate = tokensPerSecond * Double(bits)
        let books = (0..<count).map { book in
            CodebookStatistics(recordings.map { $0.codes(of: book) }, codes: codes, &generator)
        }
        codebooks = books
        func rate(_ entropies: [Double]) -> Double {
            frameRate * zip(shares, entropies).reduce(0) { $0 + $1.0 * min($1.1, Double(bits)) }
        }
        func rate(_ entropy: KeyPath<CodebookStatistics, Double?>) -> Double? {
            let entropies = books.compactMap { $0[keyPath: entropy] }
            return entropies.count == count ? rate(entropies) : nil
        }
        idealBitRate = rate(books.map(\.entropy0))
        idealBitRate1 = rate(\.entropy1)
        shuffledIdealBitRate1 = rate(\.shuffledEntropy1)
        informationBetweenCodebooks = (0..<count - 1).map { book in
            excessInformation(
                all.filter { $0.count > book + 1 }.map { (Int($0[book]), Int($0[book + 1])) }, &generator)
        }
        informationBetweenFrames = (0..<count).map { book in
            excessInformation(recordings.flatMap { pairs($0.codes(of: book)) }, &generator)
        }
    }
}

extension CodebookStatistics {
    fileprivate init(_ recordings: [[Int]], codes: Int, _ generator: inout SplitMix64) {
        var counts = [Int](repeating: 0, count: codes)
        var runs: [Int] = []
        for recording in recordings {
            var previous: Int?
            for code in recording {
                if counts.indices.contains(code) { counts[code] += 1 }
                if code == previous { runs[runs.count - 1] += 1 } else { runs.append(1) }
                previous = code
            }
        }
        let seen = counts.filter { $0 > 0 }
        self.counts = counts
        shareUsed = Double(seen.count) / Double(codes)
        deadCodes = codes - seen.count
        let plain = entropy(seen, isCorrected: false)
        perplexity = exp2(plain)
        entropy0 = entropy(seen, isCorrected: true)
        let inOrder = recordings.flatMap(pairs)
        entropy1 = inOrder.isEmpty ? nil : conditionalEntropy(inOrder)
        shuffledEntropy1 = inOrder.isEmpty ? nil : conditionalEntropy(shuffled(inOrder, &generator))
        zipfSlope = slope(seen.sorted(by: >))
        meanRun = Double(runs.reduce(0, +)) / Double(max(1, runs.count))
        longestRun = runs.max() ?? 0
    }
}

extension [[UInt16]] {
    /// Those of one codebook, of the frames that have one.
    fileprivate func codes(of book: Int) -> [Int] { compactMap { $0.count > book ? Int($0[book]) : nil } }
}

private func pairs(_ codes: [Int]) -> [(Int, Int)] { Array(zip(codes, codes.dropFirst())) }

private func shuffled(_ pairs: [(Int, Int)], _ generator: inout SplitMix64) -> [(Int, Int)] {
    Array(zip(pairs.map(\.0), pairs.map(\.1).shuffled(using: &generator)))
}

private func entropy(_ counts: some Collection<Int>, isCorrected: Bool) -> Double {
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return 0 }
    let plain = counts.reduce(0.0) { $0 - Double($1) / total * log2(Double($1) / total) }
    return isCorrected ? plain + Double(counts.count - 1) / (2 * total * log(2)) : plain
}

private func histogram(_ values: some Sequence<Int>) -> [Int: Int] {
    values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
}

private func conditionalEntropy(_ pairs: [(Int, Int)]) -> Double {
    let joint = entropy(histogram(pairs.lazy.map { $0.0 << 16 | $0.1 }).values, isCorrected: true)
    return max(0, joint - entropy(histogram(pairs.lazy.map(\.0)).values, isCorrected: true))
}

/// Mutual information beyond what chance alone gives a sample of this size.
private func excessInformation(_ pairs: [(Int, Int)], _ generator: inout SplitMix64) -> Double {
    guard !pairs.isEmpty else { return 0 }
    func joint(_ pairs: [(Int, Int)]) -> Double {
        entropy(histogram(pairs.lazy.map { $0.0 << 16 | $0.1 }).values, isCorrected: false)
    }
    // The marginals are those of the shuffled pairs, so only the joint entropies remain.
    return joint(shuffled(pairs, &generator)) - joint(pairs)
}

private func slope(_ counts: [Int]) -> Double? {
    guard counts.count > 1 else { return nil }
    let points = counts.enumerated().map { (log(Double($0.offset + 1)), log(Double($0.element))) }
    let (x, y) = (points.map(\.0).mean ?? 0, points.map(\.1).mean ?? 0)
    let spread = points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    return points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) } / spread
}
