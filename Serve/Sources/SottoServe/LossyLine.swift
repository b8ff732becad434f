// SPDX-License-Identifier: Apache-2.0

/// A line that loses packets, one by one or several in a row.
struct LossyLine: Sendable {
    /// The share that is lost, and how many in a row on average; 1 loses each by itself, whatever came of the one before.
    let loss: Double
    let burst: Double
    private var random: any RandomNumberGenerator & Sendable
    private var isLosing = false

    static let losses = 0.0...0.5
    static let bursts = 1.0...20.0

    /// - Returns: nil unless `losses` and `bursts` have the numbers.
    init?(loss: Double, burst: Double, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        guard Self.losses.contains(loss), Self.bursts.contains(burst) else { return nil }
        (self.loss, self.burst, self.random) = (loss, burst, random)
    }

    /// Whether the next packet is lost.
    mutating func losesNext() -> Bool {
        guard loss > 0 else { return false }
        let draw = Double.random(in: 0..<1, using: &random)
        guard burst > 1 else { return draw < loss }
        // Two states: a run of losses ends with 1 / burst, and begins as often as makes the share right.
        isLosing = draw < (isLosing ? 1 - 1 / burst : loss / (burst * (1 - loss)))
        return isLosing
    }
}
