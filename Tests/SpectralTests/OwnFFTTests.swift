// SPDX-License-Identifier: Apache-2.0

import Spectral
import Testing

@Suite struct OwnFFTTests {
    /// Small, of the model's, and with factors that few have: 7, 11 and 13.
    static let sizes = [2, 4, 6, 14, 22, 32, 160, 480, 512, 2002, 2048]

    @Test(arguments: sizes) func agreesWithTheDefinition(size: Int) {
        let fft = OwnFFT(size: size)
        var signal = [Float].random(size)
        var spectrum = [Float](repeating: .nan, count: fft.spectrumCount)
        fft.forward(&signal, into: &spectrum)
        let expected = RealFFTTests.naiveTransform(of: signal)
        // Both are rounded once, of values that differ in the last bits of double precision.
        let different = zip(spectrum, expected).count { abs($0 - $1) > 1e-10 * Float(size) && $0 != $1 }
        #expect(different <= 1 + size / 100)
        #expect(distance(spectrum, expected) < 1e-6 * Float(size))
    }

    @Test(arguments: sizes) func inverseUndoesForward(size: Int) {
        let fft = OwnFFT(size: size)
        let original = [Float].random(size)
        var (signal, spectrum) = (original, [Float](repeating: 0, count: fft.spectrumCount))
        fft.forward(&signal, into: &spectrum)
        fft.inverse(&spectrum, into: &signal)
        #expect(distance(signal, original) < 1e-6)
    }

    /// FFTW and others take no notice of what a real signal can't have.
    @Test func theFirstBinAndTheLastHaveNoImaginaryPart() {
        let fft = OwnFFT(size: 16)
        var (signal, other) = ([Float](repeating: 0, count: 16), [Float](repeating: 0, count: 16))
        var spectrum = [Float].random(18)
        var odd = spectrum
        (spectrum[1], spectrum[17], odd[1], odd[17]) = (0, 0, 5, -3)
        fft.inverse(&spectrum, into: &signal)
        fft.inverse(&odd, into: &other)
        #expect(signal == other)
    }
}
