// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Runs the built `sotto` as a user would.
struct Tool {
    struct Result {
        var status: Int32
        var output: Data
        var message: String

        /// What is said on standard error, without warnings.
        var errors: [Substring] { message.split(separator: "\n").filter { !$0.contains("warning:") } }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The products lie beside the test bundle.
    static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "sotto")

    static func sample(_ name: String) -> String { root.appending(path: "Samples/\(name)").path(percentEncoded: false) }

    static func run(_ arguments: String..., input: Data = Data(), in folder: URL? = nil) throws -> Result {
        try run(binary, arguments, input: input, in: folder)
    }

    /// What `sotto inspect` tells of an undamaged token file.
    static func inspect(_ tokens: String) throws -> [String: Any] {
        let result = try run("inspect", tokens, "--json", "--verify")
        #expect(result.status == 0)
        return try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    }

    static func run(_ binary: URL, _ arguments: [String], input: Data = Data(), in folder: URL? = nil) throws -> Result
    {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.currentDirectoryURL = folder
        // Files, not pipes: neither side can then wait for the other.
        let place = FileManager.default.temporaryDirectory
        let names = (0..<3).map { _ in place.appending(path: "sotto-\(UUID().uuidString)") }
        defer { for name in names { try? FileManager.default.removeItem(at: name) } }
        try input.write(to: names[0])
        for name in names[1...] { try Data().write(to: name) }
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try Data(contentsOf: names[1]),
            message: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
    }
}

/// A WAV file of 16-bit mono samples.
func wav(_ samples: [Int16], rate: UInt32 = 16000) -> Data {
    func bytes(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
    let size = UInt32(samples.count * 2)
    return Data("RIFF".utf8) + bytes(36 + size) + Data("WAVEfmt ".utf8) + bytes(UInt32(16)) + bytes(UInt16(1))
        + bytes(UInt16(1)) + bytes(rate) + bytes(rate * 2) + bytes(UInt16(2)) + bytes(UInt16(16)) + Data("data".utf8)
        + bytes(size) + samples.reduce(into: Data()) { $0 += bytes($1) }
}

/// The samples of such a file, whose header is 44 bytes.
func samples(_ wav: Data) -> [Int16] {
    let body = [UInt8](wav.dropFirst(44))
    return stride(from: 0, to: body.count - 1, by: 2).map {
        Int16(bitPattern: UInt16(body[$0]) | UInt16(body[$0 + 1]) << 8)
    }
}

/// The numbers of each line of a CSV file.
func numbers(_ csv: Data) -> [[Int]] {
    String(decoding: csv, as: UTF8.self).split(separator: "\n").map { line in
        line.split(separator: ",").compactMap { Int($0) }
    }
}
