// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

/// The analysis in double precision: functions of our own, and the same features by any transform.
@Suite struct PreciseAnalysisTests {
    let expected: Expected

    init() throws { expected = try Expected.load() }

    private func mels(_ fft: any PreciseFFT, _ audio: [Float]) -> [Double] {
        let m = expected.mel
        let tables = PreciseMelTables(
            fft: fft, sampleRate: expected.sampleRate, bands: m.bands, low: m.low, high: m.high)
        var (mel, found) = (PreciseMel(tables, hop: expected.hop), [Double]())
        for hop in audio.hops(of: expected.hop) { mel.advance(hop, appendingTo: &found) }
        return found
    }

    private func tracker(_ fft: any PreciseFFT) -> PrecisePitchTracker {
        PrecisePitchTracker(
            PrecisePitchTracker.Tables(settings: expected.pitch, sampleRate: expected.sampleRate, fft: fft),
            hop: expected.hop)
    }

    @Test func logarithmsAreRightToTheLastBits() {
        var worst = 0.0
        for i in 0..<200_000 {
            let x = Foundation.exp(Double(i) / 200_000 * 160 - 80) * (1 + Double(i % 977) / 977)
            let wanted = Foundation.log(x)
            // Near 1 the logarithm has no digits to spare; elsewhere they are relative.
            worst = max(worst, abs(preciseLog(x) - wanted) / max(wanted.ulp, 1e-300))
        }
        #expect(worst <= 2)
        #expect(preciseLog(1) == 0 && preciseLog(.leastNormalMagnitude) == Foundation.log(.leastNormalMagnitude))
    }

    @Test func gainsAreRightToTheLastBits() {
        for i in -24_000...24_000 {
            let decibels = Double(i) / 100
            let wanted = Foundation.pow(10, decibels / 20)
            #expect(abs(preciseGain(decibels: decibels) / wanted - 1) < 1e-14)
        }
        #expect(preciseGain(decibels: 0) == 1)
    }

    @Test func thePitchNeedsNoMorePointsThanItsLags() {
        #expect(PrecisePitchTracker.Tables.size(expected.pitch, sampleRate: expected.sampleRate) == 1280)
    }

    @Test(arguments: [16, 512, 1280]) func transformsAgreeWithTheDefinition(size: Int) {
        let signal = [Float].random(size).map(Double.init)
        for fft in [makePreciseFFT(size: size), OwnPreciseFFT(size: size)] {
            let (input, spectrum) = (aligned(size), aligned(size + 2))
            defer {
                input.deallocate()
                spectrum.deallocate()
            }
            for (i, value) in signal.enumerated() { input[i] = value }
            fft.forward(input, into: spectrum)
            for bin in stride(from: 0, through: size / 2, by: max(1, size / 32)) {
                var (real, imaginary) = (0.0, 0.0)
                for (i, value) in signal.enumerated() {
                    let angle = 2 * Double.pi * Double(i * bin % size) / Double(size)
                    real += value * cos(angle)
                    imaginary -= value * sin(angle)
                }
                #expect(abs(spectrum[2 * bin] - real) < 1e-11 && abs(spectrum[2 * bin + 1] - imaginary) < 1e-11)
            }
        }
    }

    private func aligned(_ count: Int) -> UnsafeMutablePointer<Double> {
        UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: count)
    }

    @Test func bandsAreThoseOfSinglePrecision() throws {
        let audio = try Expected.audio(of: expected.clips[0])
        var single = expected.logMel()
        let wanted = audio.hops(of: expected.hop).flatMap { single.advance($0) }
        let found = mels(makePreciseFFT(size: expected.mel.window), audio).map {
            Float(preciseLog(max($0, Double(expected.mel.floor))))
        }
        #expect(distance(found, wanted) < 2e-3)
    }

    /// As the twin tracks it.
    @Test func pitchIsThatOfTheTwin() throws {
        for clip in expected.clips {
            var tracker = tracker(makePreciseFFT(size: 1280))
            let found = try Expected.audio(of: clip).hops(of: expected.hop).map { tracker.advance($0) }
            #expect(found.map(\.isVoiced) == clip.isVoiced)
            // Written with five digits.
            #expect(distance(found.map { Float($0.logF0) }, clip.logF0) < 1.1e-5)
        }
    }

    /// FFTW's transform and our own give the same numbers once they are rounded, whatever the signal.
    @Test func anyTransformGivesTheSameFeatures() throws {
        var (values, different) = (0, 0)
        for clip in expected.clips {
            for gain in [1, 0.1, 0.003] as [Float] {
                let audio = try Expected.audio(of: clip).map { $0 * gain }
                let bands = [makePreciseFFT(size: 512), OwnPreciseFFT(size: 512)].map { fft in
                    mels(fft, audio).map { Float(preciseLog(max($0, 1e-5))) }
                }
                let pitches = [makePreciseFFT(size: 1280), OwnPreciseFFT(size: 1280)].map { fft in
                    var tracker = tracker(fft)
                    return audio.hops(of: expected.hop).flatMap { hop -> [Float] in
                        let found = tracker.advance(hop)
                        return [Float(found.logF0), found.isVoiced ? 1 : 0]
                    }
                }
                values += bands[0].count + pitches[0].count
                different += zip(bands[0] + pitches[0], bands[1] + pitches[1]).count { $0 != $1 }
            }
        }
        #expect(values > 400_000 && different == 0)
    }
}
