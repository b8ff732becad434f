// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import TestSupport
import Testing

/// The bytes of a safetensors file with noise, of `share` of each matrix's standard deviation, on the decoder's weights: halves, and
/// integers of 8 bits.
func withNoise(_ file: Data, share: Float) throws -> Data {
    struct Tensor: Decodable {
        var dtype: String
        var shape: [Int]
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype
            case shape
            case dataOffsets = "data_offsets"
        }
    }
    let headerSize = Int(file.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian })
    let header = try JSONSerialization.jsonObject(with: file[8..<8 + headerSize]) as? [String: Any] ?? [:]
    let tensors = header.filter { $0.key.hasPrefix("decoder.") }.sorted { $0.key < $1.key }
    var bytes = [UInt8](file)
    var generator = SeededGenerator(seed: 1)
    func noisy(_ values: [Float]) -> [Float] {
        let mean = values.reduce(0, +) / Float(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
        // Uniform noise has a third of its highest square as variance.
        let height = share * (3 * variance).squareRoot()
        return values.map { $0 + Float.random(in: -height...height, using: &generator) }
    }
    for (_, fields) in tensors {
        let tensor = try JSONDecoder().decode(Tensor.self, from: JSONSerialization.data(withJSONObject: fields))
        guard tensor.shape.count > 1 else { continue }
        let range = 8 + headerSize + tensor.dataOffsets[0]..<8 + headerSize + tensor.dataOffsets[1]
        if tensor.dtype == "I8" {
            let values = noisy(bytes[range].map { Float(Int8(bitPattern: $0)) })
            for (place, value) in zip(range, values) {
                bytes[place] = UInt8(bitPattern: Int8(max(-127, min(127, value.rounded()))))
            }
        } else {
            #expect(tensor.dtype == "F16")
            let places = stride(from: range.lowerBound, to: range.upperBound, by: 2)
            let values = noisy(
                places.map { Float(Float16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) })
            for (place, value) in zip(places, values) {
                let bits = Float16(value).bitPattern
                (bytes[place], bytes[place + 1]) = (UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8))
            }
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
    let parts = zip(claimed.parts, digests.parts)
    for (old, new) in [(claimed.weights, digests.weights), (claimed.codes, digests.codes)] + parts {
        named.replaceSubrange(try #require(named.range(of: Data(old.utf8))), with: Data(new.utf8))
    }
    return named
}
