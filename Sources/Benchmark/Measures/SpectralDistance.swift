// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// Distances of short-time spectra of aligned signals at 16 kHz: Hann window of 512 samples, hop of 160.
public struct SpectralDistance: Sendable {
    /// The log-mel distance: mean absolute difference of ln mel magnitudes, 80 bands up to 8 kHz on Slaney's scale, floored at 1e-5.
    public var logMel: Double
    /// Log-spectral distance in dB (Gray & Markel 1976): root mean square over bins, mean over frames; magnitudes
    /// floored at 1e-4.
    public var logSpectral: Double
    /// Mel-cepstral distortion in dB of c1 … c24 (`MelCepstrum`) of those bands, floored 60 dB under the loudest of
    /// the reference, over the frames that `level` counts. No warping of time.
    public var melCepstral: Double
    /// Level of `degraded` over that of `reference` in dB, over the frames whose reference is within 40 dB of its
    /// loudest. Plain power: no weighting for the ear.
    public var level: Double
    /// The log-mel distance of each hop.
    var hops: [Double]
    /// That of each band, over the frames that `level` counts.
    var bands: [Double]

    /// - Returns: nil for less than one hop, or a silent signal.
    public init?(reference: [Float], degraded: [Float]) {
        let (window, hop) = (512, 160)
        let fft = RealFFT(size: window)
        let filterbank = MelFilterbank(sampleRate: 16000, fftSize: window, bands: 80, low: 0, high: 8000)
        var mels = (0..<2).map { _ in LogMel(filterbank: filterbank, fft: fft, hop: hop, floor: 1e-5) }
        var spectra = (0..<2).map { _ in ShortTimeSpectrum(fft: fft, hop: hop) }
        var (melDistances, distances): ([Double], [Double]) = ([], [])
        var frames: [(reference: [Float], degraded: [Float])] = []
        var powers: [(reference: Double, degraded: Double)] = []
        let count = min(reference.count, degraded.count)
        for start in stride(from: 0, through: count - hop, by: hop) {
            let hops = [reference[start..<start + hop], degraded[start..<start + hop]]
            let (a, b) = (mels[0].advance(hops[0]), mels[1].advance(hops[1]))
            frames.append((a, b))
            melDistances.append(zip(a, b).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(a.count))
            for i in 0..<2 { spectra[i].advance(hops[i]) }
            var sum = 0.0
            for bin in 0...window / 2 {
                let levels = spectra.map { 10 * log10(max(Self.power(of: $0, bin), 1e-8)) }
                sum += (levels[0] - levels[1]) * (levels[0] - levels[1])
            }
            distances.append((sum / Double(window / 2 + 1)).squareRoot())
            powers.append((Self.energy(hops[0]), Self.energy(hops[1])))
        }
        let loudest = powers.map(\.reference).max() ?? 0
        let active = powers.indices.filter { powers[$0].reference > 0 && powers[$0].reference >= loudest * 1e-4 }
        let before = active.reduce(0) { $0 + powers[$1].reference }
        let after = active.reduce(0) { $0 + powers[$1].degraded }
        guard let mel = melDistances.mean, let distance = distances.mean, before > 0, after > 0,
            let cepstral = Self.cepstralDistortion(of: frames, active)
        else { return nil }
        (logMel, logSpectral, melCepstral, level) = (mel, distance, cepstral, 10 * log10(after / before))
        hops = melDistances
        bands = (0..<filterbank.bands).map { band in
            active.reduce(0.0) { $0 + abs(Double(frames[$1].reference[band]) - Double(frames[$1].degraded[band])) }
                / Double(active.count)
        }
    }

    /// - Parameters:
    ///   - frames: ln mel magnitudes [bands] of both signals.
    ///   - active: the frames that count.
    private static func cepstralDistortion(
        of frames: [(reference: [Float], degraded: [Float])], _ active: [Int]
    ) -> Double? {
        let loudest = frames.flatMap(\.reference).max() ?? 0
        // 60 dB are a factor of 1000 in magnitude: what lies deeper is not heard beside the rest.
        let floor = max(log(1e-5), loudest - log(1000))
        let cepstrum = MelCepstrum(bands: frames.first?.reference.count ?? 0, coefficients: 24)
        func cepstra(_ mels: [[Float]]) -> [[Float]] { cepstrum(mels.map { $0.map { max($0, floor) } }) }
        return melCepstralDistortion(
            cepstra(active.map { frames[$0].reference }), cepstra(active.map { frames[$0].degraded }))
    }

    private static func power(of shortTime: ShortTimeSpectrum, _ bin: Int) -> Double {
        let (real, imaginary) = (Double(shortTime.spectrum[2 * bin]), Double(shortTime.spectrum[2 * bin + 1]))
        return real * real + imaginary * imaginary
    }

    private static func energy(_ samples: ArraySlice<Float>) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) }
    }
}
