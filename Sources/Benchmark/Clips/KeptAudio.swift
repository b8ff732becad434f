// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// What was decoded, left as files for programs that judge pairs of files: audio/SYSTEM/CLIP.flac in the report's
/// folder, 16 kHz mono, each in step with audio/original/CLIP.flac and of its length.
public struct KeptAudio: Sendable {
    /// The folder of the references, which no system can be called.
    public static let original = "original"

    private let folder: URL

    /// - Throws: `SystemError` if the folders can't be made.
    public init(report: String, systems: [String]) throws {
        folder = URL(filePath: report).appending(path: "audio")
        for name in [Self.original] + systems {
            try Folder.create(folder.appending(path: name).path(percentEncoded: false))
        }
    }

    func write(_ samples: [Float], of clip: Clip, by system: String) throws {
        let path = folder.appending(path: "\(system)/\(clip.id).flac").path(percentEncoded: false)
        try Audio.write(samples, to: path, sampleRate: Audio.rate)
    }

    /// Whether the recording itself is there, and what a system made of it.
    func holds(_ clip: Clip, by system: String) -> Bool {
        [Self.original, system].allSatisfy { name in
            let file = folder.appending(path: "\(name)/\(clip.id).flac")
            return FileKind(of: file.path(percentEncoded: false)) == .regular
        }
    }

    /// Writes pairs.tsv into the report's folder: all pairs below their columns' names, paths relative to the folder.
    public func writePairs(_ results: [ClipResult], systems: [String]) throws {
        let rows = results.flatMap { result in
            systems.filter { result.systems[$0].map { $0.failure == nil } ?? false }.map { name in
                let clip = result.clip
                return [
                    "audio/\(Self.original)/\(clip.id).flac", "audio/\(name)/\(clip.id).flac", clip.text ?? "", name,
                    clip.speaker ?? "",
                ]
            }
        }
        let lines = ([["ref", "deg", "text", "system", "speaker"]] + rows).map { $0.joined(separator: "\t") + "\n" }
        let path = folder.deletingLastPathComponent().appending(path: "pairs.tsv").path(percentEncoded: false)
        // Like the audio, it belongs to the run and is made again with it.
        let output = try OutputFile(path: path, replaces: true)
        try output.write(Array(lines.joined().utf8))
        try output.commit()
    }
}
