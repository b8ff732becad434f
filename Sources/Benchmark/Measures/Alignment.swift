// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// The samples by which `degraded` comes late (positive) or early, as the waveforms say it: where their
/// cross-correlation is highest. Of a codec that keeps no waveform they say nothing, and the levels of the two, over
/// 10 ms every millisecond, are correlated instead.
///
/// - Parameters:
///   - limit: no delay beyond this is looked for, in samples.
///   - sampleRate: in Hz.
public func delay(of degraded: [Float], after reference: [Float], limit: Int, sampleRate: Int) -> Int {
    let waveform = correlationPeak(degraded, reference, limit: limit)
    // Decoders that synthesise stay far under this, those that keep the waveform above.
    guard waveform.height < 0.5 else { return waveform.lag }
    let step = sampleRate / 1000
    return step * correlationPeak(levels(degraded, step), levels(reference, step), limit: limit / step).lag
}

/// Where the cross-correlation of two signals is highest, and how high: 1 for signals that differ in scale and delay.
private func correlationPeak(_ degraded: [Float], _ reference: [Float], limit: Int) -> (lag: Int, height: Double) {
    let longest = max(reference.count, degraded.count) + limit
    var size = 2
    while size < longest { size *= 2 }
    let fft = RealFFT(size: size)
    var x = reference + [Float](repeating: 0, count: size - reference.count)
    var y = degraded + [Float](repeating: 0, count: size - degraded.count)
    var a = [Float](repeating: 0, count: fft.spectrumCount)
    var b = a
    let powers = [x, y].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }
    fft.forward(&x, into: &a)
    fft.forward(&y, into: &b)
    for bin in 0...size / 2 {
        let (re, im) = (2 * bin, 2 * bin + 1)
        (b[re], b[im]) = (a[re] * b[re] + a[im] * b[im], a[re] * b[im] - a[im] * b[re])
    }
    fft.inverse(&b, into: &y)
    let lag = (-limit...limit).max { y[($0 + size) % size] < y[($1 + size) % size] } ?? 0
    return (lag, Double(y[(lag + size) % size]) / (powers[0] * powers[1]).squareRoot())
}

/// Levels in dB over ten steps around every `step` samples, less their mean, no deeper than 45 dB under the highest.
private func levels(_ signal: [Float], _ step: Int) -> [Float] {
    let powers = stride(from: 0, to: signal.count, by: step).map { start in
        signal[max(0, start - 5 * step)..<min(signal.count, start + 5 * step)].reduce(0) { $0 + $1 * $1 }
    }
    let floor = max(powers.max() ?? 0, .leastNormalMagnitude) * pow(10, -4.5)
    let levels = powers.map { 10 * log10(max($0, floor)) }
    let mean = levels.reduce(0, +) / Float(max(1, levels.count))
    return levels.map { $0 - mean }
}

/// `degraded` moved back by `delay` and cut or filled with silence to `count` samples.
public func aligned(_ degraded: [Float], delay: Int, count: Int) -> [Float] {
    (0..<count).map { degraded.indices.contains($0 + delay) ? degraded[$0 + delay] : 0 }
}

/// Scale-invariant signal-to-distortion ratio in dB (Le Roux et al., "SDR – Half-baked or Well Done?", 2019, eq. 3).
///
/// - Returns: nil if either signal is silent.
public func siSDR(reference: [Float], degraded: [Float]) -> Double? {
    var (cross, power) = (0.0, 0.0)
    for (x, y) in zip(reference, degraded) {
        cross += Double(x) * Double(y)
        power += Double(x) * Double(x)
    }
    guard power > 0, cross != 0 else { return nil }
    let scale = cross / power
    var (target, noise) = (0.0, 0.0)
    for (x, y) in zip(reference, degraded) {
        let (wanted, got) = (scale * Double(x), Double(y))
        target += wanted * wanted
        noise += (wanted - got) * (wanted - got)
    }
    return 10 * log10(target / max(noise, .ulpOfOne * target))
}
