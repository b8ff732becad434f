// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Rational resampling by a Kaiser-windowed sinc with 60 dB of rejection, as Octave's `resample` does it (Oppenheim &
/// Schafer, Discrete-Time Signal Processing, ch. 7): STOI's published figures, and pystoi's, rest on this filter.
struct PolyphaseResampler {
    private let up: Int
    private let down: Int
    /// Odd in number, symmetric, of unit gain in the pass band once `up` − 1 zeros stand between samples.
    private let filter: [Double]

    init(from input: Int, to output: Int) {
        let divisor = greatestCommonDivisor(input, output)
        (up, down) = (output / divisor, input / divisor)
        let cutoff = 1 / (2 * Double(max(up, down)))
        let rejection = 60.0
        let half = Int(((rejection - 8) / (28.714 * cutoff / 10)).rounded(.up))
        let beta = 0.1102 * (rejection - 8.7)
        let taps = (-half...half).map { n -> Double in
            let position = Double(n) / Double(half)
            let x = 2 * cutoff * Double(n)
            let sinc = n == 0 ? 1 : sin(.pi * x) / (.pi * x)
            return besselI0(beta * max(0, 1 - position * position).squareRoot()) / besselI0(beta) * sinc
        }
        let sum = taps.reduce(0, +)
        filter = taps.map { $0 / sum * Double(output / divisor) }
    }

    /// ⌈count · to / from⌉ samples, aligned with those of `signal`.
    func process(_ signal: [Float]) -> [Double] {
        guard up != down else { return signal.map(Double.init) }
        let half = filter.count / 2
        return (0..<(signal.count * up + down - 1) / down).map { n in
            let centre = n * down
            let first = max(0, (centre - half + up - 1) / up)
            let last = min(signal.count - 1, (centre + half) / up)
            var sum = 0.0
            for m in stride(from: first, through: last, by: 1) {
                sum += Double(signal[m]) * filter[centre - m * up + half]
            }
            return sum
        }
    }
}

/// The modified Bessel function of the first kind, order 0, by its power series.
private func besselI0(_ x: Double) -> Double {
    var (sum, term, k) = (1.0, 1.0, 1.0)
    while term > 1e-16 * sum {
        term *= (x / (2 * k)) * (x / (2 * k))
        sum += term
        k += 1
    }
    return sum
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
