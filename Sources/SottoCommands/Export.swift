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
            fewer codes don't have. Of folders, all .sotto files in them are taken. With --levels, what is written is the number \
            of the speaker's level in each frame, as an array of [frames, 1], for models that tell it apart from the codes.
            """)

    @Argument(help: ArgumentHelp("The token files, or folders of them.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @Option(help: "What to write into a folder.")
    var format = Format.npy
    @Flag(help: "Write the numbers of the speaker's levels, not the codes.")
    var levels = false
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
            guard !levels || recording.header.tellsLevels else {
                throw UsageError("\(job.input): this file tells no levels: its codes say how loud a speaker is")
            }
            let bytes =
                levels
                ? format.bytes(recording.levels.map { $0.map { [UInt16($0)] } }, columns: 1)
                : format.bytes(recording.frames, columns: recording.header.counts.maxCodes)
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
    /// - Parameters:
    ///   - frames: up to so many values each, nil for those that are lost.
    ///   - columns: of the array.
    func bytes(_ frames: [[UInt16]?], columns: Int) -> [UInt8] {
        switch self {
        case .npy: Self.npy(frames, columns: columns)
        case .json: Array(Self.json(frames).utf8)
        case .csv: Array(Self.csv(frames, columns: columns).utf8)
        }
    }

    /// NumPy's format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, the array.
    private static func npy(_ frames: [[UInt16]?], columns: Int) -> [UInt8] {
        let shape = "(\(frames.count), \(columns))"
        var header = "{'descr': '<u2', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
        bytes += header.utf8
        for frame in frames {
            let values = frame ?? []
            for code in values + [UInt16](repeating: .max, count: columns - values.count) {
                bytes += [UInt8(code & 255), UInt8(code >> 8)]
            }
        }
        return bytes
    }

    private static func json(_ frames: [[UInt16]?]) -> String {
        let rows = frames.map { frame in
            frame.map { "[\($0.map(String.init).joined(separator: ","))]" } ?? "null"
        }
        return "[\(rows.joined(separator: ",\n"))]\n"
    }

    private static func csv(_ frames: [[UInt16]?], columns: Int) -> String {
        frames.map { frame in
            let cells = (frame ?? []).map(String.init)
            let empty = [String](repeating: "", count: columns - cells.count)
            return (cells + empty).joined(separator: ",") + "\n"
        }.joined()
    }
}
