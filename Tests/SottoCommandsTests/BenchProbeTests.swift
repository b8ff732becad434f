// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct BenchProbeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Two clips each of two speakers, who are such only by name: what is told of them is for `ProbeTasks`' tests.
    private func list(_ columns: [String] = ["path", "id", "text", "speaker"]) throws -> String {
        let clips = [("campfire", "a"), ("sermons", "b"), ("strikes", "a"), ("sermons", "b")]
        let rows = try clips.enumerated().map { number, clip in
            let text = try String(contentsOfFile: Tool.sample("\(clip.0).txt"), encoding: .utf8)
            let values = [
                "path": Tool.sample("\(clip.0).flac"), "id": "\(number)", "speaker": clip.1,
                "text": text.split(whereSeparator: \.isWhitespace).joined(separator: " "),
            ]
            return columns.map { values[$0] ?? "" }.joined(separator: "\t")
        }
        let table = ([columns.joined(separator: "\t")] + rows).joined(separator: "\n")
        return try folder.write("\(columns.count)-\(columns.last ?? "").tsv", Data(table.utf8))
    }

    private func bench(_ list: String, _ options: String...) throws -> Tool.Result {
        try Tool.run(Tool.binary, ["bench", list, "--codes", "1,2", "--probe", "-o", folder.path("report")] + options)
    }

    private func probe() throws -> (sound: String, rows: [[String: Any]]) {
        let data = try Data(contentsOf: URL(filePath: folder.path("report/report.json")))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let probe = try #require(report["probe"] as? [String: Any])
        #expect(probe["clips"] as? Int == 4 && probe["speakers"] as? Int == 2)
        return (try #require(probe["sound"] as? String), try #require(probe["rows"] as? [[String: Any]]))
    }

    private func mean(_ row: [String: Any], _ figure: String) -> Double? {
        (row[figure] as? [String: Any])?["mean"] as? Double
    }

    @Test func theProbeIsInTheReport() throws {
        let result = try bench(list(), "--with-text")
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        let (sound, rows) = try probe()
        #expect(sound == "letters")
        // A transcript changes no codes: with it they need no rows of their own.
        #expect(rows.compactMap { $0["system"] as? String } == ["sotto-1", "sotto-2", "latents", "labels shuffled"])
        for row in rows {
            #expect(row["frameRate"] as? Double == 12.5)
            #expect((0.01...0.9).contains(try #require(mean(row, "sounds"))))
            #expect((50...1200).contains(try #require(mean(row, "pitchCents"))))
            #expect((0...1).contains(try #require(mean(row, "speaker"))))
        }
        #expect(mean(rows[0], "writtenBits") == 10 && mean(rows[1], "writtenBits") == 20)
        #expect((1...11).contains(try #require(mean(rows[0], "modelBits"))))
        #expect(mean(rows[2], "modelBits") == nil)
        #expect(String(decoding: result.output, as: UTF8.self).contains("letters, %"))
    }

    @Test func phonesTakeThePlaceOfLetters() throws {
        let clips = (0..<4).map { number in
            #""\#(number)": [{"phone": "AA", "start": 0, "end": 1}, {"phone": "B", "start": 1.0, "end": 1.5}]"#
        }
        let json = #"{"phones": {\#(clips.joined(separator: ", "))}}"#
        let result = try bench(list(), "--join", folder.write("phones.json", Data(json.utf8)))
        #expect(result.status == 0, "\(result.message)")
        #expect(try probe().sound == "phones")
    }

    @Test(arguments: [#"{"phone": "B", "start": 1}"#, #"["B", 0, 1]"#])
    func phonesOfAnotherFormAreRefused(phone: String) throws {
        let json = #"{"phones": {"0": [\#(phone)]}}"#
        let result = try bench(list(), "--join", folder.write("phones.json", Data(json.utf8)))
        #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
    }

    @Test func tooLittleIsToldBeforeAnythingIsMeasured() throws {
        let lists = [
            try list(["path", "id", "text"]), try list(["path", "id", "speaker"]), Tool.root.path + "/Samples",
        ]
        for (list, word) in zip(lists, ["speaker", "text", "speaker"]) {
            let result = try bench(list)
            #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
            #expect(result.message.contains(word), "\(result.message)")
            #expect(!FileManager.default.fileExists(atPath: folder.path("report")))
        }
    }
}
