// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Spectral

/// The mean power density of a signal in the bands of `ComfortNoise`, hop by hop; that of white noise of variance 1 is 1.
struct BandPowers: Sendable {
    private let bands: NoiseBands
    private let windowEnergy: Float
    private var spectrum: ShortTimeSpectrum

    init(_ model: CodecModel) {
        bands = model.noiseBands
        windowEnergy = Window.hann(model.synthesisFFT.size).reduce(0) { $0 + $1 * $1 }
        spectrum = ShortTimeSpectrum(fft: model.synthesisFFT, hop: model.configuration.features.hop)
    }

    /// The powers in the window that ends with these samples, a hop of them.
    mutating func advance(_ samples: ArraySlice<Float>) -> SIMD16<Float> {
        spectrum.advance(samples)
        var powers = SIMD16<Float>()
        for band in 0..<ComfortNoise.bands {
            let bins = bands.ranges[band]
            var sum: Float = 0
            for bin in bins {
                let (real, imaginary) = (spectrum.spectrum[2 * bin], spectrum.spectrum[2 * bin + 1])
                sum = sum + real * real + imaginary * imaginary
            }
            powers[band] = sum / Float(bins.count) / windowEnergy
        }
        return powers
    }
}
