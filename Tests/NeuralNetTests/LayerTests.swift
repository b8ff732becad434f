// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport
import Testing

@Suite("Layers against their equations in double precision")
struct LayerTests {
    private let tolerance = 1e-12

    @Test(arguments: [1, 2, 8, 33])
    func linear(rows: Int) throws {
        let model = try randomLinear(inputs: 37, outputs: 19)
        var generator = SeededGenerator(seed: 2)
        let x = generator.matrix(rows, 37)
        var y = Matrix()
        model.layer.forward(x, into: &y)
        let expected = Reference.linear(Reference.rows(of: x), weight: model["weight"], bias: model["bias"])
        #expect(normalizedError(y.values, from: expected.flatMap { $0 }) < tolerance)
    }

    @Test(arguments: [1, 5, 8, 64, 83])
    func norm(channels: Int) throws {
        let model = try randomNorm(channels: channels)
        var generator = SeededGenerator(seed: 3)
        var x = generator.matrix(7, channels)
        let expected = Reference.norm(Reference.rows(of: x), weight: model["weight"], bias: model["bias"])
        model.layer.forward(&x)
        #expect(normalizedError(x.values, from: expected.flatMap { $0 }) < tolerance)
    }

    @Test func normOfConstantRowIsItsBias() throws {
        let model = try randomNorm(channels: 16)
        var x = Matrix(rows: 1, columns: 16, values: [Float](repeating: 3, count: 16))
        model.layer.forward(&x)
        #expect(x.values == model.weights["bias"])
    }

    @Test(arguments: [1, 2, 5])
    func convolution(kernel: Int) throws {
        let model = try randomConvolution(channels: 13, kernel: kernel)
        var generator = SeededGenerator(seed: 4)
        let x = generator.matrix(9, 13)
        var y = Matrix()
        var state = model.layer.initialState()
        model.layer.forward(x, state: &state, into: &y)
        let expected = Reference.convolution(
            Reference.rows(of: x), weight: model["weight"], bias: model["bias"], kernel: kernel)
        #expect(normalizedError(y.values, from: expected.flatMap { $0 }) < tolerance)
    }

    @Test(arguments: [1, 3, 12])
    func block(rows: Int) throws {
        let model = try randomBlock(channels: 20, kernel: 5, expansion: 3)
        var generator = SeededGenerator(seed: 5)
        var x = generator.matrix(rows, 20)
        let expected = Reference.block(Reference.rows(of: x), model, kernel: 5)
        var state = model.layer.initialState()
        var scratch = Scratch()
        model.layer.forward(&x, state: &state, scratch: &scratch)
        #expect(normalizedError(x.values, from: expected.flatMap { $0 }) < tolerance)
    }

    @Test(arguments: [1, 3, 12])
    func gru(rows: Int) throws {
        let model = try randomGRU(inputs: 11, hidden: 14)
        var generator = SeededGenerator(seed: 6)
        let x = generator.matrix(rows, 11)
        var (y, state, scratch) = (Matrix(), model.layer.initialState(), Scratch())
        model.layer.forward(x, state: &state, into: &y, scratch: &scratch)
        let expected = Reference.gru(Reference.rows(of: x), model, hidden: 14)
        #expect(normalizedError(y.values, from: expected.flatMap { $0 }) < tolerance)
    }

    @Test func gruSaturatesWithoutLosingFiniteness() throws {
        let model = try randomGRU(inputs: 4, hidden: 6)
        let x = Matrix(rows: 3, columns: 4, values: [Float](repeating: 1e6, count: 12))
        var (y, state, scratch) = (Matrix(), model.layer.initialState(), Scratch())
        model.layer.forward(x, state: &state, into: &y, scratch: &scratch)
        #expect(y.values.allSatisfy { abs($0) <= 1 })
    }
}

@Suite("Matrix")
struct MatrixTests {
    @Test(arguments: [1, 63, 64, 65, 200, 1024]) func theFirstColumnAboveIsThatOfASearchOneByOne(columns: Int) {
        var random = SeededGenerator(seed: UInt64(columns))
        var values = (0..<3 * columns).map { _ in Float.random(in: -1...1, using: &random) }
        for index in stride(from: 5, to: values.count, by: 17) { values[index] = .nan }
        let matrix = Matrix(rows: 3, columns: columns, values: values)
        for threshold: Float in [-2, 0, 0.9, 0.999, 1, .infinity, -.infinity, .nan] {
            for start in [0, columns / 3, columns - 1, columns] {
                let wanted = (start..<columns).first { matrix[1, $0] > threshold }
                #expect(matrix.firstColumn(of: 1, from: start, above: threshold) == wanted)
            }
        }
    }

    @Test func reshapeStacksRows() {
        var x = Matrix(rows: 4, columns: 2, values: [1, 2, 3, 4, 5, 6, 7, 8])
        x.reshape(rows: 2, columns: 4)
        #expect(x == Matrix(rows: 2, columns: 4, values: [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(x[1, 0] == 5)
    }

    @Test func resizeTakesAnySize() {
        var x = Matrix(rows: 4, columns: 2)
        for (rows, columns) in [(1, 3), (5, 5), (0, 7), (2, 2)] {
            x.resize(rows: rows, columns: columns)
            #expect(x.values.count == rows * columns)
        }
    }

    @Test func addIsElementwise() {
        var x = Matrix(rows: 1, columns: 2, values: [1, 2])
        x.add(Matrix(rows: 1, columns: 2, values: [10, 20]))
        #expect(x.values == [11, 22])
    }
}
