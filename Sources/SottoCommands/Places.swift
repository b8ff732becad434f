// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// Where inputs come from and where what is made of them goes; `-` is standard input or output.
enum Places {
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
    static func readAll(_ path: String) throws -> [UInt8] {
        guard path == "-" else { return try FileMapping(path: path).contents }
        var bytes: [UInt8] = []
        try ByteSource.standardInput.forEachChunk { bytes += $0 }
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
