// SPDX-License-Identifier: Apache-2.0

/// Joins frames of a short-time Fourier transform into a signal.
///
/// Frames have been windowed once in analysis and are windowed once more here, so the sum is divided by that of the
/// squared windows, which is the same at every sample when the hop is a third of a Hann window or less.
public struct OverlapAdd: Sendable {
    private let window: [Float]
    private let hop: Int
    private var sum: [Float]

    public init(window: [Float], hop: Int) {
        precondition(hop > 0 && window.count % hop == 0 && window.count >= 3 * hop)
        let energy = window.reduce(0) { $0 + $1 * $1 } / Float(hop)
        self.window = window.map { $0 / energy }
        self.hop = hop
        sum = [Float](repeating: 0, count: window.count)
    }

    /// Adds a frame [window] and appends to `output` the samples [hop] that no later frame reaches.
    ///
    /// The first frame's samples come out first: the output lags the end of the newest frame by window − hop.
    public mutating func add(_ frame: [Float], appendingTo output: inout [Float]) {
        precondition(frame.count == window.count)
        for i in sum.indices { sum[i] += frame[i] * window[i] }
        output.append(contentsOf: sum[..<hop])
        for i in 0..<sum.count - hop { sum[i] = sum[i + hop] }
        for i in sum.count - hop..<sum.count { sum[i] = 0 }
    }
}
