// SPDX-License-Identifier: Apache-2.0

import Platform

/// A band-limited train of pulses that follows F0: all harmonics up to a highest frequency, of about unit variance.
public struct HarmonicSource: Sendable {
    private let sampleRate: Double
    private let hop: Int
    private let high: Double
    private var cycles = 0.0
    private var previous: Double?

    public init(sampleRate: Int, hop: Int, high: Double) {
        self.sampleRate = Double(sampleRate)
        self.hop = hop
        self.high = high
    }

    /// Replaces `output` by one frame's samples [hop]; the frequency runs linearly from the last frame's to `frequency` (Hz, > 0).
    ///
    /// The sum of cosines in closed form is the Dirichlet kernel,
    /// Σ_{k=1…K} cos kp = sin((K + ½)p) / (2 sin(p / 2)) − ½, here with K = ⌊high / frequency⌋, scaled by √(2 / K).
    public mutating func next(frequency: Double, into output: inout [Float]) {
        output.removeAll(keepingCapacity: true)
        let from = previous ?? frequency
        previous = frequency
        let count = max(1, (high / frequency).rounded(.down))
        let scale = (2 / count).squareRoot()
        for i in 1...hop {
            cycles += (from + (frequency - from) * Double(i) / Double(hop)) / sampleRate
            cycles -= cycles.rounded(.down)
            let half = Double.pi * cycles
            let sine = sin(half)
            let kernel = abs(sine) < 1e-4 ? count : sin((2 * count + 1) * half) / (2 * sine) - 0.5
            output.append(Float(kernel * scale))
        }
    }
}
