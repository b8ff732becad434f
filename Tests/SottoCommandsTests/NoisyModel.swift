// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import TestSupport
import Testing

/// The bytes of a safetensors file with noise, of `share` of each matrix's standard deviation, on the decoder's weights.
func withNoise(_ file: Data, share: Float) throws -> Data {
    struct Tensor: Decodable {
        var shape: [Int]
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case shape
            case dataOffsets = "data_offsets"
        }
    }
    let headerSize = Int(file.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian })
    let header = try JSONSerialization.jsonObject(with: file[8..<8 + headerSize]) as? [String: Any] ?? [:]
    let tensors = header.filter { $0.key.hasPrefix("decoder.") }.sorted { $0.key < $1.key }
    var bytes = [UInt8](file)
    var generator = SeededGenerator(seed: 1)
    for (_, fields) in tensors {
        let tensor = try JSONDecoder().decode(Tensor.self, from: JSONSerialization.data(withJSONObject: fields))
        guard tensor.shape.count > 1 else { continue }
        let places = stride(from: tensor.dataOffsets[0], to: tensor.dataOffsets[1], by: 2).map { 8 + headerSize + $0 }
        let values = places.map { Float(Float16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) }
        let mean = values.reduce(0, +) / Float(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
        // Uniform noise has a third of its highest square as variance.
        let height = share * (3 * variance).squareRoot()
        for (place, value) in zip(places, values) {
            let bits = Float16(value + Float.random(in: -height...height, using: &generator)).bitPattern
            (bytes[place], bytes[place + 1]) = (UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8))
        }
    }
    return try withOwnDigests(Data(bytes))
}

/// The same file, naming the digests of what it now holds.
private func withOwnDigests(_ file: Data) throws -> Data {
    let folder = try TemporaryFolder()
    let opened = try SafetensorsFile(path: folder.write("model.safetensors", file))
    let claimed = try #require(ModelDigests(claimedBy: opened))
    let config = try #require(opened.metadata["config"])
    let digests = ModelDigests(of: Weights(of: opened), configuration: config, inParts: !claimed.parts.isEmpty)
    var named = file
    for (old, new) in [(claimed.weights, digests.weights), (claimed.codes, digests.codes)] {
        named.replaceSubrange(try #require(named.range(of: Data(old.utf8))), with: Data(new.utf8))
    }
    return named
}
