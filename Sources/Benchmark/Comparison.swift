// SPDX-License-Identifier: Apache-2.0

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

    public var moves: [Move]

    /// How much worse a mean may get; positive where less is better, negative where more is.
    public static let bounds: [String: Double] = [
        "stoi": -0.005, "estoi": -0.01, "log_mel_l1": 0.02, "lsd_db": 0.2, "mcd_db": 0.1, "f0_rmse_cents": 10,
        "f0_gross_share": 0.01, "voicing_error_share": 0.01, "payload_bit_s": 1, "file_bit_s": 5,
    ]

    public init(old: Report, new: Report) {
        let before = Dictionary(old.clips.map { ($0.clip.id, $0) }, uniquingKeysWith: { first, _ in first })
        moves = new.systems.flatMap { system -> [Move] in
            let differences = paired(
                new.clips, { $0.systems[system.name] },
                less: {
                    before[$0.clip.id]?.systems[system.name]
                })
            return Self.bounds.keys.sorted().compactMap { figure -> Move? in
                guard let difference = differences[figure], let bound = Self.bounds[figure] else { return nil }
                let isWorse =
                    bound > 0
                    ? difference.mean > bound && difference.low > 0
                    : difference.mean < bound && difference.high < 0
                return Move(system: system.name, figure: figure, difference: difference, isRegression: isWorse)
            }
        }
    }
}
