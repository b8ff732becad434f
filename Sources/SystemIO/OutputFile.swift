// SPDX-License-Identifier: Apache-2.0

import Platform

/// A file that appears under its name only when it is complete.
///
/// It is written beside its target under another name and renamed by `commit()`; if that is never reached, nothing is
/// left behind and what was there before stays.
public struct OutputFile: ~Copyable {
    public let path: String
    /// Where the bytes are until `commit()`.
    public let temporaryPath: String
    private let descriptor: Int32
    private let replaces: Bool

    /// - Parameter replaces: whether a file of that name may be replaced (`--force`).
    /// - Throws: `SystemError` if the target can't be made, before anything is computed for it.
    public init(path: String, replaces: Bool) throws(SystemError) {
        let folder = Folder.above(path)
        guard FileKind(of: folder) == .folder else { throw .noSuchFolder(folder) }
        switch FileKind(of: path) {
        case .folder, .special: throw .notReplaceable(path)
        case .regular: guard replaces else { throw .fileExists(path) }
        case nil: break
        }
        let temporaryPath = "\(path).part-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let descriptor = Unfinished.add(temporaryPath) {
            let made = temporaryPath.withSystemPath { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
            return made >= 0 ? made : -errno
        }
        guard descriptor >= 0 else {
            Unfinished.forget(temporaryPath)
            throw .cannotCreate(path, errno: -descriptor)
        }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
        self.replaces = replaces
    }

    /// What is written here lands in the file, for as long as the file is open.
    public var sink: ByteSink { ByteSink(descriptor: descriptor, name: path) }

    public func write(_ bytes: [UInt8]) throws(SystemError) { try sink.write(bytes) }

    /// Replaces what was written at the very start, where a format keeps what is known only at the end.
    public func rewriteStart(_ bytes: [UInt8]) throws(SystemError) {
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw .cannotWrite(path, errno: errno) }
    }

    /// Gives the file its name.
    public consuming func commit() throws(SystemError) {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .cannotWrite(path, errno: errno) }
        if !replaces {
            // Unlike rename, link never replaces a file that has appeared meanwhile; some file systems have no links.
            guard onBothPaths(link) != 0 else { return }
            guard errno != EEXIST else { throw .fileExists(path) }
        }
        guard onBothPaths(rename) == 0 else { throw .cannotCreate(path, errno: errno) }
    }

    private func onBothPaths(_ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32) -> Int32 {
        temporaryPath.withSystemPath { from in path.withSystemPath { to in call(from, to) } }
    }

    deinit {
        close(descriptor)
        temporaryPath.withSystemPath { _ = unlink($0) }
        Unfinished.forget(temporaryPath)
    }
}
