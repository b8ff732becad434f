// SPDX-License-Identifier: Apache-2.0
import SystemIO

/// Where the bytes of a file of tensors lie.
enum ByteSource: @unchecked Sendable {
    case file(FileMapping)
    // A pointer is not Sendable because it could be written through or freed elsewhere; whoever lends these bytes does neither.
    case lent(UnsafeRawBufferPointer)
    /// As long as the program runs.
    case constant(UnsafeRawBufferPointer)
    case copy(AlignedBytes)

    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch self {
        case .file(let mapping): try mapping.withBytes(body)
        case .lent(let bytes), .constant(let bytes): try body(RawSpan(_unsafeBytes: bytes))
        case .copy(let bytes): try body(RawSpan(_unsafeBytes: bytes.buffer))
        }
    }

    /// Some of the bytes for later: in place if they stay there, else copied.
    func kept(_ range: Range<Int>) -> KeptBytes {
        guard case .lent(let bytes) = self else { return KeptBytes(source: self, range: range) }
        return KeptBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
}

/// Bytes that stay where they are for as long as this value is in use.
struct KeptBytes: Sendable {
    fileprivate let source: ByteSource
    fileprivate let range: Range<Int>

    fileprivate init(source: ByteSource, range: Range<Int>) { (self.source, self.range) = (source, range) }

    init(copying bytes: UnsafeRawBufferPointer) {
        self.init(source: .copy(AlignedBytes(bytes)), range: 0..<bytes.count)
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        source.withBytes { $0.extracting(range).withUnsafeBytes(body) }
    }
}

/// A copy of bytes that begins where a line of a processor's cache does.
final class AlignedBytes: Sendable {
    // Nothing writes to it once it is made.
    nonisolated(unsafe) let buffer: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        copy.copyMemory(from: bytes)
        buffer = UnsafeRawBufferPointer(copy)
    }

    deinit { buffer.deallocate() }
}
