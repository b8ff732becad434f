// SPDX-License-Identifier: Apache-2.0

/// The last `window` samples of a stream that advances by `hop` samples at a time.
///
/// Frame t covers samples [(t + 1) · hop − window, (t + 1) · hop): it looks only back. Before the start lie zeros.
public struct Framer: Sendable {
    public let hop: Int
    public private(set) var frame: [Float]

    public init(window: Int, hop: Int) {
        precondition(hop > 0 && window >= hop)
        self.hop = hop
        frame = [Float](repeating: 0, count: window)
    }

    /// Moves on by one hop; `samples` holds exactly the hop's new samples.
    public mutating func advance(_ samples: ArraySlice<Float>) {
        precondition(samples.count == hop)
        let kept = frame.count - hop
        frame.withUnsafeMutableBufferPointer { frame in
            for i in 0..<kept { frame[i] = frame[i + hop] }
        }
        frame.replaceSubrange(kept..., with: samples)
    }
}
