// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// The folder of a report; what was found of each clip is kept there, so that an interrupted run can go on.
public struct ResultStore: Sendable {
    private struct Kept: Codable {
        /// Of the model and the systems.
        var key: String
        var result: ClipResult
    }

    private let folder: URL
    private let replaces: Bool

    /// - Parameters:
    ///   - replaces: whether a report that is there may be replaced.
    ///   - forgets: whether what was kept of an earlier run is thrown away.
    /// - Throws: if the folder can't be made, or holds a report that may not be replaced.
    public init(folder path: String, replaces: Bool, forgets: Bool) throws {
        folder = URL(filePath: path)
        self.replaces = replaces
        for name in ["report.json", "report.html"] where !replaces {
            let place = folder.appending(path: name).path(percentEncoded: false)
            if FileKind(of: place) != nil { throw SystemError.fileExists(place) }
        }
        let clips = folder.appending(path: "clips")
        if forgets { try? FileManager.default.removeItem(at: clips) }
        do {
            try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
        } catch {
            throw SystemError.cannotCreate(path, errno: errno)
        }
    }

    /// nil if nothing was kept of this recording with these systems.
    public func result(of clip: Clip, key: String) -> ClipResult? {
        guard let data = try? Data(contentsOf: place(of: clip)),
            let kept = try? JSONDecoder().decode(Kept.self, from: data), kept.key == key,
            kept.result.clip.path == clip.path, kept.result.systems.values.allSatisfy({ $0.failure == nil })
        else { return nil }
        return kept.result
    }

    /// A result that can't be kept costs the next run some time and nothing else.
    public func keep(_ result: ClipResult, key: String) {
        try? JSONEncoder().encode(Kept(key: key, result: result)).write(to: place(of: result.clip), options: .atomic)
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
