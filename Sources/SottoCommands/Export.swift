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
            fewer codes don't have. Of folders, all .sotto files in them are taken.
            """)

    @Argument(help: ArgumentHelp("The token files, or folders of them.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @Option(help: "What to write into a folder.")
    var format = Format.npy
    @OptionGroup var jobs: JobOptions

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case npy, json, csv
    }

    static let endings = Set(Format.allCases.map(\.rawValue))

    func run() throws {
        let batch = try Batch(inputs, reading: ["sotto"], into: output, ending: format.rawValue, jobs)
        try InputOutput.protect(batch.jobs.map(\.input), from: batch.jobs.map(\.output))
        try Message.endInOrderOnSignals()
        try batch.run("export") { job, advance in
            let recording = try TokenFileReader.read(InputOutput.readAll(job.input))
            guard let format = Format(rawValue: FileTree.ending(of: job.output)) else {
                throw UsageError("\(job.output): codes are written as .npy, .json or .csv; use such an ending")
            }
            let bytes = format.bytes(recording)
            for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
            advance(1, recording.seconds)
            if output.resume, let there = try? FileMapping(path: job.output).contents, there == bytes { return }
            let file = try output.file(job.output, in: batch)
            try file.write(bytes)
            try file.commit()
        }
    }
}

extension Export.Format {
    func bytes(_ recording: TokenRecording) -> [UInt8] {
        switch self {
        case .npy: Self.npy(recording)
        case .json: Array(Self.json(recording).utf8)
        case .csv: Array(Self.csv(recording).utf8)
        }
    }

    /// NumPy's format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, the array.
    private static func npy(_ recording: TokenRecording) -> [UInt8] {
        let codebooks = recording.header.counts.maxCodes
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

    private static func json(_ recording: TokenRecording) -> String {
        let rows = recording.frames.map { frame in
            frame.map { "[\($0.map(String.init).joined(separator: ","))]" } ?? "null"
        }
        return "[\(rows.joined(separator: ",\n"))]\n"
    }

    private static func csv(_ recording: TokenRecording) -> String {
        recording.frames.map { frame in
            let cells = (frame ?? []).map(String.init)
            let empty = [String](repeating: "", count: recording.header.counts.maxCodes - cells.count)
            return (cells + empty).joined(separator: ",") + "\n"
        }.joined()
    }
}
