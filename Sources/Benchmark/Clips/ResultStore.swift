// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// The folder of a report; what was found of each clip is kept there, so that the next run measures only what is new.
public struct ResultStore: Sendable {
    private struct Kept: Codable {
        /// What all of the result depends on, besides the clip's own fields.
        var key: [String]
        /// What each system's part depends on, by its name.
        var fingerprints: [String: String]
        var result: ClipResult
    }

    /// Goes up when a figure is measured in another way: what was kept before is then no longer true.
    private static let version = 3

    private let folder: URL
    private let systems: [any CodecSystem]
    private let workers: Int

    /// - Parameters:
    ///   - replaces: whether files of the report's names may be replaced that are no report.
    ///   - systems: what clips are measured with.
    ///   - workers: how many at a time, which tells in the times.
    ///   - forgets: whether what was kept of an earlier run is thrown away.
    /// - Throws: if the folder can't be made, or holds something else of the report's names that may not be replaced.
    public init(
        folder path: String, systems: [any CodecSystem], workers: Int, replaces: Bool, forgets: Bool
    ) throws {
        folder = URL(filePath: path)
        (self.systems, self.workers) = (systems, workers)
        let places = ["report.json", "report.html"].map { folder.appending(path: $0).path(percentEncoded: false) }
        // Beside a report of ours, the page is its.
        if !replaces, !Self.isReport(places[0]), let other = places.first(where: { FileKind(of: $0) != nil }) {
            throw SystemError.fileExists(other)
        }
        let clips = folder.appending(path: "clips")
        if forgets { try? FileManager.default.removeItem(at: clips) }
        try Folder.create(clips.path(percentEncoded: false))
    }

    /// What was kept of this recording, as it is now, by those of the systems that would do the same again; nil if nothing was.
    public func result(of clip: Clip) -> ClipResult? {
        guard var kept = kept(of: clip) else { return nil }
        let now = fingerprints(of: clip)
        kept.result.systems = kept.result.systems.filter { name, result in
            result.failure == nil && now[name] != nil && now[name] == kept.fingerprints[name]
        }
        return kept.result
    }

    /// What was kept before of other systems stays. A result that can't be kept costs the next run some time and nothing else.
    public func keep(_ result: ClipResult) {
        var kept = Kept(key: key(of: result.clip), fingerprints: fingerprints(of: result.clip), result: result)
        if let before = self.kept(of: result.clip) {
            kept.fingerprints.merge(before.fingerprints) { new, _ in new }
            kept.result.systems.merge(before.result.systems) { new, _ in new }
        }
        guard let bytes = try? JSONEncoder().encode(kept),
            let output = try? OutputFile(path: place(of: result.clip).path(percentEncoded: false), replaces: true),
            (try? output.write(Array(bytes))) != nil
        else { return }
        try? output.commit()
    }

    private func kept(of clip: Clip) -> Kept? {
        guard let file = try? FileMapping(path: place(of: clip).path(percentEncoded: false)),
            let kept = try? JSONDecoder().decode(Kept.self, from: Data(file.contents)), kept.key == key(of: clip),
            kept.result.clip == clip
        else { return nil }
        return kept
    }

    private func key(of clip: Clip) -> [String] {
        ["version \(Self.version), \(workers) workers", FileStamp(of: clip.path)?.description ?? ""]
    }

    private func fingerprints(of clip: Clip) -> [String: String] {
        Dictionary(systems.map { ($0.name, $0.fingerprint(clip: clip.id)) }) { first, _ in first }
    }

    public func write(_ name: String, _ bytes: [UInt8]) throws {
        let output = try OutputFile(path: folder.appending(path: name).path(percentEncoded: false), replaces: true)
        try output.write(bytes)
        try output.commit()
    }

    public func encode(_ report: Report) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(report))
    }

    /// - Throws: `SystemError` if it can't be read, `BenchmarkError` if it is no report, or one of an earlier form.
    public static func report(_ path: String) throws -> Report {
        let bytes = Data(try FileMapping(path: path).contents)
        let decoder = JSONDecoder()
        guard let form = try? decoder.decode(Form.self, from: bytes) else {
            throw BenchmarkError("\(path) is no report of sotto bench")
        }
        guard form.schema == Report.schema, let report = try? decoder.decode(Report.self, from: bytes) else {
            throw BenchmarkError("\(path) is a report of another version of sotto bench; measure it anew")
        }
        return report
    }

    /// What reports of all versions have.
    private struct Form: Decodable {
        var schema: Int
        var model: String
        var machine: Report.Machine
    }

    private static func isReport(_ path: String) -> Bool {
        guard let file = try? FileMapping(path: path) else { return false }
        return (try? JSONDecoder().decode(Form.self, from: Data(file.contents))) != nil
    }

    private func place(of clip: Clip) -> URL { folder.appending(path: "clips/\(clip.id).json") }
}
