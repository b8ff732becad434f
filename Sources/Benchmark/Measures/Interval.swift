// SPDX-License-Identifier: Apache-2.0

import Spectral

/// A mean and its 95 % interval by the percentile bootstrap over clips or groups of them (Efron 1979), 1000 draws, the same every run.
public struct Interval: Sendable, Codable, Equatable {
    public var mean: Double
    public var low: Double
    public var high: Double
    public var count: Int

    /// - Returns: nil of no values.
    public init?(_ values: [Double]) {
        guard let mean = values.mean else { return nil }
        let means = Self.draws(of: values.count) { drawn in drawn.reduce(0) { $0 + values[$1] } / Double(values.count) }
        (self.mean, count) = (mean, values.count)
        (low, high) = Self.middle(of: means)
    }

    /// The interval over groups of values, such as the clips of each speaker: whole groups are drawn.
    ///
    /// - Parameters:
    ///   - values: nil for those that there aren't; they don't count.
    ///   - groups: of each value.
    /// - Returns: nil of no values.
    package init?(_ values: [Double?], groups: [Int]) {
        let known = zip(values, groups).compactMap { value, group in value.map { ($0, group) } }
        let grouped = Dictionary(grouping: known, by: \.1).sorted { $0.key < $1.key }.map { $0.value.map(\.0) }
        self.init(
            weighted: grouped.map { (value: $0.reduce(0, +) / Double($0.count), weight: Double($0.count)) })
        count = known.count
    }

    /// A mean in which clips count by their weight, such as how many frames they have.
    ///
    /// - Returns: nil if no clip has any weight.
    init?(weighted clips: [(value: Double, weight: Double)]) {
        let clips = clips.filter { $0.weight > 0 }
        guard !clips.isEmpty else { return nil }
        func mean(_ indices: some Collection<Int>) -> Double {
            let sums = indices.reduce((0.0, 0.0)) {
                ($0.0 + clips[$1].value * clips[$1].weight, $0.1 + clips[$1].weight)
            }
            return sums.0 / sums.1
        }
        self.mean = mean(clips.indices)
        count = clips.count
        (low, high) = Self.middle(of: Self.draws(of: clips.count, mean))
    }

    private static let drawCount = 1000

    private static func draws(of count: Int, _ mean: ([Int]) -> Double) -> [Double] {
        var generator = SplitMix64(seed: 1)
        return (0..<drawCount).map { _ in
            mean((0..<count).map { _ in Int.random(in: 0..<count, using: &generator) })
        }.sorted()
    }

    /// What all but 5 % lie between.
    private static func middle(of sorted: [Double]) -> (low: Double, high: Double) {
        (sorted[drawCount / 40], sorted[drawCount - drawCount / 40 - 1])
    }
}
