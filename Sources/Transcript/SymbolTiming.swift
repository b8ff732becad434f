// SPDX-License-Identifier: Apache-2.0

/// When the symbols of a transcript are said: by it a decoder knows where in the transcript each frame is.
public struct SymbolTiming: Hashable, Sendable {
    /// For each token frame from the transcript's first one on, how many of its symbols begin in it, and one more for the end of
    /// them all.
    public let counts: [Int]

    public init(counts: [Int]) { self.counts = counts }
}
