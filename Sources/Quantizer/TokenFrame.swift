// SPDX-License-Identifier: Apache-2.0

/// One token frame.
public struct TokenFrame: Hashable, Sendable {
    public let codes: Codes
    /// The number of the speaker's level, as `Arrival.level` tells it; nil if the codes themselves say how loud a speaker is.
    public let level: UInt8?

    /// What a decoder takes for it.
    public var arrivals: [Arrival] { (level.map { [.level($0)] } ?? []) + [.codes(codes)] }

    public init(codes: Codes, level: UInt8? = nil) { (self.codes, self.level) = (codes, level) }
}
