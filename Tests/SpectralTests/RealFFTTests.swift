// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

@Suite struct RealFFTTests {
    /// The sum of the definition, in Double: real and imaginary parts interleaved.
    static func naiveTransform(of signal: [Float]) -> [Float] {
        (0...signal.count / 2).flatMap { bin -> [Float] in
            var (real, imaginary) = (0.0, 0.0)
            for (n, sample) in signal.enumerated() {
                let angle = -2 * Double.pi * Double(bin * n % signal.count) / Double(signal.count)
                real += Double(sample) * cos(angle)
                imaginary += Double(sample) * sin(angle)
            }
            return [Float(real), Float(imaginary)]
        }
    }

    @Test(arguments: [2, 6, 32, 160, 480, 512, 2048]) func agreesWithTheDefinition(size: Int) {
        let fft = RealFFT(size: size)
        var signal = [Float].random(size)
        var spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        let expected = Self.naiveTransform(of: signal)
        fft.forward(&signal, into: &spectrum)
        #expect(distance(spectrum, expected) < 1e-6 * Float(size))
    }

    @Test(arguments: [2, 6, 32, 160, 480, 512, 2048]) func inverseUndoesForward(size: Int) {
        let fft = RealFFT(size: size)
        let original = [Float].random(size)
        var signal = original
        var spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        fft.forward(&signal, into: &spectrum)
        #expect(signal == original, "the input is left alone")
        fft.inverse(&spectrum, into: &signal)
        #expect(distance(signal, original) < 1e-6)
    }

    /// A plan chosen by timing would pass or fail by chance.
    @Test func everyPlanRoundsTheSameWay() {
        var signal = [Float].random(2048)
        let spectra = (0..<8).map { _ in
            let fft = RealFFT(size: 2048)
            var spectrum = [Float](repeating: 0, count: fft.spectrumCount)
            fft.forward(&signal, into: &spectrum)
            return spectrum
        }
        #expect(spectra.allSatisfy { $0 == spectra[0] })
    }

    @Test func onePlanServesManyThreads() async {
        let fft = RealFFT(size: 480)
        await withTaskGroup(of: Bool.self) { group in
            for seed in 1...8 {
                group.addTask {
                    let other = RealFFT(size: 480)  // made and destroyed while the shared one works
                    let original = [Float].random(480, seed: UInt64(seed))
                    var (signal, shared) = (original, [Float](repeating: 0, count: fft.spectrumCount))
                    var own = shared
                    for _ in 0..<200 { fft.forward(&signal, into: &shared) }
                    other.forward(&signal, into: &own)
                    return shared == own
                }
            }
            for await agrees in group { #expect(agrees) }
        }
    }
}
