// SPDX-License-Identifier: Apache-2.0
import CKernels
import NeuralNet
import TestSupport
import Testing

@Suite("Products with weights of 8 bits")
struct ByteProductTests {
    /// Integers [outputs, inputs] in the order in which products read them, after `lead` other bytes.
    private struct Weights {
        var (inputs, outputs): (Int, Int)
        var integers: [Int8] = []
        var stored: [Int8] = []
        var scales: [Float]
        var bias: [Float]

        init(inputs: Int, outputs: Int, lead: Int, using generator: inout SeededGenerator) {
            (self.inputs, self.outputs) = (inputs, outputs)
            (scales, bias) = (generator.floats(outputs).map { abs($0) / 100 }, generator.floats(outputs))
            let groups = (inputs + 3) / 4
            stored = [Int8](repeating: 0, count: lead + (outputs + 15) / 16 * 16 * groups * 4)
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let value = Int8.random(in: -128...127, using: &generator)
                    integers.append(value)
                    let group = output / 16 * groups + input / 4
                    stored[lead + group * 64 + output % 16 * 4 + input % 4] = value
                }
            }
        }

        func multiply(_ x: Matrix, lead: Int, with instructions: sotto_instructions) -> [UInt32] {
            var y = [Float](repeating: .nan, count: x.rows * outputs)
            stored.withUnsafeBufferPointer { stored in
                sotto_byte_product(
                    instructions, stored.baseAddress! + lead, scales, bias, x.values, x.rows, inputs, outputs, &y)
            }
            return y.map(\.bitPattern)
        }

        /// What the header says.
        func defined(_ x: Matrix) -> [UInt32] {
            (0..<x.rows).flatMap { row in
                let largest = x.row(row).map(abs).reduce(0) { $1.isNaN || $1 > $0 ? $1 : $0 }
                let counts = largest.isFinite && largest >= 0x1p-100
                let factor = 127 / largest
                let rounded = x.row(row).map { counts ? Int(($0 * factor).rounded(.toNearestOrEven)) : 0 }
                return (0..<outputs).map { output in
                    let row = integers[output * inputs..<(output + 1) * inputs]
                    let sum = zip(row, rounded).reduce(0) { $0 + Int($1.0) * $1.1 }
                    let scaled = counts ? Float(sum) * (largest / 127) : 0
                    return bias[output].addingProduct(scaled, scales[output]).bitPattern
                }
            }
        }
    }

    private let sets = [
        SOTTO_PORTABLE, SOTTO_NEON, SOTTO_DOT_PRODUCT, SOTTO_AVX2, SOTTO_AVX_VNNI, SOTTO_AVX512, SOTTO_VNNI,
    ].filter { sotto_has_instructions($0) != 0 }

    @Test(
        arguments: [(1, 1), (3, 33), (4, 16), (37, 19), (64, 128), (129, 300), (1152, 49), (9000, 5), (32768, 3)],
        [1, 2, 3, 4, 7, 8, 13])
    func allInstructionsGiveWhatIsDefined(shape: (inputs: Int, outputs: Int), rows: Int) {
        var generator = SeededGenerator(seed: 5)
        // Also where weights aren't aligned.
        for lead in [0, 3] {
            let weights = Weights(inputs: shape.inputs, outputs: shape.outputs, lead: lead, using: &generator)
            let x = generator.matrix(rows, shape.inputs)
            let wanted = weights.defined(x)
            for set in sets { #expect(weights.multiply(x, lead: lead, with: set) == wanted, "\(set)") }
        }
    }

    @Test func oddRowsCountAsZeros() {
        var generator = SeededGenerator(seed: 6)
        let weights = Weights(inputs: 21, outputs: 18, lead: 0, using: &generator)
        let odd: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0x1p-100, 0x1p-101, 0x1p-149, 0]
        for value in odd {
            for place in [0, 7, 16, 20] {
                var x = Matrix(rows: 3, columns: 21)
                for column in 0..<21 { x[1, column] = abs(value) > 1e-20 ? Float(column) - 10 : 0 }
                (x[1, place], x[0, 3], x[2, 20]) = (value, 1, -2)
                let wanted = weights.defined(x)
                #expect(value > 1e38 && value.isFinite || wanted.allSatisfy { Float(bitPattern: $0).isFinite })
                for set in sets { #expect(weights.multiply(x, lead: 0, with: set) == wanted, "\(value) \(set)") }
            }
        }
    }

    @Test func halfwayIsRoundedToEven() {
        var weights: Weights
        var generator = SeededGenerator(seed: 7)
        weights = Weights(inputs: 40, outputs: 1, lead: 0, using: &generator)
        // Of a row whose largest is 127, the values are what is rounded.
        let values = (0..<39).map { Float($0) - 19.5 } + [127]
        let x = Matrix(rows: 1, columns: 40, values: values)
        for input in 0..<40 {
            weights.stored = [Int8](repeating: 0, count: 640)
            weights.stored[input / 4 * 64 + input % 4] = 1
            (weights.scales, weights.bias) = ([1], [0])
            let wanted = values[input].rounded(.toNearestOrEven)
            for set in sets { #expect(Float(bitPattern: weights.multiply(x, lead: 0, with: set)[0]) == wanted) }
        }
    }
}
