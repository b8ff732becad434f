// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// Where inputs come from and where what is made of them goes; `-` is standard input or output.
enum InputOutput {
    /// - Throws: `SystemError.isInput` if any output is one of the inputs, under whatever name.
    static func protect(_ inputs: [String?], from outputs: [String]) throws(SystemError) {
        let taken = Set(inputs.compactMap { $0 }.compactMap { identity(of: $0, descriptor: 0) })
        for output in outputs {
            if let own = identity(of: output, descriptor: 1), taken.contains(own) {
                throw .isInput(output == "-" ? "standard output" : output)
            }
        }
    }

    private static func identity(of place: String, descriptor: Int32) -> FileIdentity? {
        place == "-" ? FileIdentity(ofDescriptor: descriptor) : FileIdentity(of: place)
    }

    /// Everything that a file, or standard input, holds.
    ///
    /// - Throws: `TooMuchInput` if that is more than `limit` bytes, which then aren't read.
    static func readAll(_ path: String, atMost limit: Int = .max) throws -> [UInt8] {
        guard path == "-" else {
            let file = try FileMapping(path: path)
            guard file.count <= limit else { throw TooMuchInput(name: path, limit: limit) }
            return file.contents
        }
        var bytes: [UInt8] = []
        try ByteSource.standardInput.forEachChunk {
            bytes += $0
            guard bytes.count <= limit else { throw TooMuchInput(name: "standard input", limit: limit) }
        }
        return bytes
    }

    /// Runs `body` on a file's path; standard input is first written to a temporary file, for formats that must seek.
    static func withSeekableInput<Value>(_ path: String, _ body: (String) throws -> Value) throws -> Value {
        guard path == "-" else { return try body(path) }
        let folder = try ScratchFolder()
        let copy = try OutputFile(path: folder.path(of: "input"), replaces: false)
        let sink = copy.sink
        try ByteSource.standardInput.forEachChunk { try sink.write($0) }
        return try body(copy.temporaryPath)
    }
}

struct TooMuchInput: UserFacingError {
    var name: String
    var limit: Int

    var kind: FailureKind { .badData }
    var description: String { "\(name) holds more than the \(limit) bytes that it may" }
}
