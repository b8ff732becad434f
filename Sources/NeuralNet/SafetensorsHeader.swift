// SPDX-License-Identifier: Apache-2.0

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
        let json: JSONValue
        do {
            json = try file.extracting(lengthSize..<dataStart).withUnsafeBytes { bytes throws(JSONValue.Malformed) in
                try JSONValue(bytes)
            }
        } catch {
            throw Malformed(reason: "its header is not a JSON table of tensors")
        }
        guard case .object(let entries) = json else {
            throw Malformed(reason: "its header is not a JSON table of tensors")
        }
        (metadata, tensors) = ([:], [:])
        tensors.reserveCapacity(entries.count)
        for (name, value) in entries {
            if name == "__metadata__" {
                guard let texts = value.texts else {
                    throw Malformed(reason: "its __metadata__ is not a table of texts")
                }
                metadata = texts
            } else {
                guard let entry = Entry(value) else {
                    throw Malformed(
                        reason: "tensor \(name.debugDescription) is not described by dtype, shape and data_offsets")
                }
                tensors[name] = try entry.tensor(named: name, dataStart: dataStart, fileSize: file.byteCount)
            }
        }
    }
}

extension JSONValue {
    /// Those of an object that has nothing else.
    fileprivate var texts: [String: String]? {
        guard case .object(let fields) = self else { return nil }
        var texts: [String: String] = [:]
        for (name, value) in fields {
            guard case .text(let text) = value else { return nil }
            texts[name] = text
        }
        return texts
    }

    /// Those of an array that has nothing else.
    fileprivate var wholes: [Int]? {
        guard case .array(let values) = self else { return nil }
        var wholes: [Int] = []
        for value in values {
            guard case .whole(let whole) = value else { return nil }
            wholes.append(whole)
        }
        return wholes
    }
}

/// What a header says of a tensor, before anything of it is believed.
private struct Entry {
    var dtype: String
    var shape: [Int]
    var dataOffsets: [Int]  // first byte and the one after the last, counted from the end of the header

    /// nil if it isn't described.
    init?(_ json: JSONValue) {
        guard case .object(let fields) = json else { return nil }
        var (dtype, shape, dataOffsets): (String?, [Int]?, [Int]?)
        for (name, value) in fields {
            switch name {
            case "dtype": if case .text(let text) = value { dtype = text }
            case "shape": shape = value.wholes
            case "data_offsets": dataOffsets = value.wholes
            default: break
            }
        }
        guard let dtype, let shape, let dataOffsets else { return nil }
        (self.dtype, self.shape, self.dataOffsets) = (dtype, shape, dataOffsets)
    }

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
