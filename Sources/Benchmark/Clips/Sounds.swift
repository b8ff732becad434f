// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// Recordings and what was decoded of them, as the page plays them: sounds/SYSTEM/CLIP.js in the report's folder, each a call that hands
/// over a FLAC file. A page that is opened from the disk may load scripts and nothing else.
public struct Sounds: Sendable {
    /// What is kept of each recording.
    static let seconds = 30
    /// Bytes of the sounds that travel inside of the page, so that it can be heard without its folder.
    static let pageLimit = 16_000_000

    private let folder: URL

    public init(report: String) { folder = URL(filePath: report).appending(path: "sounds") }

    /// Leaves a sound in step with the others of its clip.
    ///
    /// - Throws: `SystemError` or `AudioFileError` if it can't be written.
    func write(_ samples: [Float], of clip: Clip, by system: String) throws {
        let scratch = try ScratchFolder()
        let flac = scratch.path(of: "sound.flac")
        try Audio.write(Array(samples.prefix(Self.seconds * Audio.rate)), to: flac, sampleRate: Audio.rate)
        let base64 = Data(try FileMapping(path: flac).contents).base64EncodedString()
        try Folder.create(folder.appending(path: system).path(percentEncoded: false))
        let output = try OutputFile(path: path(clip.id, system), replaces: true)
        try output.write(Array("\(Self.call(clip.id, system))\(base64)\(Self.end)".utf8))
        try output.commit()
    }

    /// Whether the recording itself is there, and what a system made of it.
    func holds(_ clip: Clip, by system: String) -> Bool {
        [KeptAudio.original, system].allSatisfy { FileKind(of: path(clip.id, $0)) == .regular }
    }

    /// The systems that can be heard, the original first, by clip.
    func heard(_ results: [ClipResult], systems: [String]) -> [String: [String]] {
        let found = results.map { result in
            (result.clip.id, systems.filter { holds(result.clip, by: $0) && result.systems[$0]?.failure == nil })
        }
        return Dictionary(found.filter { !$0.1.isEmpty }.map { ($0.0, [KeptAudio.original] + $0.1) }) { first, _ in
            first
        }
    }

    /// Those of the first clips, as many as the page may hold: FLAC in base64, by clip and system.
    func inPage(_ results: [ClipResult], systems: [String]) throws -> [String: [String: String]] {
        let heard = heard(results, systems: systems)
        var (inside, bytes) = ([String: [String: String]](), 0)
        for result in results {
            let clip = result.clip.id
            guard let names = heard[clip] else { continue }
            let sounds = try names.map { ($0, try base64(clip, $0)) }
            bytes += sounds.reduce(0) { $0 + $1.1.utf8.count }
            guard bytes <= Self.pageLimit else { break }
            inside[clip] = Dictionary(sounds) { first, _ in first }
        }
        return inside
    }

    private func base64(_ clip: String, _ system: String) throws -> String {
        let text = String(decoding: try FileMapping(path: path(clip, system)).contents, as: UTF8.self)
        return String(text.dropFirst(Self.call(clip, system).count).dropLast(Self.end.count))
    }

    private func path(_ clip: String, _ system: String) -> String {
        folder.appending(path: "\(system)/\(clip).js").path(percentEncoded: false)
    }

    private static let end = "\");\n"

    private static func call(_ clip: String, _ system: String) -> String {
        // Names go into a script as JSON does.
        let names = [clip, system].map { name in
            (try? JSONEncoder().encode(name)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
        }
        return "sottoSound(\(names[0]), \(names[1]), \""
    }
}
