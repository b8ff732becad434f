// SPDX-License-Identifier: Apache-2.0

import Spectral

/// The mean power density of a signal in the bands of `ComfortNoise`, hop by hop; that of white noise of variance 1 is 1.
struct BandPowers: Sendable {
    private let bands: [Range<Int>]
    private let windowEnergy: Float
    private var spectrum: ShortTimeSpectrum

    init(_ model: CodecModel) {
        let size = model.synthesisFFT.size
        bands = ComfortNoise.ranges(bins: size / 2)
        windowEnergy = Window.hann(size).reduce(0) { $0 + $1 * $1 }
        spectrum = ShortTimeSpectrum(fft: model.synthesisFFT, hop: model.configuration.features.hop)
    }

    /// The powers [bands] in the window that ends with these samples, a hop of them.
    mutating func advance(_ samples: ArraySlice<Float>) -> [Float] {
        spectrum.advance(samples)
        return bands.map { bins in
            let sum = bins.reduce(Float(0)) { sum, bin in
                let (real, imaginary) = (spectrum.spectrum[2 * bin], spectrum.spectrum[2 * bin + 1])
                return sum + real * real + imaginary * imaginary
            }
            return sum / Float(bins.count) / windowEnergy
        }
    }
}
