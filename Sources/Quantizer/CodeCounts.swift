// SPDX-License-Identifier: Apache-2.0

/// How many codes frames have: all as many, or each as many as its first code tells. For that the first codebook is ordered by
/// how much is left to say after each of its codes, so that a few numbers are enough.
public struct CodeCounts: Hashable, Sendable {
    /// The first codes from which on a frame has more than 1, 2, … codes, ascending.
    public let thresholds: [UInt16]

    /// - Returns: nil if `thresholds` descend anywhere.
    public init?(thresholds: [UInt16]) {
        guard zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
        self.thresholds = thresholds
    }

    /// The same number in all frames, one or more.
    public init(all count: Int) { thresholds = [UInt16](repeating: 0, count: max(0, count - 1)) }

    /// The most codes that a frame has.
    public var maxCodes: Int { thresholds.count + 1 }
    /// Whether some frames may have fewer.
    public var isVariable: Bool { thresholds.contains { $0 > 0 } }

    /// How many codes a frame has that begins with this one.
    public func count(after first: UInt16) -> Int { 1 + thresholds.count { $0 <= first } }
}
