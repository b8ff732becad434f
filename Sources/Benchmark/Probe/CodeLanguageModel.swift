// SPDX-License-Identifier: Apache-2.0

/// A small language model of codes: a mixture of n-grams that learns from every frame that it is told.
///
/// A code is predicted from what came before it, by five contexts of different length. In each, counts are smoothed by those of the
/// codebook as a whole after Witten & Bell (1991), and these by equal shares. How much a context counts is learnt as well, for each
/// codebook by itself. All is computed in integers, so that the figures are the same on every machine.
package struct CodeLanguageModel {
    /// Bits are counted in units of 1/65536.
    package static let unitsPerBit = 1 << 16

    /// Shares are in units of 2^-32 and floored, so that those of all codes never add up to more than 1.
    private typealias Share = UInt64
    private static let one: Share = 1 << 32

    /// How often a context was met, and how many different codes followed.
    private struct Total {
        var count: UInt64 = 0
        var distinct: UInt64 = 0
    }

    private let equalShare: Share
    private var totals: [UInt64: Total] = [:]
    private var counts: [UInt64: UInt64] = [:]
    /// Of each codebook, [contexts].
    private var weights: [[UInt64]] = []

    private static let contexts = 5
    private static let initialWeight: UInt64 = 1 << 16
    /// In place of a code before the recording, or one that a shorter frame doesn't have.
    private static let none: UInt64 = 1 << 16

    /// - Parameter codes: how many a codebook has, 1 to 65536.
    package init(codes: Int) {
        precondition((1...1 << 16).contains(codes))
        equalShare = Self.one / UInt64(codes)
    }

    /// Tells the model a recording.
    ///
    /// - Parameter frames: [frames][codes of the frame]. How many codes a frame has is taken to be known.
    /// - Returns: what the codes cost by its predictions, each made before it was told the code, in `unitsPerBit`.
    @discardableResult
    package mutating func learn(_ frames: [[UInt16]]) -> Int {
        var cost = 0
        for at in frames.indices {
            let before = (1...2).map { at >= $0 ? frames[at - $0] : [] }
            for book in frames[at].indices {
                cost += learn(frames[at][book], keys: Self.keys(before, frames[at], book), book: book)
            }
        }
        return cost
    }

    /// The contexts of a code: none, the codebook's code of the frame before, those of two frames before, the code of the codebook before
    /// it, and that with the codebook's code of the frame before.
    private static func keys(_ before: [[UInt16]], _ frame: [UInt16], _ book: Int) -> [UInt64] {
        func code(_ frame: [UInt16], _ book: Int) -> UInt64 {
            frame.indices.contains(book) ? UInt64(frame[book]) : none
        }
        let (last, older, coarser) = (code(before[0], book), code(before[1], book), code(frame, book - 1))
        let pairs = [(none, none), (last, none), (last, older), (none, coarser), (last, coarser)]
        // 3 bits for the kind of context, 8 for the codebook, 17 and 17 for the codes, then 16 for the code that is predicted.
        return pairs.enumerated().map { kind, pair in
            ((UInt64(kind) << 8 | UInt64(book)) << 34 | pair.0 << 17 | pair.1) << 16
        }
    }

    private mutating func learn(_ code: UInt16, keys: [UInt64], book: Int) -> Int {
        while weights.count <= book { weights.append([UInt64](repeating: Self.initialWeight, count: Self.contexts)) }
        var shares: [Share] = []
        for key in keys { shares.append(share(of: code, in: key, over: shares.first ?? equalShare)) }
        let all = weights[book].reduce(0, +)
        let mixed = zip(weights[book], shares).reduce(0) { $0 + $1.0 * $1.1 }
        for i in shares.indices {
            // A step of 1/32 towards the share that the context has in the prediction.
            let part = mixed > 0 ? weights[book][i] * shares[i] / (mixed >> 16) : 0
            weights[book][i] = max(64, weights[book][i] - weights[book][i] >> 5 + part >> 5)
        }
        for key in keys { count(code, in: key) }
        return Self.cost(of: max(1, mixed / all))
    }

    private func share(of code: UInt16, in key: UInt64, over general: Share) -> Share {
        guard let total = totals[key] else { return general }
        let count = counts[key | UInt64(code), default: 0]
        return (count * Self.one + total.distinct * general) / (total.count + total.distinct)
    }

    private mutating func count(_ code: UInt16, in key: UInt64) {
        let known = counts[key | UInt64(code), default: 0]
        counts[key | UInt64(code)] = known + 1
        totals[key, default: Total()].count += 1
        if known == 0 { totals[key, default: Total()].distinct += 1 }
    }

    /// −log2 of a share above 0, in `unitsPerBit`: the exponent, then a bit of the fraction by each squaring.
    private static func cost(of share: Share) -> Int {
        let exponent = 63 - share.leadingZeroBitCount
        // The mantissa, 1 to 2, in units of 2^-31.
        var mantissa = exponent >= 31 ? share >> UInt64(exponent - 31) : share << UInt64(31 - exponent)
        var fraction = 0
        for _ in 0..<16 {
            mantissa = (mantissa * mantissa) >> 31
            fraction <<= 1
            if mantissa >= 1 << 32 {
                mantissa >>= 1
                fraction |= 1
            }
        }
        return (32 - exponent) * unitsPerBit - fraction
    }
}
