// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

@Suite struct SynthesisTests {
    @Test(arguments: [(480, 160), (512, 128), (800, 160)])
    func whatIsAnalysedComesBack(window: Int, hop: Int) {
        let fft = RealFFT(size: window)
        let signal = [Float].random(60 * hop)
        var analysis = ShortTimeSpectrum(fft: fft, hop: hop)
        var synthesis = OverlapAdd(window: Window.hann(window), hop: hop)
        var frame = [Float](repeating: 0, count: window)
        var output: [Float] = []
        for samples in signal.hops(of: hop) {
            analysis.advance(samples)
            var spectrum = analysis.spectrum
            fft.inverse(&spectrum, into: &frame)
            let done = synthesis.add(frame)
            #expect(done.count == hop)
            output += done
        }
        let delay = window - hop
        #expect(output[..<delay].allSatisfy { abs($0) < 1e-6 })
        #expect(distance(output[delay...], signal.dropLast(delay)) < 2e-6)
    }

    @Test func pulsesAreTheSumOfTheirHarmonics() {
        let (hop, high) = (160, 7600.0)
        let frequencies = [100.0, 100, 180, 333, 61, 5000, 9000]
        var source = HarmonicSource(sampleRate: 16_000, hop: hop, high: high)
        var (cycles, previous) = (0.0, frequencies[0])
        for frequency in frequencies {
            let harmonics = max(1, Int(high / frequency))
            let expected = (1...hop).map { i in
                cycles += (previous + (frequency - previous) * Double(i) / Double(hop)) / 16_000
                let sum = (1...harmonics).reduce(0) { $0 + cos(2 * Double.pi * Double($1) * cycles) }
                return Float(sum * (2 / Double(harmonics)).squareRoot())
            }
            #expect(distance(source.next(frequency: frequency), expected) < 1e-3)
            previous = frequency
        }
    }

    @Test(arguments: [60.0, 123.4, 250, 500]) func pulsesHaveUnitVarianceAndKeepTheirPace(frequency: Double) {
        var source = HarmonicSource(sampleRate: 16_000, hop: 160, high: 7600)
        let samples = (0..<3000).flatMap { _ in source.next(frequency: frequency) }  // half a minute
        let power = samples.reduce(0.0) { $0 + Double($1 * $1) } / Double(samples.count)
        #expect(abs(power - 1) < 0.05)
        let threshold = 0.5 * (samples.max() ?? 0)
        let pulses = zip(samples, samples.dropFirst()).count { $0 < threshold && $1 >= threshold }
        #expect(abs(Double(pulses) - 30 * frequency) <= 1)
    }

    @Test func noiseIsWhiteUniformAndOfUnitVariance() {
        var source = NoiseSource()
        let noise = source.next(200_000).map(Double.init)
        func correlation(_ lag: Int) -> Double {
            zip(noise, noise.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / Double(noise.count)
        }
        #expect(abs(noise.reduce(0, +) / Double(noise.count)) < 0.01)
        #expect(abs(correlation(0) - 1) < 0.01)
        for lag in [1, 2, 3, 7, 64, 160, 480] { #expect(abs(correlation(lag)) < 0.01) }
        #expect(noise.allSatisfy { abs($0) <= 3.0.squareRoot() + 1e-6 })
        #expect(abs(Double(noise.count { $0 > 3.0.squareRoot() / 2 }) / Double(noise.count) - 0.25) < 0.01)
    }

    /// SplitMix64's first output for the seed 0 is 0xE220_A839_7B1D_CDAF.
    @Test func noiseIsSplitMix64() {
        var source = NoiseSource()
        let unit = Float(0xE220_A839_7B1D_CDAF >> 40 as UInt64) / Float(1 << 24)
        #expect(source.next(1) == [(unit * 2 - 1) * Float(3).squareRoot()])
    }

    @Test(arguments: [1, 7, 160, 999]) func noiseDoesntDependOnChunks(size: Int) {
        var (whole, cut) = (NoiseSource(), NoiseSource())
        let chunks = (0..<20).flatMap { _ in cut.next(size) }
        #expect(chunks == whole.next(20 * size))
    }

    static func frame(_ seed: UInt64) -> SourceFilter.Frame {
        let values = [Float].random(3 * 241, seed: seed)
        return SourceFilter.Frame(
            frequency: 100 + 10 * Double(seed % 7), pulseLogGain: values[..<241], pulsePhase: values[241..<482],
            noiseLogGain: values[482...])
    }

    static func filter() -> SourceFilter {
        SourceFilter(fft: RealFFT(size: 480), sampleRate: 16_000, hop: 160, sourceHigh: 7600, logGains: -14...6)
    }

    @Test func anOpenFilterLetsThePulsesThroughUnchanged() {
        var filter = Self.filter()
        var source = HarmonicSource(sampleRate: 16_000, hop: 160, high: 7600)
        let (open, closed) = ([Float](repeating: 0, count: 241), [Float](repeating: -100, count: 241))
        var (pulses, output): ([Float], [Float]) = ([], [])
        for t in 0..<40 {
            let frequency = 120 + 2 * Double(t)
            pulses += source.next(frequency: frequency)
            output += filter.next(
                SourceFilter.Frame(
                    frequency: frequency, pulseLogGain: open[...], pulsePhase: open[...], noiseLogGain: closed[...]))
        }
        // The noise is only clamped to −14, about a millionth, not gone.
        #expect(distance(output[filter.delay...], pulses.dropLast(filter.delay)) < 1e-5)
    }

    @Test func anOpenFilterLetsTheNoiseThroughUnchanged() {
        var filter = Self.filter()
        let (open, closed) = ([Float](repeating: 0, count: 241), [Float](repeating: -100, count: 241))
        let output = (0..<40).flatMap { _ in
            filter.next(
                SourceFilter.Frame(
                    frequency: 100, pulseLogGain: closed[...], pulsePhase: open[...], noiseLogGain: open[...]))
        }
        var noise = NoiseSource()
        #expect(distance(output[filter.delay...], noise.next(40 * 160 - filter.delay)) < 3e-5)
    }

    @Test func gainsAreClamped() {
        var (wild, tame) = (Self.filter(), Self.filter())
        let phase = [Float](repeating: 0, count: 241)
        func spread(_ value: Float) -> ArraySlice<Float> { [Float](repeating: value, count: 241)[...] }
        for _ in 0..<5 {
            let loud = wild.next(
                SourceFilter.Frame(
                    frequency: 100, pulseLogGain: spread(1e9), pulsePhase: phase[...], noiseLogGain: spread(-1e9)))
            let limit = tame.next(
                SourceFilter.Frame(
                    frequency: 100, pulseLogGain: spread(6), pulsePhase: phase[...],
                    noiseLogGain: spread(-14)))
            #expect(loud == limit)
        }
    }

    @Test func aCopyGoesOnAlikeAndAlone() {
        var original = Self.filter()
        for seed in 1...20 { _ = original.next(Self.frame(UInt64(seed))) }
        var (copy, disturbed) = (original, original)
        for seed in 50...60 { _ = disturbed.next(Self.frame(UInt64(seed))) }
        for seed in 21...40 {
            #expect(original.next(Self.frame(UInt64(seed))) == copy.next(Self.frame(UInt64(seed))))
        }
    }
}
