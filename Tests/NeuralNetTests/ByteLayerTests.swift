// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet
import TestSupport
import Testing

@Suite("Layers of 8 bits against PyTorch (Training/fixtures/make_byte_fixtures.py), and their files")
struct ByteLayerTests {
    private let file: SafetensorsFile
    private let rows = 11
    /// A value may be rounded the other way when its last bits differ.
    private let tolerance = 1e-6

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        file = try SafetensorsFile(path: folder.appending(path: "Fixtures/byte-layers.safetensors").path)
    }

    private func matrix(_ name: String, columns: Int) throws -> Matrix {
        Matrix(rows: rows, columns: columns, values: try file.tensor(name, shape: [rows, columns]))
    }

    private func error(of output: Matrix, from name: String) throws -> Double {
        normalizedError(output.values, from: try matrix(name, columns: output.columns).values.map(Double.init))
    }

    @Test func linear() throws {
        let layer = try Linear(Weights(of: file)["linear"], inputs: 37, outputs: 50)
        var y = Matrix()
        layer.forward(try matrix("linear.input", columns: 37), into: &y)
        #expect(try error(of: y, from: "linear.output") < 1e-12)
    }

    @Test func block() throws {
        let layer = try ConvNeXtBlock(Weights(of: file)["block"], channels: 34, kernel: 5, expansion: 3)
        var x = try matrix("block.input", columns: 34)
        var (state, scratch) = (layer.initialState(), Scratch())
        layer.forward(&x, state: &state, scratch: &scratch)
        #expect(try error(of: x, from: "block.output") < tolerance)

        // Row by row it is the same to the bit.
        var pieces = Matrix()
        state = layer.initialState()
        for row in 0..<rows {
            var piece = try matrix("block.input", columns: 34).rows(row..<row + 1)
            layer.forward(&piece, state: &state, scratch: &scratch)
            pieces.append(piece)
        }
        #expect(pieces == x)
    }

    @Test func gru() throws {
        let layer = try GRU(Weights(of: file)["gru"], inputs: 21, hidden: 27)
        var (y, state, scratch) = (Matrix(), layer.initialState(), Scratch())
        layer.forward(try matrix("gru.input", columns: 21), state: &state, into: &y, scratch: &scratch)
        #expect(try error(of: y, from: "gru.output") < tolerance)
    }

    private func refusal(_ change: (inout TensorFile) -> Void, inputs: Int = 5) -> String {
        var file = TensorFile()
        change(&file)
        do {
            _ = try Linear(Weights(of: try file.open())["layer"], inputs: inputs, outputs: 17)
            return "taken"
        } catch {
            return "\(error)"
        }
    }

    @Test func filesThatCantBeUsedAreRefused() {
        func add(_ file: inout TensorFile, blocks: [Int] = [2, 2, 16, 4], scales: [Float], bias: [Int8]? = nil) {
            file.add("layer.weight", blocks, integers: [Int8](repeating: 1, count: blocks.reduce(1, *)))
            if !scales.isEmpty { file.add("layer.weight_scale", [scales.count], scales) }
            if let bias { file.add("layer.bias", [17], integers: bias) }
            if bias == nil { file.add("layer.bias", [17], [Float](repeating: 0, count: 17)) }
        }
        let good = [Float](repeating: 0.5, count: 17)
        #expect(refusal { add(&$0, scales: good) } == "taken")
        #expect(refusal { add(&$0, scales: []) }.contains("\"layer.weight_scale\""))
        #expect(refusal { add(&$0, scales: good + [1]) }.contains("[18]"))
        #expect(refusal { add(&$0, scales: good.dropLast() + [.nan]) }.contains("NaN"))
        #expect(refusal { add(&$0, scales: good.dropLast() + [10001]) }.contains("no trained model has"))
        #expect(refusal { add(&$0, blocks: [2, 3, 16, 4], scales: good) }.contains("[2, 2, 16, 4]"))
        #expect(refusal { add(&$0, blocks: [17, 5], scales: good) }.contains("[17, 5]"))
        #expect(refusal { add(&$0, scales: good, bias: [Int8](repeating: 1, count: 17)) }.contains("holds integers"))
        let wide = refusal({ add(&$0, blocks: [2, 8193, 16, 4], scales: good) }, inputs: 32769)
        #expect(wide.contains("more than 32768 inputs"))
    }

    @Test func bytesInMemoryAreNeededNoLongerThanTheirFile() throws {
        var tensors = TensorFile()
        tensors.add("weight", [1, 1, 16, 4], integers: [Int8](repeating: 100, count: 64))
        tensors.add("weight_scale", [16], [Float](repeating: 0.01, count: 16))
        tensors.add("bias", [16], [Float](repeating: 0, count: 16))
        var bytes = try tensors.bytes
        let layer = try bytes.withUnsafeBytes {
            try Linear(Weights(of: try SafetensorsFile(borrowing: $0, name: "memory")), inputs: 4, outputs: 16)
        }
        for index in bytes.indices { bytes[index] = 0 }
        var y = Matrix()
        layer.forward(Matrix(rows: 1, columns: 4, values: [1, 1, 1, 1]), into: &y)
        #expect(y.values.allSatisfy { abs($0 - 4) < 1e-5 })
    }
}
