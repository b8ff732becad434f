// SPDX-License-Identifier: Apache-2.0
import CKernels
import Foundation
import TestSupport
import Testing

/// Exponentials, sines and hyperbolic tangents of our own, inside of the loops that use them: how far they are off, and that all
/// instructions give the same bits.
@Suite("Elementary functions")
struct ElementaryTests {
    private static let sets = [
        SOTTO_PORTABLE, SOTTO_NEON, SOTTO_DOT_PRODUCT, SOTTO_AVX2, SOTTO_AVX_VNNI, SOTTO_AVX512, SOTTO_VNNI,
    ].filter { sotto_has_instructions($0) != 0 }

    private static let extremes: [Float] = [
        0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity,
        -.leastNonzeroMagnitude, -.leastNormalMagnitude, -.greatestFiniteMagnitude, -.infinity,
    ]

    /// Of all magnitudes and both signs, and the extremes.
    private static let everywhere: [Float] =
        stride(from: UInt32(0), to: 0x7F80_0000, by: 10_007).flatMap { bits in
            [Float(bitPattern: bits), -Float(bitPattern: bits)]
        } + extremes

    /// `x` and `y` hold the gates one after another.
    private static func step(
        _ x: [Float], _ y: [Float], _ h: [Float], with instructions: sotto_instructions = sotto_instructions_in_use()
    ) -> [Float] {
        var next = h
        sotto_gru_step(instructions, x, y, h.count, &next)
        return next
    }

    private static func filter(
        gain: [Float], phase: [Float], noiseGain: [Float], pulses: [Float], noise: [Float],
        with instructions: sotto_instructions = sotto_instructions_in_use()
    ) -> [Float] {
        var spectrum = [Float](repeating: .nan, count: 2 * gain.count)
        sotto_filter(
            instructions, sotto_gain_range(low: -87, high: 87), gain, phase, noiseGain, pulses, noise, gain.count,
            &spectrum)
        return spectrum
    }

    private static func pulses(
        _ cycles: [Double], harmonics: Double, scale: Double = 1,
        with instructions: sotto_instructions = sotto_instructions_in_use()
    ) -> [Float] {
        var pulses = [Float](repeating: .nan, count: cycles.count)
        sotto_pulses(instructions, cycles, cycles.count, harmonics, scale, &pulses)
        return pulses
    }

    /// The largest error in units in the last place.
    private static func error(_ found: [Float], _ wanted: [Double]) -> Double {
        zip(found, wanted).map { found, wanted in abs(Double(found) - wanted) / Double(Float(wanted).ulp) }
            .reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
    }

    // With h = 1 and n = 0, what comes out is z.
    private static func sigmoid(_ values: [Float]) -> [Float] {
        let zeros = [Float](repeating: 0, count: values.count)
        return step(zeros + values + zeros, zeros + zeros + zeros, zeros.map { $0 + 1 })
    }

    // With h = 0 and z = 0, what comes out is n.
    private static func tanh(_ values: [Float]) -> [Float] {
        let zeros = [Float](repeating: 0, count: values.count)
        return step(zeros + zeros.map { $0 - .infinity } + values, zeros + zeros + zeros, zeros)
    }

    @Test func sigmoidIsRoundedOnce() {
        let wanted = Self.everywhere.map { 1 / (1 + Foundation.exp(-Double($0))) }
        #expect(Self.error(Self.sigmoid(Self.everywhere), wanted) <= 0.501)
        #expect(Self.sigmoid([.infinity, -.infinity, 0]) == [1, 0, 0.5])
        let odd = Self.sigmoid([.nan, .signalingNaN, -.nan, 1])
        #expect(odd[0].isNaN && odd[1].isNaN && odd[2].isNaN && !odd[3].isNaN)
    }

    @Test func tanhIsRoundedOnce() {
        let wanted = Self.everywhere.map { Foundation.tanh(Double($0)) }
        #expect(Self.error(Self.tanh(Self.everywhere), wanted) <= 0.501)
        #expect(Self.tanh([.infinity, -.infinity, 0]) == [1, -1, 0])
        let odd = Self.tanh([.nan, .signalingNaN, -.nan, 1])
        #expect(odd[0].isNaN && odd[1].isNaN && odd[2].isNaN && !odd[3].isNaN)
    }

    @Test func exponentialsOfFiltersAreNear() {
        let values = (-87_000...87_000).map { Float($0) / 1000 } + Self.everywhere
        let zeros = [Float](repeating: 0, count: values.count)
        let pairs: [Float] = (0..<2 * values.count).map { $0 % 2 == 0 ? 1 : -1 }
        let found = Self.filter(gain: zeros, phase: zeros, noiseGain: values, pulses: zeros + zeros, noise: pairs)
        var worst = 0.0
        for (i, value) in values.enumerated() {
            let wanted = Foundation.exp(Double(min(max(value, -87), 87)))
            let error = abs(Double(found[2 * i]) / wanted - 1)
            worst = error > worst || error.isNaN ? error : worst
            #expect(found[2 * i + 1] == -found[2 * i])
        }
        #expect(worst <= 1.5e-7, "\(worst)")
        let odd = Self.filter(gain: [0], phase: [0], noiseGain: [.nan], pulses: [0, 0], noise: [1, 1])
        #expect(odd[0].isNaN && odd[1].isNaN)
    }

