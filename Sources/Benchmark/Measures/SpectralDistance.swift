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
        let count = min(reference.count, degraded.count)
        let (a, b) = (Spectrogram(of: reference.prefix(count)), Spectrogram(of: degraded.prefix(count)))
        let powers = a.energies.indices.map { (reference: a.energies[$0], degraded: b.energies[$0]) }
        let loudest = powers.map(\.reference).max() ?? 0
        let active = powers.indices.filter { powers[$0].reference > 0 && powers[$0].reference >= loudest * 1e-4 }
        let before = active.reduce(0) { $0 + powers[$1].reference }
        let after = active.reduce(0) { $0 + powers[$1].degraded }
        hops = powers.indices.map { hop in
            zip(a.logMel(hop), b.logMel(hop)).map { abs(Double($0) - Double($1)) }.mean ?? 0
        }
        guard let mel = hops.mean, let distance = powers.indices.map({ Self.logSpectral(a, b, $0) }).mean, before > 0,
            after > 0, let cepstral = Self.cepstralDistortion(a, b, active)
        else { return nil }
        (logMel, logSpectral, melCepstral, level) = (mel, distance, cepstral, 10 * log10(after / before))
        bands = (0..<Spectrogram.bands).map { band in
            active.reduce(0.0) { $0 + abs(Double(a.logMel($1)[band]) - Double(b.logMel($1)[band])) }
                / Double(active.count)
        }
    }

    /// Of a hop, in dB.
    private static func logSpectral(_ a: Spectrogram, _ b: Spectrogram, _ hop: Int) -> Double {
        let squares = zip(a.magnitudes(hop), b.magnitudes(hop)).map { one, other in
            let difference = 20 * (log10(max(Double(one), 1e-4)) - log10(max(Double(other), 1e-4)))
            return difference * difference
        }
        return (squares.mean ?? 0).squareRoot()
    }

    /// - Parameter active: the hops that count.
    private static func cepstralDistortion(_ a: Spectrogram, _ b: Spectrogram, _ active: [Int]) -> Double? {
        // 60 dB are a factor of 1000 in magnitude: what lies deeper is not heard beside the rest.
        let floor = max(log(Spectrogram.floor), (a.logMels.max() ?? 0) - log(1000))
        let cepstrum = MelCepstrum(bands: Spectrogram.bands, coefficients: 24)
        func cepstra(_ of: Spectrogram) -> [[Float]] { cepstrum(active.map { of.logMel($0).map { max($0, floor) } }) }
        return melCepstralDistortion(cepstra(a), cepstra(b))
    }
}

/// The short-time spectra of a signal at 16 kHz, whole hops of it, and the mel bands that are the product of these and a filterbank.
private struct Spectrogram {
    static let (window, hop, bands) = (512, 160, 80)
    static let floor: Float = 1e-5
    private static let bins = window / 2 + 1

    /// [hops, bins]
    private var all: [Float] = []
    /// ln of mel magnitudes, floored [hops, bands].
    let logMels: [Float]
    /// The sum of the squared new samples of each hop.
    private(set) var energies: [Double] = []

    init(of samples: ArraySlice<Float>) {
        let fft = RealFFT(size: Self.window)
        var shortTime = ShortTimeSpectrum(fft: fft, hop: Self.hop)
        for start in stride(from: samples.startIndex, through: samples.endIndex - Self.hop, by: Self.hop) {
            let hop = samples[start..<start + Self.hop]
            shortTime.advance(hop)
            for bin in 0..<Self.bins {
                let (real, imaginary) = (shortTime.spectrum[2 * bin], shortTime.spectrum[2 * bin + 1])
                all.append((real * real + imaginary * imaginary).squareRoot())
            }
            energies.append(hop.reduce(0) { $0 + Double($1) * Double($1) })
        }
        let filterbank = MelFilterbank(sampleRate: 16000, fftSize: Self.window, bands: Self.bands, low: 0, high: 8000)
        let mels = BLAS.product(
            all, filterbank.matrix(fftSize: Self.window), rows: energies.count, inputs: Self.bins)
        logMels = mels.map { log(max($0, Self.floor)) }
    }

    func magnitudes(_ hop: Int) -> ArraySlice<Float> { all[hop * Self.bins..<(hop + 1) * Self.bins] }
    /// Numbered from 0 on.
    func logMel(_ hop: Int) -> [Float] { Array(logMels[hop * Self.bands..<(hop + 1) * Self.bands]) }
}
