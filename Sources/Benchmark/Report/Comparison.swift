// SPDX-License-Identifier: Apache-2.0

import SystemIO

/// What moved from one report to another, over the clips and systems that both have.
public struct Comparison: Sendable {
    public struct Move: Sendable {
        public var system: String
        public var figure: String
        /// New less old.
        public var difference: Interval
        /// Worse by more than its bound, and not by chance: zero lies outside of the interval.
        public var isRegression: Bool
    }

    /// How much worse the mean of a figure may get.
    public struct Bound: Sendable {
        public var figure: String
        /// Positive where less is better, negative where more is.
        public var limit: Double

        /// - Parameter text: `stoi=0.01` for a figure that has a bound anyway; `pesq_wb=-0.05` for one that may fall by
        ///   so much, `wer=+2` for one that may rise.
        /// - Throws: `BenchmarkError` if it is anything else, or leaves open which way is worse.
        public init(_ text: String) throws {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
                throw BenchmarkError(
                    "a bound is a figure and a number, as stoi=0.01; \(text) is none", kind: .wrongUsage)
            }
            figure = parts[0]
            limit = value
            let isSigned = parts[1].hasPrefix("-") || parts[1].hasPrefix("+")
            if let usual = Comparison.bounds[figure] {
                guard !isSigned || value.sign == usual.sign else {
                    throw BenchmarkError("\(figure) gets better that way; write \(figure)=\(-value)", kind: .wrongUsage)
                }
                limit = usual < 0 ? -value.magnitude : value.magnitude
            } else if !isSigned {
                throw BenchmarkError(
                    "which way is \(figure) worse? write \(figure)=-\(parts[1]) if it may fall by that, "
                        + "\(figure)=+\(parts[1]) if it may rise", kind: .wrongUsage)
            }
        }
    }

    public var moves: [Move]

    private static let bounds: [String: Double] = [
        "stoi": -0.005, "estoi": -0.01, "log_mel_distance": 0.02, "lsd_db": 0.2, "mcd_db": 0.1, "f0_rmse_cents": 10,
        "f0_gross_share": 0.01, "voicing_error_share": 0.01, "payload_bit_s": 1, "file_bit_s": 5,
    ]

    /// Figures that were joined are told too, but judged only by a bound that is given.
    ///
    /// - Parameter given: bounds that add to the usual ones or take their place.
    /// - Throws: `BenchmarkError` if the reports don't share a clip and system, or one that has a figure of `given`.
    public init(old: Report, new: Report, bounds given: [Bound]) throws {
        let bounds = Self.bounds.merging(given.map { ($0.figure, $0.limit) }) { $1 }
        let told = Set(bounds.keys).union(new.joined ?? []).sorted()
        let before = Dictionary(old.clips.map { ($0.clip.id, $0) }, uniquingKeysWith: { first, _ in first })
        moves = new.systems.flatMap { system -> [Move] in
            let differences = paired(
                new.clips, { $0.systems[system.name] },
                less: {
                    before[$0.clip.id]?.systems[system.name]
                })
            return told.compactMap { figure -> Move? in
                guard let difference = differences[figure] else { return nil }
                let isWorse = bounds[figure].map { Self.isWorse(difference, than: $0) } ?? false
                return Move(system: system.name, figure: figure, difference: difference, isRegression: isWorse)
            }
        }
        guard !moves.isEmpty else { throw BenchmarkError("the two reports share no clip and system") }
        let found = Set(moves.map(\.figure))
        if let missing = given.first(where: { !found.contains($0.figure) }) {
            throw BenchmarkError("the two reports share no figure \(missing.figure) to hold to its bound")
        }
    }

    private static func isWorse(_ difference: Interval, than bound: Double) -> Bool {
        bound.sign == .plus
            ? difference.mean > bound && difference.low > 0 : difference.mean < bound && difference.high < 0
    }
}
