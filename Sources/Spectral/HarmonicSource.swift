// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A band-limited train of pulses that follows F0: all harmonics up to a highest frequency, of about unit variance.
public struct HarmonicSource: Sendable {
    private let sampleRate: Double
    private let hop: Int
    private let high: Double
    /// Where in its period the pulse train is at each of the last frame's samples [hop], 0 ..< 1.
    private var cycles: [Double]
    private var previous: Double?

    public init(sampleRate: Int, hop: Int, high: Double) {
        self.sampleRate = Double(sampleRate)
        self.hop = hop
        self.high = high
        cycles = [Double](repeating: 0, count: hop)
    }

    /// Replaces `output` by one frame's samples [hop]; the frequency runs linearly from the last frame's to `frequency` (Hz, > 0).
    ///
    /// The sum of cosines in closed form is the Dirichlet kernel,
    /// Σ_{k=1…K} cos kp = sin((K + ½)p) / (2 sin(p / 2)) − ½, here with K = ⌊high / frequency⌋, scaled by √(2 / K).
    public mutating func next(frequency: Double, into output: inout [Float]) {
        var cycle = cycles[hop - 1]
        let from = previous ?? frequency
        previous = frequency
        let count = max(1, (high / frequency).rounded(.down))
        let scale = (2 / count).squareRoot()
        for i in 1...hop {
            cycle += (from + (frequency - from) * Double(i) / Double(hop)) / sampleRate
            cycle -= cycle.rounded(.down)
            cycles[i - 1] = cycle
        }
        output.removeAll(keepingCapacity: true)
        output.append(contentsOf: repeatElement(0, count: hop))
        sotto_pulses(instructionsInUse, cycles, hop, count, scale, &output)
    }
}
