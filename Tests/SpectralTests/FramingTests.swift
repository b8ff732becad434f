// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

@Suite struct FramingTests {
    @Test(arguments: [(512, 160), (480, 160), (800, 160), (160, 160), (7, 3)])
    func aFrameEndsWithItsHopAndBeginsWithSilence(window: Int, hop: Int) {
        let signal = [Float].random(20 * hop)
        let padded = [Float](repeating: 0, count: window) + signal
        var framer = Framer(window: window, hop: hop)
        for (t, samples) in signal.hops(of: hop).enumerated() {
            framer.advance(samples)
            #expect(framer.frame == Array(padded[(t + 1) * hop..<(t + 1) * hop + window]))
        }
    }

    @Test func hannIsPeriodic() {
        #expect(distance(Window.hann(4), [0, 0.5, 1, 0.5]) < 1e-7)
        let window = Window.hann(480)
        // Hops of a third add up to a constant, which a symmetric window's would not.
        for i in 0..<160 { #expect(abs(window[i] + window[i + 160] + window[i + 320] - 1.5) < 1e-6) }
    }

    @Test func aToneHasItsEnergyInItsBin() {
        let (size, hop, bin) = (512, 160, 40)
        let tone = (0..<size * 2).map { Float(cos(2 * Double.pi * Double(bin * $0) / Double(size))) }
        var shortTime = ShortTimeSpectrum(fft: RealFFT(size: size), hop: hop)
        for samples in tone.hops(of: hop) { shortTime.advance(samples) }
        func magnitude(_ bin: Int) -> Float { hypot(shortTime.spectrum[2 * bin], shortTime.spectrum[2 * bin + 1]) }
        // A Hann window spreads a tone over three bins: size / 4 in its own, half of that beside it.
        #expect(abs(magnitude(bin) - 128) < 1e-3)
        #expect(abs(magnitude(bin - 1) - 64) < 1e-3 && abs(magnitude(bin + 1) - 64) < 1e-3)
        #expect(magnitude(bin - 2) < 1e-3 && magnitude(bin + 2) < 1e-3)
    }
}
