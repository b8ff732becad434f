// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet

/// Tensors by name, to be written as a safetensors file.
struct TensorFile {
    typealias Tensor = (type: String, shape: [Int], bytes: [UInt8])

    private(set) var tensors: [(name: String, tensor: Tensor)] = []
    var metadata: [String: String] = [:]

    mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        let bytes = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        tensors.append((name, ("F32", shape, bytes)))
    }

    mutating func add(_ name: String, _ shape: [Int], halves: [Float]) {
        let bytes = halves.flatMap { value in
            withUnsafeBytes(of: Float16(value).bitPattern.littleEndian) { Array($0) }
        }
        tensors.append((name, ("F16", shape, bytes)))
    }

    mutating func add(_ name: String, _ shape: [Int], integers: [Int8]) {
        tensors.append((name, ("I8", shape, integers.map { UInt8(bitPattern: $0) })))
    }

    var bytes: [UInt8] {
        get throws {
            var entries: [String: Any] = [:]
            if !metadata.isEmpty { entries["__metadata__"] = metadata }
            var data: [UInt8] = []
            for (name, tensor) in tensors {
                entries[name] = [
                    "dtype": tensor.type, "shape": tensor.shape,
                    "data_offsets": [data.count, data.count + tensor.bytes.count],
                ]
                data += tensor.bytes
            }
            let header = try JSONSerialization.data(withJSONObject: entries, options: .sortedKeys)
            return TensorFile.bytes(header: header, data: data)
        }
    }

    static func bytes(header: some Sequence<UInt8>, data: [UInt8] = []) -> [UInt8] {
        let header = Array(header)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + data
    }

    /// Opens these tensors as a file, which is gone from its folder, though not from memory, when this returns.
    func open() throws -> SafetensorsFile {
        try TensorFile.open(bytes)
    }

    static func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try SafetensorsFile(path: url.path)
    }
}
