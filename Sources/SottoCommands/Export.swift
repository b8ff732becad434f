// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import SystemIO
import TokenFile

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the codes as an array of [frames, codebooks].",
        discussion: """
            By the output's ending: .npy (NumPy, unsigned 16-bit), .json (a list of lists) or .csv (a line a frame). \
            Codes of lost frames are 65535 in .npy, null in .json and empty in .csv; so are, save in .json, those that frames of \
            fewer codes don't have.
            """)

    @Argument(help: ArgumentHelp("The token file.", valueName: "tokens"))
    var input: String
    @OptionGroup var output: OutputOptions

    static let endings: Set<String> = ["npy", "json", "csv"]

    func run() throws {
        try Places.protect([input], from: [output.output])
        try Message.endInOrderOnSignals()
        let recording = try InputFailure.naming(input) { try TokenFileReader.read(Places.readAll(input)) }
        let bytes: [UInt8]
        switch URL(filePath: output.output).pathExtension.lowercased() {
        case "npy": bytes = Self.npy(recording)
        case "json": bytes = Array(Self.json(recording).utf8)
        case "csv": bytes = Array(Self.csv(recording).utf8)
        default: throw UsageError("\(output.output): codes are written as .npy, .json or .csv; use such an ending")
        }
        for warning in recording.warnings { Message.warning("\(input): \(warning)") }
        let file = try OutputFile(path: output.output, replaces: output.force)
        try file.write(bytes)
        try file.commit()
    }

    /// NumPy's format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, the array.
    static func npy(_ recording: TokenRecording) -> [UInt8] {
        let codebooks = recording.header.counts.most
        let shape = "(\(recording.frames.count), \(codebooks))"
        var header = "{'descr': '<u2', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
        bytes += header.utf8
        for frame in recording.frames {
            let codes = frame ?? []
            for code in codes + [UInt16](repeating: .max, count: codebooks - codes.count) {
                bytes += [UInt8(code & 255), UInt8(code >> 8)]
            }
        }
        return bytes
    }

    static func json(_ recording: TokenRecording) -> String {
        let rows = recording.frames.map { frame in
            frame.map { "[\($0.map(String.init).joined(separator: ","))]" } ?? "null"
        }
        return "[\(rows.joined(separator: ",\n"))]\n"
    }

    static func csv(_ recording: TokenRecording) -> String {
        recording.frames.map { frame in
            let cells = (frame ?? []).map(String.init)
            let empty = [String](repeating: "", count: recording.header.counts.most - cells.count)
            return (cells + empty).joined(separator: ",") + "\n"
        }.joined()
    }
}
