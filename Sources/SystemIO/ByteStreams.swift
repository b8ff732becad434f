// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Bytes as they come from a file descriptor: a pipe, a terminal, a file.
public struct ByteSource: Sendable {
    private let descriptor: Int32
    private let name: String

    public static var standardInput: ByteSource { ByteSource(descriptor: 0, name: "standard input") }

    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Waits until there is something and returns at most `limit` bytes of it; empty at the end.
    public func read(upTo limit: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = Foundation.read(descriptor, &bytes, limit)
            if count >= 0 {
                bytes.removeLast(limit - count)
                return bytes
            }
            guard errno == EINTR else { throw .cannotRead(name, errno: errno) }
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
                Foundation.write(descriptor, all.baseAddress.map { $0 + done }, all.count - done)
            }
            if count >= 0 {
                done += count
            } else if errno == EPIPE {
                throw .brokenPipe
            } else if errno != EINTR {
                throw .cannotWrite(name, errno: errno)
            }
        }
    }

    /// Makes a write to a closed pipe an error instead of the end of the process.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
