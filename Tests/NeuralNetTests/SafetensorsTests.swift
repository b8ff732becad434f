// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import SystemIO
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
    private func good() -> TensorFile {
        var file = TensorFile()
        file.metadata = ["config": "{}"]
        file.add("a.weight", [2, 3], [1, 2, 3, 4, 5, 6])
        file.add("a.bias", [2], halves: [0.5, -1024])
        return file
    }

    private func malformed(_ bytes: [UInt8], _ parts: String..., at location: SourceLocation = #_sourceLocation) {
        do {
            _ = try TensorFile.open(bytes)
            Issue.record("accepted", sourceLocation: location)
        } catch let error as WeightsError {
            #expect(error.kind == .badData, sourceLocation: location)
            for part in parts {
                #expect(error.description.contains(part), "\(error)", sourceLocation: location)
            }
        } catch {
            Issue.record(error, sourceLocation: location)
        }
    }

    private func malformed(entry: String, _ parts: String..., at location: SourceLocation = #_sourceLocation) {
        let bytes = TensorFile.bytes(header: "{\"bad\": \(entry)}".utf8, data: [0, 0, 0, 0, 0, 0, 0, 0])
        do {
            _ = try TensorFile.open(bytes)
            Issue.record("accepted", sourceLocation: location)
        } catch {
            for part in ["bad"] + parts {
                #expect("\(error)".contains(part), "\(error)", sourceLocation: location)
            }
        }
    }

    @Test func readsBothPrecisions() throws {
        let file = try good().open()
        #expect(file.names == ["a.bias", "a.weight"])
        #expect(file.metadata == ["config": "{}"])
        let weights = Weights(of: file)
        #expect(try weights["a"].tensor("weight", shape: [2, 3]) == [1, 2, 3, 4, 5, 6])
        #expect(try weights.tensor("a.bias", shape: [2]) == [0.5, -1024])
        try weights.finish()
    }

    @Test func readsTensorsThatAreNotAligned() throws {
        var header = "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [1, 5]}}"
        while header.utf8.count % 4 != 0 { header += " " }
        let file = try TensorFile.open(TensorFile.bytes(header: header.utf8, data: [9, 0, 0, 0x80, 0x3F]))
        #expect(try Weights(of: file).tensor("a", shape: [1]) == [1])
    }

    @Test func truncatedAnywhere() throws {
        let bytes = try good().bytes
        for count in 0..<bytes.count {
            #expect(throws: WeightsError.self) { try TensorFile.open(Array(bytes[..<count])) }
        }
    }

    @Test func headersThatAreNoTable() {
        malformed([], "first eight bytes")
        malformed(Array(repeating: 0xFF, count: 64), "goes past its end")
        malformed(TensorFile.bytes(header: "".utf8), "JSON")
        malformed(TensorFile.bytes(header: "{".utf8), "JSON")
        malformed(TensorFile.bytes(header: "[1, 2]".utf8), "JSON")
        malformed(TensorFile.bytes(header: "{\"__metadata__\": 3}".utf8), "__metadata__")
        malformed(TensorFile.bytes(header: [0x7B, 0xFF, 0xFE, 0x7D]), "JSON")
        malformed(TensorFile.bytes(header: Array(repeating: UInt8(ascii: "["), count: 100_000)), "JSON")
    }

    @Test func entriesThatDoNotFit() {
        malformed(entry: "7")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2]}", "data_offsets")
        malformed(entry: "{\"dtype\": \"I64\", \"shape\": [1], \"data_offsets\": [0, 8]}", "I64", "F16")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [-1, -2], \"data_offsets\": [0, 8]}", "[-1, -2]")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}", "[0]")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2.5], \"data_offsets\": [0, 8]}")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [1e40], \"data_offsets\": [0, 8]}")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 12]}", "outside")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}", "outside")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [-8, 0]}", "outside")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0]}", "outside")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 9223372036854775807]}", "outside")
        malformed(entry: "{\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 8]}", "8 bytes, not 12")
        malformed(
            entry: "{\"dtype\": \"F32\", \"shape\": [4294967296, 4294967296], \"data_offsets\": [0, 8]}", "larger")
    }

    @Test func layersNameWhatTheyMiss() throws {
        let file = try good().open()
        let weights = Weights(of: file)
        #expect(throws: WeightsError.missing(file: file.path, tensor: "b.weight")) {
            try Linear(weights["b"], inputs: 3, outputs: 2)
        }
        #expect(throws: WeightsError.wrongShape(file: file.path, tensor: "a.weight", expected: [2, 4], found: [2, 3])) {
            try Linear(weights["a"], inputs: 4, outputs: 2)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func valuesThatAreNotFinite(value: Float) throws {
        var tensors = TensorFile()
        tensors.add("single", [2], [0, value])
        tensors.add("half", [2], halves: [value, 0])
        let file = try tensors.open()
        for name in ["single", "half"] {
            #expect(throws: WeightsError.notFinite(file: file.path, tensor: name)) {
                try Weights(of: file).tensor(name, shape: [2])
            }
        }
    }

    @Test(arguments: [10_001, -3e38] as [Float]) func valuesThatNoModelHas(value: Float) throws {
        var tensors = TensorFile()
        tensors.add("fine", [2], [10_000, -10_000])
        tensors.add("absurd", [2], [0, value])
        let file = try tensors.open()
        #expect(try Weights(of: file).tensor("fine", shape: [2]) == [10_000, -10_000])
        #expect(throws: WeightsError.absurd(file: file.path, tensor: "absurd")) {
            try Weights(of: file).tensor("absurd", shape: [2])
        }
    }

    @Test func tensorsNobodyFetched() throws {
        let file = try good().open()
        let weights = Weights(of: file)
        _ = try weights.tensor("a.bias", shape: [2])
        #expect(throws: WeightsError.unused(file: file.path, tensors: ["a.weight"])) { try weights.finish() }
    }

    @Test func messagesStayOnOneLine() throws {
        let errors: [WeightsError] = [
            .missing(file: "m", tensor: "a\nb"), .notFinite(file: "m", tensor: "a\nb"),
            .absurd(file: "m", tensor: "a\nb"),
            .wrongShape(file: "m", tensor: "a\nb", expected: [1], found: [2]),
            .unused(file: "m", tensors: ["a\nb", "c"]),
        ]
        for error in errors {
            #expect(error.description.contains(#"a\nb"#))
            #expect(!error.description.contains("\n"))
        }
    }

    @Test func absentFileIsNoBadData() {
        #expect(throws: SystemError.self) { try SafetensorsFile(path: "/nonexistent/model.safetensors") }
    }
}