    @Test func sinesOfFiltersAreNear() {
        let values = (-819_200...819_200).map { Float($0) / 100 } + Self.everywhere
        let zeros = [Float](repeating: 0, count: values.count)
        let pairs: [Float] = (0..<2 * values.count).map { $0 % 2 == 0 ? 1 : 0 }
        let found = Self.filter(gain: zeros, phase: values, noiseGain: zeros, pulses: pairs, noise: zeros + zeros)
        var worst = 0.0
        for (i, value) in values.enumerated() {
            let angle = Double(min(max(value, -8192), 8192))
            let along = abs(Double(found[2 * i]) - Foundation.cos(angle))
            let across = abs(Double(found[2 * i + 1]) - Foundation.sin(angle))
            let error = along > across || along.isNaN ? along : across
            worst = error > worst || error.isNaN ? error : worst
        }
        #expect(worst <= 1e-7, "\(worst)")
        let odd = Self.filter(gain: [0], phase: [.nan], noiseGain: [0], pulses: [1, 0], noise: [0, 0])
        #expect(odd[0].isNaN && odd[1].isNaN)
    }

    @Test(arguments: [1.0, 2, 7, 63, 126]) func pulsesAreTheSumOfTheirCosines(harmonics: Double) {
        let cycles = (0..<20_000).map { Double($0) / 20_000 } + [1e-300, 4e-5, 0.5.nextUp, 1.0.nextDown]
        let found = Self.pulses(cycles, harmonics: harmonics)
        for (cycle, pulse) in zip(cycles, found) {
            var wanted = 0.0
            for k in 1...Int(harmonics) { wanted += Foundation.cos(2 * Double.pi * Double(k) * cycle) }
            if abs(Foundation.sin(Double.pi * cycle)) < 1e-4 { wanted = harmonics }
            let bound = abs(wanted) * 0x1p-24 + 1e-12 * harmonics
            #expect(abs(Double(pulse) - wanted) <= bound, "\(cycle)")
        }
        #expect(Self.pulses([.nan], harmonics: harmonics)[0].isNaN)
    }

    /// Values of all sizes, also where there is nothing to compute with.
    @Test(arguments: [1, 3, 8, 17, 241, 384]) func allInstructionsGiveTheSameBits(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        func values(_ count: Int, of size: Float) -> [Float] { generator.floats(count).map { $0 * size } }
        func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? .max : $0.bitPattern } }
        for size: Float in [1e-6, 1, 10, 1e4, 1e30] {
            var (x, y, h) = (values(3 * count, of: size), values(3 * count, of: 1), values(count, of: 1))
            let (gain, noiseGain) = (values(count, of: size), values(count, of: 10))
            var phase = values(count, of: size)
            let (pulseSpectrum, noise) = (values(2 * count, of: 3), values(2 * count, of: 3))
            for (i, odd) in (Self.extremes + [.nan, .signalingNaN]).enumerated() where size == 1e30 {
                x[5 * i % x.count] = odd
                y[7 * i % y.count] = odd
                h[i % count] = Float(i) / 12
                phase[3 * i % count] = odd
            }
            let cycles = generator.floats(count).map { abs(Double($0)) }
            let first = (
                bits(Self.step(x, y, h, with: SOTTO_PORTABLE)),
                bits(
                    Self.filter(
                        gain: gain, phase: phase, noiseGain: noiseGain, pulses: pulseSpectrum, noise: noise,
                        with: SOTTO_PORTABLE)),
                bits(Self.pulses(cycles, harmonics: 63, scale: 0.2, with: SOTTO_PORTABLE))
            )
            for set in Self.sets {
                #expect(bits(Self.step(x, y, h, with: set)) == first.0, "\(set)")
                let filtered = Self.filter(
                    gain: gain, phase: phase, noiseGain: noiseGain, pulses: pulseSpectrum, noise: noise, with: set)
                #expect(bits(filtered) == first.1, "\(set)")
                #expect(bits(Self.pulses(cycles, harmonics: 63, scale: 0.2, with: set)) == first.2, "\(set)")
            }
        }
    }

    /// On every processor and by every compiler: bits that were written down once.
    @Test func theBitsAreThoseOfEverywhere() {
        let values = (-24...24).map { Float($0) * 0.37 }
        let zeros = [Float](repeating: 0, count: values.count)
        let pairs = (0..<2 * values.count).map { Float($0 % 7) - 3 }
        var all = Self.sigmoid(values) + Self.tanh(values)
        all += Self.step(values + values + zeros, values + zeros + values, values)
        all += Self.filter(
            gain: values, phase: values.map { 5 * $0 }, noiseGain: values.reversed(), pulses: pairs, noise: pairs)
        all += Self.pulses(values.map { abs(Double($0)) / 10 }, harmonics: 50)
        var checksum: UInt64 = 0
        for value in all { checksum = checksum &* 31 &+ UInt64(value.bitPattern) }
        #expect(checksum == 17_676_382_760_922_347_573, "\(checksum)")
    }
}
