// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// A memory-mapped safetensors file (https://github.com/huggingface/safetensors, "Format"): eight bytes with the
/// length of a JSON header, the header, then the tensors.
public struct Safetensors: Sendable {
    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    private enum Field: Decodable {
        case metadata([String: String])
        case tensor(Entry)

        init(from decoder: any Decoder) throws {
            if let entry = try? Entry(from: decoder) {
                self = .tensor(entry)
            } else {
                self = .metadata(try [String: String](from: decoder))
            }
        }
    }

    private let mapping: FileMapping
    private let dataStart: Int
    private let entries: [String: Entry]
    public let metadata: [String: String]

    public var names: Set<String> { Set(entries.keys) }

    /// The shape of a tensor, nil if there is none of that name.
    public func shape(_ name: String) -> [Int]? { entries[name]?.shape }

    /// - Throws: `WeightError` or the file's `SystemError` if it can't be read or is no safetensors file.
    public init(path: String) throws {
        mapping = try FileMapping(path: path)
        let size = mapping.count
        guard size >= 8 else { throw WeightError.notSafetensors(path, "it is shorter than its header") }
        let length = mapping.withUnsafeBytes { UInt64(littleEndian: $0.load(as: UInt64.self)) }
        guard length <= UInt64(size - 8) else { throw WeightError.notSafetensors(path, "its header is cut off") }
        dataStart = 8 + Int(length)
        let header = mapping.withUnsafeBytes { [dataStart] in Data($0[8..<dataStart]) }
        guard let fields = try? JSONDecoder().decode([String: Field].self, from: header) else {
            throw WeightError.notSafetensors(path, "its header is not the JSON it should be")
        }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, field) in fields {
            switch field {
            case .metadata(let values): metadata = values
            case .tensor(let entry): entries[name] = entry
            }
        }
        self.entries = entries
        self.metadata = metadata
    }

    /// The tensor's values, widened to Float.
    ///
    /// - Throws: `WeightError` if it is missing, of another shape or type, cut off, or not finite.
    public func values(_ name: String, shape: [Int]) throws(WeightError) -> [Float] {
        guard let entry = entries[name] else { throw .missing(name) }
        guard entry.shape == shape else { throw .wrongShape(name, found: entry.shape, expected: shape) }
        let width: Int
        switch entry.dtype {
        case "F16": width = 2
        case "F32": width = 4
        default: throw .wrongType(name, entry.dtype)
        }
        let count = shape.reduce(1, *)
        let available = mapping.count - dataStart
        guard entry.offsets.count == 2, let from = entry.offsets.first, let to = entry.offsets.last,
            from >= 0, from <= to, to <= available, to - from == count * width
        else { throw .cutOff(name) }
        let values = mapping.withUnsafeBytes { bytes -> [Float] in
            let start = dataStart + from
            return (0..<count).map { i in
                width == 2
                    ? Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: start + 2 * i, as: UInt16.self)))
                    : bytes.loadUnaligned(fromByteOffset: start + 4 * i, as: Float.self)
            }
        }
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(name) }
        return values
    }
}
