// SPDX-License-Identifier: Apache-2.0

/// The codes of one token frame, coarsest first: any prefix of them is a valid, coarser coding.
public typealias Codes = [UInt16]

/// How many codes the frames of a recording or a stream get.
public enum CodesPerFrame: Hashable, Sendable {
    /// So many in every frame. They are the best of that many: the first two of eight are a coding too, but not as near as two
    /// chosen to be two.
    case fixed(Int)
    /// More in frames that need them and fewer in others, so many on average over speech as it is read in books. The same number
    /// of codes then says more.
    case average(Int)

    /// The number, in every frame or on average.
    public var number: Int {
        switch self {
        case .fixed(let number), .average(let number): number
        }
    }
}
