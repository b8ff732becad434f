// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// The whole samples by which `degraded` comes late (positive) or early, where the cross-correlation is highest.
///
/// - Parameter limit: no delay beyond this is looked for.
public func delay(of degraded: [Float], after reference: [Float], limit: Int) -> Int {
    let longest = max(reference.count, degraded.count) + limit
    var size = 2
    while size < longest { size *= 2 }
    let fft = RealFFT(size: size)
    var x = reference + [Float](repeating: 0, count: size - reference.count)
    var y = degraded + [Float](repeating: 0, count: size - degraded.count)
    var a = [Float](repeating: 0, count: fft.spectrumCount)
    var b = a
    fft.forward(&x, into: &a)
    fft.forward(&y, into: &b)
    for bin in 0...size / 2 {
        let (re, im) = (2 * bin, 2 * bin + 1)
        (b[re], b[im]) = (a[re] * b[re] + a[im] * b[im], a[re] * b[im] - a[im] * b[re])
    }
    fft.inverse(&b, into: &y)
    let lags = -limit...limit
    return lags.max { y[($0 + size) % size] < y[($1 + size) % size] } ?? 0
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
