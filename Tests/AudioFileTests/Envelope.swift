// SPDX-License-Identifier: Apache-2.0

/// How loud a recording is, millisecond by millisecond.
struct Envelope {
    private let levels: [Float]

    init(_ samples: some RandomAccessCollection<Float>, rate: Int) {
        let samples = Array(samples)
        let count = samples.count * 1000 / rate
        levels = (0..<count).map { index in
            let middle = index * rate / 1000
            let around = max(0, middle - rate / 400)..<min(samples.count, middle + rate / 400)
            return samples[around].reduce(0) { $0 + abs($1) } / Float(max(1, around.count))
        }
    }

    /// By how many milliseconds this one comes later than another, at most 100 either way, and how like they then are:
    /// 1 if they are the same.
    func lag(behind other: Envelope) -> (milliseconds: Int, likeness: Float) {
        let energy = product(levels, levels).squareRoot() * product(other.levels, other.levels).squareRoot()
        let lags = (-100...100).map { lag in
            let moved =
                lag >= 0
                ? product(levels.dropFirst(lag), other.levels[...]) : product(levels[...], other.levels.dropFirst(-lag))
            return (milliseconds: lag, likeness: moved / max(energy, .leastNormalMagnitude))
        }
        return lags.max { $0.likeness < $1.likeness } ?? (0, 0)
    }

    private func product(_ one: some Sequence<Float>, _ other: some Sequence<Float>) -> Float {
        zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
