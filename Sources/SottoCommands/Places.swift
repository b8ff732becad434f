// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// Where inputs come from and where what is made of them goes; `-` is standard input or output.
enum Places {
    /// Each input with its output: the path given, or a file in it of the input's name if it is a folder.
    static func pair(
        _ inputs: [String], with output: String, ending: String
    ) throws(UsageError) -> [(input: String, output: String)] {
        guard output.hasSuffix("/") || FileKind(of: output) == .folder else {
            guard inputs.count == 1 else {
                throw UsageError("\(inputs.count) inputs need a folder to write into; \(output) is none")
            }
            return [(inputs[0], output)]
        }
        var taken: Set<String> = []
        var pairs: [(input: String, output: String)] = []
        for input in inputs {
            guard input != "-" else { throw UsageError("standard input needs a file to write to, not a folder") }
            let name = URL(filePath: input).deletingPathExtension().lastPathComponent
            let path = URL(filePath: output).appending(path: "\(name).\(ending)").relativePath
            guard taken.insert(path).inserted else { throw UsageError("two of the inputs would both become \(path)") }
            pairs.append((input, path))
        }
        return pairs
    }

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
    static func withSeekableInput(_ path: String, _ body: (String) throws -> Void) throws {
        guard path == "-" else { return try body(path) }
        let folder = try ScratchFolder()
        let copy = try OutputFile(path: folder.path(of: "input"), replaces: false)
        let sink = copy.sink
        try ByteSource.standardInput.forEachChunk { try sink.write($0) }
        try body(copy.temporaryPath)
    }
}
