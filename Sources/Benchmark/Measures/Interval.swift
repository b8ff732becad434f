// SPDX-License-Identifier: Apache-2.0

import Spectral

/// A mean and its 95 % interval by the percentile bootstrap over clips (Efron 1979), 1000 draws, the same every run.
public struct Interval: Sendable, Codable, Equatable {
    public var mean: Double
    public var low: Double
    public var high: Double
    public var count: Int

    /// - Returns: nil of no values.
    public init?(_ values: [Double]) {
        guard let mean = values.mean else { return nil }
        var generator = SplitMix64(seed: 1)
        let draws = 1000
        let means = (0..<draws).map { _ in
            values.indices.reduce(0.0) { sum, _ in sum + values[Int.random(in: values.indices, using: &generator)] }
                / Double(values.count)
        }.sorted()
        self.mean = mean
        low = means[draws / 40]
        high = means[draws - draws / 40 - 1]
        count = values.count
    }
}
