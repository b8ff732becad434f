// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `sotto bench` on a sentence or two, as a user would run it.
@Suite struct BenchTests {
    let folder: TemporaryFolder
    let clips: URL
    let report: String

    init() throws {
        folder = try TemporaryFolder()
        clips = folder.url.appending(path: "clips")
        report = folder.path("report")
        try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
        try add("sermons")
    }

    /// Puts a sentence into the folder of clips, under a name of its own.
    private func add(_ sample: String, as name: String? = nil) throws {
        let target = clips.appending(path: "\(name ?? sample).flac")
        if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) }
        try FileManager.default.copyItem(atPath: Tool.sample("\(sample).flac"), toPath: target.path)
    }

    private func bench(_ more: String...) throws -> Tool.Result {
        try Tool.run(Tool.binary, ["bench", clips.path, "--codebooks", "1", "-o", report] + more)
    }

    /// The report's figures of a clip by a system.
    private func figures(_ clip: String, _ system: String = "sotto-1") throws -> [String: Double] {
        struct Report: Decodable {
            struct Entry: Decodable {
                struct Clip: Decodable { var id: String }
                struct System: Decodable { var figures: [String: Double] }
                var clip: Clip
                var systems: [String: System]
            }
            var clips: [Entry]
        }
        let data = try Data(contentsOf: URL(filePath: "\(report)/report.json"))
        let entry = try JSONDecoder().decode(Report.self, from: data).clips.first { $0.clip.id == clip }
        return try #require(entry?.systems[system]?.figures)
    }

    @Test func aJudgesFiguresStandBesideTheReportsOwn() throws {
        let first = try bench("--keep")
        #expect(first.status == 0 && first.message.isEmpty, "\(first.message)")
        let pairs = try String(contentsOfFile: "\(report)/pairs.tsv", encoding: .utf8).split(separator: "\n")
        #expect(pairs.first == "ref\tdeg\ttext\tsystem\tspeaker")
        let pair = try #require(pairs.last?.split(separator: "\t", omittingEmptySubsequences: false))
        #expect(pair == ["audio/original/sermons.flac", "audio/sotto-1/sermons.flac", "", "sotto-1", ""])
        for path in pair.prefix(2) { #expect(FileManager.default.fileExists(atPath: "\(report)/\(path)")) }
        let stoi = try #require(try figures("sermons")["stoi"])

        let judge = try folder.write(
            "judge.json",
            Data(
                """
                {"files": [{"ref": "/there/sermons.flac", "deg": "x.flac", "system": "sotto-1", "pesq_wb": 1.25,
                "stoi": 7, "dur_s": 5, "errors": {}, "aligned_by": "waveform"}], "systems": {}}
                """.utf8))
        let second = try bench("--keep", "--join", judge)
        #expect(second.status == 0 && second.message.isEmpty, "\(second.message)")
        let table = String(decoding: second.output, as: UTF8.self)
        #expect(table.contains("pesq_wb") && table.contains("1.250"))
        let joined = try figures("sermons")
        #expect(joined["pesq_wb"] == 1.25 && joined["stoi"] == stoi && joined["dur_s"] == nil)
        let page = try String(contentsOfFile: "\(report)/report.html", encoding: .utf8)
        #expect(page.contains(#""joined":["pesq_wb"]"#))
    }

    @Test(arguments: [#"{"files": [{"ref": "a.flac", "system": "sotto-1", "pesq_wb": 1}]}"#, "{}", "no JSON"])
    func figuresOfSomethingElseAreRefused(json: String) throws {
        let result = try bench("--join", try folder.write("judge.json", Data(json.utf8)))
        #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
    }
}
