// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport
import Testing

struct RoundedMatrixTests {
    /// What is nearly known is as near as is said, of weights and rows of all magnitudes; what is looked at closely has the bits of
    /// `PackedMatrix`.
    @Test(arguments: [(33, 1024), (66, 300), (4, 16), (1, 1), (7, 35)], [1, 1e-3, 100] as [Float])
    func isAsNearAsItSays(size: (inputs: Int, outputs: Int), scale: Float) throws {
        var generator = SeededGenerator(seed: 31)
        let values = generator.floats(size.inputs * size.outputs).map { value in
            Float(Float16(value * value * value * scale))
        }
        let bias = generator.floats(size.outputs)
        var input = generator.matrix(6, size.inputs)
        for column in 0..<size.inputs {
            input[1, column] *= 1e-6
            input[2, column] *= 1e6
            input[3, column] = column == 0 ? 5 : input[3, column] * 1e-3
        }
        let packed = PackedMatrix(values, inputs: size.inputs, outputs: size.outputs)
        let rounded = try #require(RoundedMatrix(values, adding: bias, inputs: size.inputs, outputs: size.outputs))
        var (exact, near, some) = (Matrix(), Matrix(), [Float]())
        packed.multiply(input, adding: bias, into: &exact)
        rounded.multiplyNearly(input, into: &near)
        for row in 0..<input.rows {
            let error = rounded.error(ofRow: row, of: input)
            let off = zip(exact.row(row), near.row(row)).map { abs($0 - $1) }.max() ?? 0
            #expect(off <= error)
            let outputs = (0..<20).map { _ in Int32.random(in: 0..<Int32(size.outputs), using: &generator) }
            rounded.multiply(row: row, of: input, outputs: outputs[...], into: &some)
            #expect(Array(some.prefix(outputs.count)) == outputs.map { exact[row, Int($0)] })
        }
        // A bound that everything is below says nothing.
        if size.inputs == 33, scale == 1 {
            #expect(rounded.error(ofRow: 0, of: input) < (exact.row(0).map { abs($0) }.max() ?? 0))
        }
    }

    @Test func rowsOfWhichNothingCanBeSaid() throws {
        let rounded = try #require(RoundedMatrix([1, 0.5], adding: [0, 0], inputs: 1, outputs: 2))
        for odd: Float in [0, .nan, .infinity, 1e-35] {
            #expect(rounded.error(ofRow: 0, of: Matrix(rows: 1, columns: 1, values: [odd])) == .infinity)
        }
    }

    @Test func onlyHalves() {
        func isTaken(_ value: Float) -> Bool {
            RoundedMatrix([value], adding: [0], inputs: 1, outputs: 1) != nil
        }
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<20_000 {
            let value = Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator) & 0xFFFF_E000)
            let isHalf = value.isFinite && Float(Float16(value)) == value
            #expect(isTaken(value) == isHalf, "\(value)")
        }
        for half: Float in [0, 0x1p-24, -0x3p-24, 0x3ffp-24, 65504, 0x1p-14] { #expect(isTaken(half)) }
        for other: Float in [0x1p-25, 0x1.8p-24, 65536, 1.0001, .nan, .infinity] { #expect(!isTaken(other)) }
    }
}
