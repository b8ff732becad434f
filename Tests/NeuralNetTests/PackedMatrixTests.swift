// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet
import TestSupport
import Testing

@Suite("Products have the same bits on every processor")
struct PackedMatrixTests {
    private func bits(_ x: Matrix) -> [UInt32] { x.values.map(\.bitPattern) }

    @Test(arguments: [(1, 1), (3, 33), (37, 19), (64, 128), (129, 300)], [1, 2, 3, 4, 7, 8, 13])
    func instructionsAgree(shape: (inputs: Int, outputs: Int), rows: Int) {
        var generator = SeededGenerator(seed: 5)
        let weights = generator.floats(shape.inputs * shape.outputs)
        let bias = generator.floats(shape.outputs)
        let matrix = PackedMatrix(weights, inputs: shape.inputs, outputs: shape.outputs)
        let x = generator.matrix(rows, shape.inputs)
        let results = Instructions.available.map { instructions in
            var y = Matrix()
            matrix.multiply(x, adding: bias, into: &y, with: instructions)
            return y
        }
        for result in results { #expect(bits(result) == bits(results[0])) }

        // One chain of fused multiply-adds, which is what the portable path says it is.
        let last = rows - 1
        for output in 0..<shape.outputs {
            var sum = bias[output]
            for k in 0..<shape.inputs {
                sum.addProduct(x[last, k], Float(Float16(weights[output * shape.inputs + k])))
            }
            #expect(sum == results[0][last, output])
        }
    }

    @Test func rowsDontDependOnEachOther() {
        var generator = SeededGenerator(seed: 6)
        let matrix = PackedMatrix(generator.floats(40 * 70), inputs: 40, outputs: 70)
        let (bias, x) = (generator.floats(70), generator.matrix(21, 40))
        var (all, one) = (Matrix(), Matrix())
        matrix.multiply(x, adding: bias, into: &all)
        for row in 0..<21 {
            matrix.multiply(x.rows(row..<row + 1), adding: bias, into: &one)
            #expect(bits(one) == bits(all.rows(row..<row + 1)))
        }
    }

    @Test func weightsAreRoundedToTheNearestHalf() {
        var generator = SeededGenerator(seed: 7)
        let special: [Float] = [
            0, -0.0, 1, -1, 65504, 65519, 0x1p-24, 0x1p-25, 0x1.8p-25, 0x1p-14, 0x1.ffcp-15, 1.0004883,
        ]
        let drawn = (0..<4000).map { _ in generator.floats(1)[0] * exp2(Float.random(in: -26...15, using: &generator)) }
        for value in special + drawn {
            var y = Matrix()
            PackedMatrix([value], inputs: 1, outputs: 1).multiply(
                Matrix(rows: 1, columns: 1, values: [1]), adding: [0], into: &y)
            #expect(y[0, 0] == Float(Float16(value)), "\(value)")
        }
    }
}
