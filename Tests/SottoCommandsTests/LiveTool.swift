// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A `sotto` that runs while the test feeds it and listens to it.
final class LiveTool {
    struct Silence: Error {}

    let process = Process()
    private let (input, output, errors) = (Pipe(), Pipe(), Pipe())

    convenience init(
        _ arguments: String..., binary: URL = Tool.binary, environment: [String: String] = [:]
    ) throws {
        try self.init(arguments, binary: binary, environment: environment)
    }

    init(_ arguments: [String], binary: URL = Tool.binary, environment: [String: String] = [:]) throws {
        // Writing to a tool that has gone is an error to look at; a tool started in the background hears SIGINT too.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGINT, SIG_DFL)
        // A tool that inherits another's pipes would keep them open.
        for end in [input, output, errors].flatMap({ [$0.fileHandleForReading, $0.fileHandleForWriting] }) {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.executableURL = binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    func send(_ bytes: Data) throws { try input.fileHandleForWriting.write(contentsOf: bytes) }

    func endInput() throws { try input.fileHandleForWriting.close() }

    func closeOutput() throws { try output.fileHandleForReading.close() }

    /// The next `count` bytes of its output, or all up to its end if that comes first.
    ///
    /// - Throws: `Silence` if a minute goes by without any.
    func read(_ count: Int = .max) throws -> Data {
        let descriptor = output.fileHandleForReading.fileDescriptor
        var all = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while all.count < count {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 60_000) != 0 else { throw Silence() }
            let got = Foundation.read(descriptor, &buffer, min(buffer.count, count - all.count))
            guard got > 0 else { break }
            all.append(contentsOf: buffer[..<got])
        }
        return all
    }

    /// The next lines that it says on standard error.
    ///
    /// - Throws: `Silence` if a minute goes by without any.
    func readError(lines count: Int) throws -> String {
        let descriptor = errors.fileHandleForReading.fileDescriptor
        var (all, byte): ([UInt8], UInt8) = ([], 0)
        while all.count(where: { $0 == 10 }) < count {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 60_000) != 0 else { throw Silence() }
            guard Foundation.read(descriptor, &byte, 1) == 1 else { break }
            all.append(byte)
        }
        return String(decoding: all, as: UTF8.self)
    }

    func finish() -> (status: Int32, message: String) {
        process.waitUntilExit()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        let status = process.terminationStatus
        return (process.terminationReason == .exit ? status : -status, String(decoding: said, as: UTF8.self))
    }
}
