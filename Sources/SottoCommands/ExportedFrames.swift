// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import TokenFile

/// Codes, or numbers of levels, as they are written for others to read.
struct ExportedFrames {
    /// Up to `columns` values each, nil for those that are lost.
    private let frames: [[UInt16]?]
    private let columns: Int
    private let areLevels: Bool
    /// The token file's name without its ending, and what is said.
    private let id: String
    private let text: String

    /// - Throws: `UsageError` if levels are asked for of a recording that tells none.
    init(_ recording: TokenRecording, levels: Bool, input: String) throws {
        guard !levels || recording.header.tellsLevels else {
            throw UsageError("\(input): this file tells no levels: its codes say how loud a speaker is")
        }
        areLevels = levels
        frames = levels ? recording.levels.map { $0.map { [UInt16($0)] } } : recording.frames
        columns = levels ? 1 : recording.header.counts.maxCodes
        let name = (input as NSString).lastPathComponent
        id = FileTree.ending(of: name) == "sotto" ? String(name.dropLast(6)) : name
        text = recording.texts.map(\.text).joined(separator: " ")
    }

    /// - Throws: `UsageError` if that can't be written so.
    func bytes(as format: Export.Format, codebooksFirst: Bool, output: String) throws -> [UInt8] {
        guard !codebooksFirst || format == .npy || format == .npz else {
            throw UsageError("\(output): --codebooks-first is for .npy and .npz; use such an ending")
        }
        guard !areLevels || format != .npz && format != .jsonl else {
            throw UsageError("\(output): levels are written as .npy, .json or .csv; use such an ending")
        }
        return switch format {
        case .npy: npy(codebooksFirst)
        case .npz: npz(codebooksFirst)
        case .json: Array((json(separator: ",\n") + "\n").utf8)
        case .jsonl: Array(line.utf8)
        case .csv: Array(csv.utf8)
        }
    }

    private func npy(_ codebooksFirst: Bool) -> [UInt8] {
        // In the other order of the axes, the same bytes are the array that is turned.
        let shape = codebooksFirst ? "(\(columns), \(frames.count))" : "(\(frames.count), \(columns))"
        var bytes = Self.npyHeader("<u2", isFortran: codebooksFirst, shape: shape)
        for frame in frames {
            let values = frame ?? []
            for value in values + [UInt16](repeating: .max, count: columns - values.count) {
                bytes += [UInt8(value & 255), UInt8(value >> 8)]
            }
        }
        return bytes
    }

    private func npz(_ codebooksFirst: Bool) -> [UInt8] {
        let counts = Self.npyHeader("|u1", isFortran: false, shape: "(\(frames.count),)")
        return ZipArchive.storing([
            ("codes.npy", npy(codebooksFirst)), ("counts.npy", counts + frames.map { UInt8($0?.count ?? 0) }),
        ])
    }

    /// NumPy's format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes. The array follows.
    private static func npyHeader(_ type: String, isFortran: Bool, shape: String) -> [UInt8] {
        var header = "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(shape), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        return NumPyArray.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header.utf8
    }

    private func json(separator: String) -> String {
        let rows = frames.map { frame in
            frame.map { "[\($0.map(String.init).joined(separator: ","))]" } ?? "null"
        }
        return "[\(rows.joined(separator: separator))]"
    }

    /// As scripts for training read it.
    private var line: String {
        let said = text.isEmpty ? "" : "\"text\":\(Self.quoted(text)),"
        return "{\"id\":\(Self.quoted(id)),\(said)\"codes\":\(json(separator: ","))}\n"
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    private var csv: String {
        frames.map { frame in
            let cells = (frame ?? []).map(String.init)
            let empty = [String](repeating: "", count: columns - cells.count)
            return (cells + empty).joined(separator: ",") + "\n"
        }.joined()
    }
}
