// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet
import Testing

@Suite("Layers against PyTorch (Training/fixtures/make_layer_fixtures.py)")
struct PyTorchTests {
    private let file: SafetensorsFile
    private let rows = 11
    private let tolerance = 1e-12

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        file = try SafetensorsFile(path: folder.appending(path: "Fixtures/layers.safetensors").path)
    }

    private func matrix(_ name: String, columns: Int) throws -> Matrix {
        let values = try Weights(of: file).tensor(name, shape: [rows, columns])
        return Matrix(rows: rows, columns: columns, values: values)
    }

    private func error(of output: Matrix, from name: String) throws -> Double {
        normalizedError(output.values, from: try matrix(name, columns: output.columns).values.map(Double.init))
    }

    @Test func linear() throws {
        let layer = try Linear(Weights(of: file)["linear"], inputs: 24, outputs: 40)
        var y = Matrix()
        layer.forward(try matrix("linear.input", columns: 24), into: &y)
        #expect(try error(of: y, from: "linear.output") < tolerance)
    }

    @Test func norm() throws {
        let layer = try LayerNorm(Weights(of: file)["norm"], channels: 21)
        var x = try matrix("norm.input", columns: 21)
        layer.forward(&x)
        #expect(try error(of: x, from: "norm.output") < tolerance)
    }

    @Test func block() throws {
        let layer = try ConvNeXtBlock(Weights(of: file)["block"], channels: 32, kernel: 5, expansion: 3)
        var x = try matrix("block.input", columns: 32)
        var (state, scratch) = (layer.initialState(), Scratch())
        layer.forward(&x, state: &state, scratch: &scratch)
        #expect(try error(of: x, from: "block.output") < tolerance)
    }

    @Test func gru() throws {
        let layer = try GRU(Weights(of: file)["gru"], inputs: 20, hidden: 28)
        var (y, state, scratch) = (Matrix(), layer.initialState(), Scratch())
        layer.forward(try matrix("gru.input", columns: 20), state: &state, into: &y, scratch: &scratch)
        #expect(try error(of: y, from: "gru.output") < tolerance)
    }

    @Test func halfPrecisionIsWidenedExactly() throws {
        let widened = try file.tensor("half.widened", shape: [10])
        #expect(try file.tensor("half.stored", shape: [10]).map(\.bitPattern) == widened.map(\.bitPattern))
    }
}
