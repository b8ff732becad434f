// SPDX-License-Identifier: Apache-2.0

import Platform

/// A whole file mapped read-only into memory: opening costs no copy, and pages are read when first touched.
///
/// The file must not shrink while it is mapped: the kernel answers a read past the new end with SIGBUS. Replacing it
/// by a rename, as every writer here does, is safe.
public final class FileMapping: Sendable {
    // A pointer is not Sendable because it could be written through or freed elsewhere; nothing here does either.
    nonisolated(unsafe) private let bytes: UnsafeRawBufferPointer

    /// Length of the file in bytes.
    public var count: Int { bytes.count }

    /// - Throws: `SystemError` if the file is missing, is no regular file, or can't be read.
    public init(path: String) throws(SystemError) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let descriptor = path.withSystemPath { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw errno == ENOENT ? .noSuchFile(path) : .cannotOpen(path, errno: errno) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path, errno: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile(path) }
        guard status.st_size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)  // mmap refuses an empty range.
            return
        }
        let size = Int(status.st_size)
        let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard start != MAP_FAILED else { throw .cannotRead(path, errno: errno) }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }

    /// Lends the bytes of the file to `body`.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(RawSpan(_unsafeBytes: bytes))
    }

    /// A copy of all bytes.
    public var contents: [UInt8] { Array(bytes) }
}
