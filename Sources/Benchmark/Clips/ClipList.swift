// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import SystemIO

/// Which recordings to measure.
public enum ClipList {
    /// The recordings of a folder, or those that a TSV names.
    ///
    /// A TSV starts with the names of its columns: `path`, or `id` for ID.flac or ID.wav beside it or in a folder
    /// beside it that is called like it; then any of `text`, `speaker`, `part` and `corpus` (the same as `part`).
    public static func read(_ path: String) throws -> [Clip] {
        let clips = FileKind(of: path) == .folder ? try folder(path) : try manifest(path)
        guard !clips.isEmpty else { throw BenchmarkError("\(path) names no recordings", kind: .missingInput) }
        guard Set(clips.map(\.id)).count == clips.count else {
            throw BenchmarkError("two recordings of \(path) have one name; rename one")
        }
        return clips
    }

    private static func folder(_ path: String) throws -> [Clip] {
        try Folder.names(in: path).compactMap { name in
            let url = URL(filePath: path).appending(path: name)
            guard audioEndings.contains(url.pathExtension.lowercased()) else { return nil }
            return Clip(id: url.deletingPathExtension().lastPathComponent, path: url.path(percentEncoded: false))
        }
    }

    private static func manifest(_ path: String) throws -> [Clip] {
        let lines = try PlainText.decode(FileMapping(path: path).contents, name: path)
            .split(whereSeparator: \.isNewline)
        let columns = (lines.first ?? "").split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard columns.contains("path") || columns.contains("id") else {
            throw BenchmarkError("the first line of \(path) names no column path or id, parted by tabs")
        }
        let folder = URL(filePath: path).deletingLastPathComponent()
        return try lines.dropFirst().enumerated().map { number, line in
            let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let row = Dictionary(zip(columns, words)) { first, _ in first }
            guard let name = row["path"] ?? row["id"], !name.isEmpty else {
                throw BenchmarkError("line \(number + 2) of \(path) names no recording")
            }
            let places =
                row["path"] != nil
                ? [name]
                : [URL(filePath: path).deletingPathExtension().lastPathComponent + "/", ""].flatMap { place in
                    ["flac", "wav"].map { "\(place)\(name).\($0)" }
                }
            let paths = places.map { URL(filePath: $0, relativeTo: folder).path(percentEncoded: false) }
            let found = paths.first { FileKind(of: $0) == .regular } ?? paths[0]
            let id = row["id"] ?? URL(filePath: name).deletingPathExtension().lastPathComponent
            return Clip(
                id: id.replacingOccurrences(of: "/", with: "_"), path: found,
                text: row["text"].flatMap { $0.isEmpty ? nil : $0 },
                speaker: row["speaker"], part: row["part"] ?? row["corpus"])
        }
    }
}
