// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// The folder of a report; what was found of each clip is kept there, so that an interrupted run can go on.
public struct ResultStore: Sendable {
    private struct Kept: Codable {
        /// What the result depends on, besides the clip's own fields.
        var key: [String]
        var result: ClipResult
    }

    /// Goes up when a figure is measured in another way: what was kept before is then no longer true.
    private static let version = 2

    private let folder: URL
    private let replaces: Bool
    private let systems: [any CodecSystem]
    private let workers: Int

    /// - Parameters:
    ///   - replaces: whether a report that is there may be replaced.
    ///   - systems: what clips are measured with.
    ///   - workers: how many at a time, which tells in the times.
    ///   - forgets: whether what was kept of an earlier run is thrown away.
    /// - Throws: if the folder can't be made, or holds a report that may not be replaced.
    public init(
        folder path: String, systems: [any CodecSystem], workers: Int, replaces: Bool, forgets: Bool
    ) throws {
        folder = URL(filePath: path)
        (self.systems, self.workers, self.replaces) = (systems, workers, replaces)
        for name in ["report.json", "report.html"] where !replaces {
            let place = folder.appending(path: name).path(percentEncoded: false)
            if FileKind(of: place) != nil { throw SystemError.fileExists(place) }
        }
        let clips = folder.appending(path: "clips")
        if forgets { try? FileManager.default.removeItem(at: clips) }
        try Folder.create(clips.path(percentEncoded: false))
    }

    /// nil if nothing was kept of this recording, as it is now, with these systems.
    public func result(of clip: Clip) -> ClipResult? {
        guard let file = try? FileMapping(path: place(of: clip).path(percentEncoded: false)),
            let kept = try? JSONDecoder().decode(Kept.self, from: Data(file.contents)), kept.key == key(of: clip),
            kept.result.clip == clip, kept.result.systems.values.allSatisfy({ $0.failure == nil })
        else { return nil }
        return kept.result
    }

    /// A result that can't be kept costs the next run some time and nothing else.
    public func keep(_ result: ClipResult) {
        let kept = Kept(key: key(of: result.clip), result: result)
        guard let bytes = try? JSONEncoder().encode(kept),
            let output = try? OutputFile(path: place(of: result.clip).path(percentEncoded: false), replaces: true),
            (try? output.write(Array(bytes))) != nil
        else { return }
        try? output.commit()
    }

    private func key(of clip: Clip) -> [String] {
        ["version \(Self.version), \(workers) workers", FileStamp(of: clip.path)?.description ?? ""]
            + systems.map { $0.fingerprint(clip: clip.id) }
    }

    public func write(_ name: String, _ bytes: [UInt8]) throws {
        let output = try OutputFile(path: folder.appending(path: name).path(percentEncoded: false), replaces: replaces)
        try output.write(bytes)
        try output.commit()
    }

    public func encode(_ report: Report) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(report))
    }

    /// - Throws: `SystemError` if it can't be read, `BenchmarkError` if it is no report.
    public static func report(_ path: String) throws -> Report {
        let bytes = try FileMapping(path: path).contents
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(bytes)), report.schema == 1 else {
            throw BenchmarkError("\(path) is no report of sotto bench")
        }
        return report
    }

    private func place(of clip: Clip) -> URL { folder.appending(path: "clips/\(clip.id).json") }
}
