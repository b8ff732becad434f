// SPDX-License-Identifier: Apache-2.0

/// How many codes frames have where that varies: the first code of each tells. The first codebook is ordered by how much is
/// left to say after each of its codes, so that a few numbers are enough.
public struct CodeCounts: Hashable, Sendable {
    /// The first codes from which on a frame has more than 1, 2, … codes, ascending.
    public let starts: [UInt16]

    /// - Returns: nil if `starts` descend anywhere.
    public init?(starts: [UInt16]) {
        guard zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
        self.starts = starts
    }

    /// The most codes that a frame has.
    public var most: Int { starts.count + 1 }

    /// How many codes a frame has that begins with this one.
    public func count(after first: UInt16) -> Int { 1 + starts.count { $0 <= first } }
}
