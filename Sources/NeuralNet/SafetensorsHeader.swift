// SPDX-License-Identifier: Apache-2.0
import Platform
import SystemIO

/// The table of contents of a safetensors file: eight bytes of length (little-endian), as many bytes of JSON, then the
/// values of all tensors (https://github.com/huggingface/safetensors, "Format").
package struct SafetensorsHeader: Sendable {
    /// One tensor: how its values are stored, its shape, and the bytes it takes up, counted from the file's start.
    package struct Tensor: Sendable {
        package var type: ElementType
        package var shape: [Int]
        package var bytes: Range<Int>
    }

    package enum ElementType: String, Sendable {
        case int8 = "I8"
        case float16 = "F16"
        case float32 = "F32"

        package var size: Int {
            switch self {
            case .int8: 1
            case .float16: 2
            case .float32: 4
            }
        }
    }

    /// Why bytes are no header; one clause of a sentence.
    package struct Malformed: Error, Equatable {
        package var reason: String
    }

    package var tensors: [String: Tensor]
    package var metadata: [String: String]

    /// Reads the header of a file with these bytes. Every tensor it returns lies within them and has as many bytes as
    /// its shape asks for.
    package init(file: RawSpan) throws(Malformed) {
        let lengthSize = 8
        guard file.byteCount >= lengthSize else { throw Malformed(reason: "it ends within its first eight bytes") }
        let length = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= file.byteCount - lengthSize else {
            throw Malformed(reason: "its header of \(length) bytes goes past its end")
        }
        let dataStart = lengthSize + Int(length)
        let json = file.extracting(lengthSize..<dataStart).withUnsafeBytes { Data($0) }

        let contents: Contents
        do {
            contents = try JSONDecoder().decode(Contents.self, from: json)
        } catch let error as Malformed {
            throw error
        } catch {
            throw Malformed(reason: "its header is not a JSON table of tensors")
        }
        metadata = contents.metadata
        tensors = [:]
        for (name, entry) in contents.entries {
            tensors[name] = try entry.tensor(named: name, dataStart: dataStart, fileSize: file.byteCount)
        }
    }
}

/// The JSON of a header, before anything in it is believed.
private struct Contents: Decodable {
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var dataOffsets: [Int]  // first byte and the one after the last, counted from the end of the header

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        for key in container.allKeys {
            let name = key.stringValue
            if name == "__metadata__" {
                guard let metadata = try? container.decode([String: String].self, forKey: key) else {
                    throw SafetensorsHeader.Malformed(reason: "its __metadata__ is not a table of texts")
                }
                self.metadata = metadata
            } else {
                guard let entry = try? container.decode(Entry.self, forKey: key) else {
                    throw SafetensorsHeader.Malformed(
                        reason: "tensor \(name.debugDescription) is not described by dtype, shape and data_offsets")
                }
                entries[name] = entry
            }
        }
    }
}

extension Contents.Entry {
    func tensor(
        named name: String, dataStart: Int, fileSize: Int
    ) throws(SafetensorsHeader.Malformed) -> SafetensorsHeader.Tensor {
        func malformed(_ reason: String) -> SafetensorsHeader.Malformed {
            SafetensorsHeader.Malformed(reason: "tensor \(name.debugDescription) \(reason)")
        }
        guard let type = SafetensorsHeader.ElementType(rawValue: dtype) else {
            throw malformed("has type \(dtype), and only I8, F16 and F32 can be read")
        }
        guard shape.allSatisfy({ $0 > 0 }) else { throw malformed("has shape \(shape)") }
        guard dataOffsets.count == 2, let begin = dataOffsets.first, let end = dataOffsets.last,
            begin >= 0, begin <= end, end <= fileSize - dataStart
        else { throw malformed("has offsets \(dataOffsets) outside of the file") }

        // The largest count the file could hold stops the product before it overflows.
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= fileSize else { throw malformed("of shape \(shape) is larger than the file") }
            count = product
        }
        guard end - begin == count * type.size else {
            throw malformed("of shape \(shape) and type \(dtype) has \(end - begin) bytes, not \(count * type.size)")
        }
        return SafetensorsHeader.Tensor(type: type, shape: shape, bytes: dataStart + begin..<dataStart + end)
    }
}
