// SPDX-License-Identifier: Apache-2.0

import CKernels
import SystemIO

/// A safetensors file, on disk or in memory, whose table of contents has been checked against its size.
public struct SafetensorsFile: Sendable {
    /// Where it was opened, or what errors call it if it lies in memory.
    public let path: String

    /// Free text stored with the tensors (`__metadata__`).
    public var metadata: [String: String] { header.metadata }

    /// The names of all tensors, sorted.
    public var names: [String] { header.tensors.keys.sorted() }

    /// The shape of a tensor, nil if there is none of that name.
    public func shape(of name: String) -> [Int]? { header.tensors[name]?.shape }

    private let source: ByteSource
    private let header: SafetensorsHeader

    /// Throws `SystemError` when the file cannot be read, `WeightsError.malformed` when it is something else.
    public init(path: String) throws {
        try self.init(.file(FileMapping(path: path)), name: path)
    }

    /// The file that these bytes are, which are not copied: they must stay as and where they are as long as this value or a copy
    /// of it is in use.
    ///
    /// - Parameter name: what errors call it.
    package init(borrowing bytes: UnsafeRawBufferPointer, name: String) throws(WeightsError) {
        try self.init(.lent(bytes), name: name)
    }

    private init(_ source: ByteSource, name: String) throws(WeightsError) {
        (self.source, path) = (source, name)
        do {
            header = try source.withBytes { bytes throws(SafetensorsHeader.Malformed) in
                try SafetensorsHeader(file: bytes)
            }
        } catch {
            throw .malformed(file: name, reason: error.reason)
        }
    }

    /// The file that these bytes are, which stay as and where they are as long as the program runs.
    package init(constant bytes: UnsafeRawBufferPointer, name: String) throws(WeightsError) {
        try self.init(.constant(bytes), name: name)
    }

    /// How the values of a tensor are stored, nil if there is none of that name.
    func type(of name: String) -> SafetensorsHeader.ElementType? { header.tensors[name]?.type }

    /// The bytes of a tensor, in place if they stay there.
    func bytes(_ name: String, shape: [Int]) throws(WeightsError) -> KeptBytes {
        source.kept(try entry(name, shape: shape).bytes)
    }

    /// The values of a tensor, row-major, as they are stored; nil if that isn't as halves.
    func halves(_ name: String, shape: [Int]) throws(WeightsError) -> [UInt16]? {
        let tensor = try entry(name, shape: shape)
        guard tensor.type == .float16 else { return nil }
        return source.withBytes { file in
            file.extracting(tensor.bytes).withUnsafeBytes { bytes in
                [UInt16](unsafeUninitializedCapacity: bytes.count / 2) { buffer, count in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                    count = bytes.count / 2
                    for i in 0..<count { buffer[i] = UInt16(littleEndian: buffer[i]) }
                }
            }
        }
    }

    private func entry(_ name: String, shape: [Int]) throws(WeightsError) -> SafetensorsHeader.Tensor {
        guard let tensor = header.tensors[name] else { throw .missing(file: path, tensor: name) }
        guard tensor.shape == shape else {
            throw .wrongShape(file: path, tensor: name, expected: shape, found: tensor.shape)
        }
        return tensor
    }

    /// The values of a tensor, row-major, widened to single precision; integers have none without their scales.
    public func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> [Float] {
        let tensor = try entry(name, shape: shape)
        guard tensor.type != .int8 else {
            throw .malformed(
                file: path, reason: "tensor \(name.debugDescription) holds integers, which only products have")
        }
        let values = source.withBytes { file in
            file.extracting(tensor.bytes).withUnsafeBytes { floats($0, stored: tensor.type) }
        }
        guard sotto_largest_magnitude(values, values.count).isFinite else { throw .notFinite(file: path, tensor: name) }
        return values
    }

    /// Lends the bytes of a tensor, as they are stored; none if there is none of that name.
    func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        source.withBytes { $0.extracting(header.tensors[name]?.bytes ?? 0..<0).withUnsafeBytes(body) }
    }
}

private func floats(_ bytes: UnsafeRawBufferPointer, stored type: SafetensorsHeader.ElementType) -> [Float] {
    // A tensor may begin at any byte of the file, hence unaligned.
    let count = bytes.count / type.size
    return switch type {
    case .int8:
        bytes.map { Float(Int8(bitPattern: $0)) }
    case .float32:
        (0..<count).map {
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
    case .float16:
        [Float](unsafeUninitializedCapacity: count) { values, initialized in
            sotto_widen_halves(bytes.baseAddress, count, values.baseAddress)
            initialized = count
        }
    }
}
