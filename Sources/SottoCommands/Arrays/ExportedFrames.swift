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
    /// The numbers of the levels beside the codes; nil if the file tells none.
    private let levels: [UInt8?]?
    /// How many codes a codebook has.
    private let codes: Int
    /// The token file's name without its ending, and what is said.
    private let id: String
    private let text: String

    /// - Throws: `UsageError` if levels are asked for of a recording that tells none.
    init(_ recording: TokenRecording, levels: Bool, input: String) throws {
        guard !levels || recording.header.tellsLevels else {
            throw UsageError("\(input): this file tells no levels: its codes say how loud a speaker is")
        }
        areLevels = levels
        self.levels = recording.header.tellsLevels ? recording.levels : nil
        codes = 1 << recording.header.bitsPerCode
        frames = levels ? recording.levels.map { $0.map { [UInt16($0)] } } : recording.frames
        columns = levels ? 1 : recording.header.counts.maxCodes
        id = Self.id(of: input)
        text = recording.texts.map(\.text).joined(separator: " ")
    }

    /// What a recording is called in arrays: its token file's name without the ending.
    static func id(of input: String) -> String {
        let name = (input as NSString).lastPathComponent
        return FileTree.ending(of: name) == "sotto" ? String(name.dropLast(6)) : name
    }

    /// - Parameter flat: as one stream of tokens, not as frames.
    /// - Throws: `UsageError` if that can't be written so, `CodeArrayError` if a stream has no place for what there is.
    func bytes(as format: Export.Format, codebooksFirst: Bool, flat: Bool, output: String) throws -> [UInt8] {
        guard !flat || !areLevels && !codebooksFirst else {
            throw UsageError("a stream of tokens has no levels and no axes; leave --levels and --codebooks-first out")
        }
        guard !flat || format == .npy || format == .json else {
            throw UsageError("\(output): a stream of tokens is written as .npy or .json; use such an ending")
        }
        if flat { return try stream(as: format) }
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
        let shape = codebooksFirst ? [columns, frames.count] : [frames.count, columns]
        var bytes = NumPyHeader.bytes("<u2", isFortran: codebooksFirst, shape: shape)
        for frame in frames {
            let values = frame ?? []
            for value in values + [UInt16](repeating: .max, count: columns - values.count) {
                bytes += [UInt8(value & 255), UInt8(value >> 8)]
            }
        }
        return bytes
    }

    private func npz(_ codebooksFirst: Bool) -> [UInt8] {
        let header = NumPyHeader.bytes("|u1", shape: [frames.count])
        var arrays = [
            ("codes.npy", npy(codebooksFirst)), ("counts.npy", header + frames.map { UInt8($0?.count ?? 0) }),
        ]
        if let levels { arrays.append(("levels.npy", header + levels.map { $0 ?? UInt8.max })) }
        return ZipArchive.storing(arrays)
    }

    private func stream(as format: Export.Format) throws(CodeArrayError) -> [UInt8] {
        let tokens = try FlatTokens.tokens(of: frames, size: codes)
        guard format == .npy else {
            return Array("[\(tokens.map(String.init).joined(separator: ","))]\n".utf8)
        }
        var bytes = NumPyHeader.bytes("<u4", shape: [tokens.count])
        for token in tokens { for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: token >> shift)) } }
        return bytes
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
        let levels = levels.map { levels in
            "\"levels\":[\(levels.map { $0.map(String.init) ?? "null" }.joined(separator: ","))],"
        }
        return "{\"id\":\(Self.quoted(id)),\(said)\(levels ?? "")\"codes\":\(json(separator: ","))}\n"
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
