// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// Phones and when they are said, as another program has found them.
public struct JoinedPhones: Sendable {
    /// By the recording's name.
    package var byClip: [String: [SaidSound]]

    package init(_ byClip: [String: [SaidSound]] = [:]) { self.byClip = byClip }

    public static let none = JoinedPhones()

    public var isEmpty: Bool { byClip.isEmpty }
}

/// What another program has found of the pairs that `KeptAudio` left: the JSON is described in Docs/bench.md.
public struct JoinedFigures: Sendable {
    public private(set) var phones = JoinedPhones.none
    /// By the clip's id and the system.
    private var figures: [[String]: [String: Double]] = [:]

    /// - Parameter paths: files whose figures are taken together; of one that several have, the last file's.
    /// - Throws: `SystemError` if a file can't be read, `BenchmarkError` if it is not of that form.
    public init(paths: [String]) throws {
        for path in paths { try add(path) }
    }

    private mutating func add(_ path: String) throws {
        let bytes = try FileMapping(path: path).contents
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else {
            throw BenchmarkError("\(path) has no figures to join; Docs/bench.md tells of which form they are")
        }
        let keyed = (file.files ?? []).map { pair in
            ([URL(filePath: pair.ref).deletingPathExtension().lastPathComponent, pair.system], pair.figures)
        }
        figures.merge(keyed) { $0.merging($1) { _, new in new } }
        for (clip, sounds) in file.phones ?? [:] { phones.byClip[clip] = sounds.map(\.sound) }
    }

    /// The results with the figures added; a figure that the benchmark finds itself stays as it is.
    ///
    /// - Returns: also the names of those that were added, sorted, and how many codings of a clip got none.
    /// - Throws: `BenchmarkError` if nothing matches, not even a recording with phones.
    public func joined(to results: [ClipResult]) throws -> (results: [ClipResult], names: [String], without: Int) {
        var (all, names, without) = (results, Set<String>(), 0)
        let own = Set(results.flatMap { $0.systems.values.flatMap(\.figures.keys) })
        for index in all.indices {
            for (name, system) in all[index].systems where system.failure == nil {
                guard let found = figures[[all[index].clip.id, name]] else {
                    without += 1
                    continue
                }
                let new = found.filter { !own.contains($0.key) }
                names.formUnion(new.keys)
                all[index].systems[name]?.figures.merge(new) { own, _ in own }
            }
        }
        let areHeard = results.contains { phones.byClip[$0.clip.id] != nil }
        guard !names.isEmpty || areHeard else {
            throw BenchmarkError("the file to join has no figure for any clip and system of this report")
        }
        return (all, names.sorted(), figures.isEmpty ? 0 : without)
    }
}

private struct File: Decodable {
    var files: [Pair]?
    /// By the recording's name.
    var phones: [String: [Phone]]?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        files = try fields.decodeIfPresent([Pair].self, forKey: AnyKey(stringValue: "files"))
        phones = try fields.decodeIfPresent([String: [Phone]].self, forKey: AnyKey(stringValue: "phones"))
        if files == nil, phones == nil {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "neither files nor phones"))
        }
    }
}

private struct Phone: Decodable {
    var phone: String
    var start: Double
    var end: Double

    var sound: SaidSound { SaidSound(label: phone, start: start, end: end) }
}

/// Of its numbers, all are figures but the length.
private struct Pair: Decodable {
    var ref: String
    var system: String
    var figures: [String: Double]

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        ref = try fields.decode(String.self, forKey: AnyKey(stringValue: "ref"))
        system = try fields.decode(String.self, forKey: AnyKey(stringValue: "system"))
        figures = [:]
        for name in fields.allKeys where name.stringValue != "dur_s" {
            figures[name.stringValue] = try? fields.decode(Double.self, forKey: name)
        }
    }
}
