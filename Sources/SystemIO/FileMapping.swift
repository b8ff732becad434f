// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file's bytes, mapped into memory read-only for as long as this lives.
public final class FileMapping: Sendable {
    public let count: Int
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer?

    /// - Throws: `SystemError` if the file is missing, a folder, or can't be opened.
    public init(path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .noSuchFile(path) : .cannotOpen(path, errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path, errno: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory(path) }
        count = Int(status.st_size)
        guard count > 0 else {
            base = nil
            return
        }
        let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else { throw .cannotOpen(path, errno: errno) }
        base = mapped
    }

    deinit {
        if let base { munmap(base, count) }
    }

    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}
