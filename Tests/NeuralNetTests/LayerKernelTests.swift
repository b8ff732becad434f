// SPDX-License-Identifier: Apache-2.0
import CKernels
import Foundation
import TestSupport
import Testing

/// What layers do element by element gives the same bits with every set of instructions as in plain Swift, which rounds each sum and each
/// product by itself. Of channels that fill registers, and of ones that don't.
struct LayerKernelTests {
    private static let sets = [
        SOTTO_PORTABLE, SOTTO_NEON, SOTTO_DOT_PRODUCT, SOTTO_AVX2, SOTTO_AVX_VNNI, SOTTO_AVX512, SOTTO_VNNI,
    ].filter { sotto_has_instructions($0) != 0 }

    private let rows = 3

    private func expectBits(
        _ found: [Float], _ wanted: [Float], _ set: sotto_instructions, at location: SourceLocation = #_sourceLocation
    ) {
        #expect(found.map(\.bitPattern) == wanted.map(\.bitPattern), "\(set)", sourceLocation: location)
    }

    @Test(arguments: [1, 7, 24, 37, 256], [1, 3, 5]) func convolution(channels: Int, kernel: Int) {
        var generator = SeededGenerator(seed: 21)
        let (taps, bias) = (generator.floats(kernel * channels), generator.floats(channels))
        let x = generator.floats((rows + kernel - 1) * channels)
        var wanted: [Float] = []
        for row in 0..<rows {
            for c in 0..<channels {
                wanted.append(
                    (0..<kernel).reduce(bias[c]) { $0 + taps[$1 * channels + c] * x[(row + $1) * channels + c] })
            }
        }
        for set in Self.sets {
            var y = [Float](repeating: .nan, count: rows * channels)
            sotto_convolve(set, taps, bias, x, rows, channels, kernel, &y)
            expectBits(y, wanted, set)
        }
    }

    @Test(arguments: [1, 7, 24, 37, 256]) func normalization(channels: Int) {
        var generator = SeededGenerator(seed: 22)
        let (gain, offset) = (generator.floats(channels), generator.floats(channels))
        let x = generator.floats(rows * channels)
        func sum(_ values: [Float]) -> Float {
            let whole = channels / 8 * 8
            var parts = [Float](repeating: 0, count: 8)
            for i in 0..<whole { parts[i % 8] += values[i] }
            return values[whole...].reduce(parts.reduce(-0.0, +), +)
        }
        var wanted: [Float] = []
        for row in 0..<rows {
            let row = Array(x[row * channels..<(row + 1) * channels])
            let mean = sum(row) / Float(channels)
            let variance = sum(row.map { ($0 - mean) * ($0 - mean) }) / Float(channels)
            let scale = 1 / (variance + 1e-5).squareRoot()
            for c in 0..<channels { wanted.append((row[c] - mean) * scale * gain[c] + offset[c]) }
        }
        for set in Self.sets {
            var y = x
            sotto_normalize(set, gain, offset, 1e-5, rows, channels, &y)
            expectBits(y, wanted, set)
        }
    }

    @Test(arguments: [1, 7, 24, 37, 256]) func squaresAndScaledSums(channels: Int) {
        var generator = SeededGenerator(seed: 23)
        var (x, y) = (generator.floats(rows * channels), generator.floats(rows * channels))
        (x[0], y[0]) = (-0.0, .infinity)
        let factors = generator.floats(channels)
        let squares = x.map { $0 > 0 ? $0 * $0 : 0 }
        let sums = x.indices.map { x[$0] + factors[$0 % channels] * y[$0] }
        for set in Self.sets {
            var (square, sum) = (x, x)
            sotto_square_positive(set, x.count, &square)
            expectBits(square, squares, set)
            sotto_add_scaled(set, factors, y, rows, channels, &sum)
            expectBits(sum, sums, set)
        }
    }

    /// The GELU is the same with every set of instructions, and x · Φ(x) as the C library's erfc tells it; what is no number stays none.
    @Test func gelu() {
        var generator = SeededGenerator(seed: 24)
        let x = generator.floats(300).map { 3 * $0 } + [0, -0.0, 6, -6, 40, -40, 1e30, -1e30]
        var portable = x
        sotto_gelu(SOTTO_PORTABLE, x.count, &portable)
        for (x, y) in zip(x, portable) {
            let wanted = 0.5 * Double(x) * erfc(-Double(x) / 2.0.squareRoot())
            #expect(abs(Double(y) - wanted) <= 2e-7 * max(1, abs(Double(x))), "\(x)")
        }
        for set in Self.sets {
            var (y, none) = (x, [Float](repeating: .nan, count: 9))
            sotto_gelu(set, x.count, &y)
            expectBits(y, portable, set)
            sotto_gelu(set, none.count, &none)
            #expect(none.allSatisfy { $0.isNaN }, "\(set)")
        }
    }

    @Test func theLargestValues() {
        var generator = SeededGenerator(seed: 24)
        for _ in 0..<300 {
            let values = generator.floats(Int.random(in: 0...200, using: &generator))
            let threshold = Float.random(in: 0.9...1, using: &generator)
            let above = values.indices.filter { values[$0] > threshold }.map(Int32.init)
            let parts = stride(from: 0, to: values.count, by: Int(SOTTO_PART)).map { values[$0...].prefix(64).max() }
            for set in Self.sets {
                var (places, found) = ([Int32](repeating: -1, count: values.count + 1), -1)
                var largest = [Float](repeating: .nan, count: parts.count)
                sotto_maxima(set, values, values.count, &largest)
                #expect(largest == parts.map { $0 ?? .nan }, "\(set)")
                sotto_all_above(set, values, values.count, largest, threshold, &places, &found)
                #expect(Array(places.prefix(found)) == above, "\(set)")
                var place = -1
                sotto_first_above(set, values, values.count, threshold, &place)
                #expect(place == values.firstIndex { $0 > threshold } ?? values.count, "\(set)")
            }
        }
    }
}
