// SPDX-License-Identifier: Apache-2.0

import Platform

/// Bytes as they come from a file descriptor: a pipe, a terminal, a file.
public struct ByteSource: Sendable {
    private let descriptor: Int32
    private let name: String

    /// What messages call it.
    public static let standardInputName = "standard input"

    public static var standardInput: ByteSource { ByteSource(descriptor: 0, name: standardInputName) }

    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// A descriptor that someone else has opened.
    ///
    /// - Throws: `SystemError` if it isn't open.
    public init(open descriptor: Int32, name: String) throws(SystemError) {
        guard fcntl(descriptor, F_GETFD) >= 0 else { throw .cannotOpen(name, errno: errno) }
        self.init(descriptor: descriptor, name: name)
    }

    /// A file, or a pipe that need not have a writer yet; it stays open as long as the process lives.
    public init(path: String) throws(SystemError) {
        switch FileKind(of: path) {
        case nil: throw .noSuchFile(path)
        case .folder: throw .isDirectory(path)
        default: break
        }
        let descriptor = path.withSystemPath { Platform.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .cannotOpen(path, errno: errno) }
        self.init(descriptor: descriptor, name: path)
    }

    /// What is there now, at most 64 KiB: empty if nothing has come yet, nil at the end.
    public func readAvailable() throws(SystemError) -> [UInt8]? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return [] }
        let bytes = try read()
        return bytes.isEmpty ? nil : bytes
    }

    /// Hands on what comes, as soon as it is there, in pieces of at most 64 KiB, until the end.
    ///
    /// - Parameter interruption: ends the input early: what has already arrived, one piece more at most, is handed on.
    /// - Returns: the number of the signal that ended the input, nil if it ended by itself.
    @discardableResult
    public func forEachChunk(
        until interruption: Interruption? = nil, _ body: ([UInt8]) throws -> Void
    ) throws -> Int32? {
        while true {
            if case .signal(let number, let hasInput) = interruption?.wait(for: descriptor) {
                if hasInput, case let bytes = try read(), !bytes.isEmpty { try body(bytes) }
                return number
            }
            let bytes = try read()
            guard !bytes.isEmpty else { return nil }
            try body(bytes)
        }
    }

    /// Waits until there is something and returns it; empty at the end.
    private func read() throws(SystemError) -> [UInt8] {
        let limit = 1 << 16  // what a pipe holds
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let got = Platform.read(descriptor, buffer.baseAddress, limit)
                (count, failure) = got >= 0 ? (got, 0) : (0, errno)
            }
            switch failure {
            case 0: return bytes
            case EINTR: continue
            case EAGAIN:
                // Someone who shares the descriptor made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&waiting, 1, -1)
            default: throw .cannotRead(name, errno: failure)
            }
        }
    }
}

/// Bytes out through a file descriptor, all of them or an error.
public struct ByteSink: Sendable {
    private let descriptor: Int32
    private let name: String

    public static var standardOutput: ByteSink { ByteSink(descriptor: 1, name: "standard output") }

    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    public func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Platform.write(descriptor, all.baseAddress.map { $0 + done }, all.count - done)
            }
            if count >= 0 {
                done += count
            } else if errno == EPIPE {
                throw .brokenPipe
            } else if errno == EAGAIN {
                // Someone who shares the descriptor made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw .cannotWrite(name, errno: errno)
            }
        }
    }

    /// Makes a write to a closed pipe an error instead of the end of the process.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
