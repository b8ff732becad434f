// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What `sotto bench` puts into a report, and what it leaves for others and for the next run.
@Suite struct BenchReportTests {
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

    private func bench(_ more: String..., of input: String? = nil) throws -> Tool.Result {
        try Tool.run(Tool.binary, ["bench", input ?? clips.path, "--codes", "1", "-o", report] + more)
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

    /// A codec of two shell commands, as a user would describe it; `$0` is the input and `$1` the output.
    private func codec(_ name: String, encode: String, decode: String) throws -> String {
        func command(_ line: String) -> String { #"["sh", "-c", "\#(line)", "{in}", "{out}"]"# }
        let json = """
            {"name": "\(name)", "sampleRate": 16000, "format": "wav", "payload": "file",
            "encode": \(command(encode)), "decode": \(command(decode))}
            """
        return try folder.write("\(name).json", Data(json.utf8))
    }

    @Test func commandsAreMeasuredBesideAndOneThatFailsStopsNothing() throws {
        let log = folder.path("log")
        let copy = try codec("copy", encode: "echo >> \(log); cp $0 $1", decode: "cp $0 $1")
        let broken = try codec("broken", encode: "exit 3", decode: "exit 3")
        let result = try bench("--against", "\(copy),\(broken)")
        #expect(result.status == 0 && result.errors.isEmpty && result.message.contains("sermons by broken"))
        let found = try figures("sermons", "copy")
        #expect(try #require(found["stoi"]) > 0.999 && found["mcd_db"] == 0 && found["delay_ms"] == 0)
        #expect(try #require(found["file_bit_s"]) > 250_000)
        // Once to warm up, then three times of which the median counts.
        #expect(try Data(contentsOf: URL(filePath: log)).count == 4)
        let json = try String(contentsOfFile: "\(report)/report.json", encoding: .utf8)
        let peaks = json.matches(of: /"peakMemory":([0-9]+)/).compactMap { Double($0.output.1) }
        // Of the whole run, of sotto-1 and of copy.
        #expect(peaks.count == 3 && peaks.allSatisfy { $0 > 500_000 })
    }

    /// Marks what was kept of a clip by a figure that no measurement gives.
    private func mark(_ clip: String) throws {
        let kept = "\(report)/clips/\(clip).json"
        let text = try String(contentsOfFile: kept, encoding: .utf8)
        try text.replacing(/"stoi":[0-9.]+/, with: #""stoi":42"#).write(toFile: kept, atomically: true, encoding: .utf8)
    }

    @Test(arguments: [false, true])
    func theSameCommandMeasuresOnlyWhatIsNew(wasInterrupted: Bool) throws {
        #expect(try bench().status == 0)
        if wasInterrupted {
            for name in ["report.json", "report.html"] {
                try FileManager.default.removeItem(atPath: "\(report)/\(name)")
            }
        }
        try mark("sermons")
        try add("strikes")
        #expect(try bench().status == 0)
        #expect(try figures("sermons")["stoi"] == 42)
        #expect(try #require(try figures("strikes")["stoi"]) < 1)

        // A recording that was edited is a new one.
        try add("campfire", as: "sermons")
        #expect(try bench().status == 0)
        #expect(try #require(try figures("sermons")["stoi"]) < 1)
    }

    /// And of a system more, only that; nor is anything lost of one that is left out for once.
    @Test func systemsComeAndGo() throws {
        #expect(try bench().status == 0)
        try mark("sermons")
        let copy = try codec("copy", encode: "cp $0 $1", decode: "cp $0 $1")
        #expect(try bench("--against", copy).status == 0)
        #expect(try figures("sermons")["stoi"] == 42)
        #expect(try #require(try figures("sermons", "copy")["stoi"]) > 0.999)
        try mark("sermons")
        #expect(try bench().status == 0 && bench("--against", copy).status == 0)
        #expect(try figures("sermons", "copy")["stoi"] == 42)
        // What can't be heard any more is measured again.
        try FileManager.default.removeItem(atPath: "\(report)/sounds/copy/sermons.js")
        #expect(try bench("--against", copy).status == 0)
        #expect(try figures("sermons")["stoi"] == 42)
        #expect(try #require(try figures("sermons", "copy")["stoi"]) < 1.001)
    }

    @Test func phonesTellWhatBreaksFirst() throws {
        let phones = try folder.write(
            "phones.json", Data(#"{"phones": {"sermons": [{"phone": "M", "start": 0.3, "end": 1}]}}"#.utf8))
        let result = try bench("--join", phones)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        let json = try String(contentsOfFile: "\(report)/report.json", encoding: .utf8)
        #expect(
            json.contains(#""classes":"phones""#) && json.contains(#""name":"nasals""#) && !json.contains("plosives"))
    }

    /// Without phones, a transcript that the model finds in its codes tells letters.
    @Test func transcriptsTellWhatBreaksFirst() throws {
        let text = try String(contentsOfFile: Tool.sample("sermons.txt"), encoding: .utf8)
        let table = "path\ttext\n\(clips.path)/sermons.flac\t\(text)"
        #expect(try bench(of: folder.write("clips.tsv", Data(table.utf8))).status == 0)
        let json = try String(contentsOfFile: "\(report)/report.json", encoding: .utf8)
        #expect(json.contains(#""classes":"letters""#))
        for name in ["vowels", "plosives", "nasals", "6 to 8 kHz", "unvoiced"] {
            #expect(json.contains(#""name":"\#(name)""#), "\(name)")
        }
        #expect(json.contains(#""word":"sermons""#))
    }

    @Test func transcriptsAreCountedApart() throws {
        let text = try String(contentsOfFile: Tool.sample("sermons.txt"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try add("strikes")
        let table = "path\ttext\n\(clips.path)/sermons.flac\t\(text)\n\(clips.path)/strikes.flac\t\n"
        let result = try bench(of: folder.write("clips.tsv", Data(table.utf8)))
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        let (with, without) = (try figures("sermons"), try figures("strikes"))
        let bits = try #require(with["text_bit_s"])
        #expect(bits > 30 && bits < 200 && without["text_bit_s"] == nil)
        // Codes, and levels of 11 to 24 bit/s.
        #expect((125..<150).contains(try #require(with["payload_bit_s"])))
        #expect(try #require(with["file_bit_s"]) < 125 + 200)
    }

    @Test func whatGotWorseThanItsBoundFails() throws {
        func judged(_ pesq: Double) throws -> String {
            let json = #"{"files": [{"ref": "sermons.flac", "system": "sotto-1", "pesq_wb": \#(pesq)}]}"#
            let result = try bench("--join", try folder.write("judge.json", Data(json.utf8)))
            #expect(result.status == 0, "\(result.message)")
            let copy = folder.path("\(pesq).json")
            try FileManager.default.copyItem(atPath: "\(report)/report.json", toPath: copy)
            return copy
        }
        let (old, new) = (try judged(2), try judged(1.5))
        func compare(_ bounds: String...) throws -> Tool.Result {
            try Tool.run(Tool.binary, ["bench", "--compare", old, new] + bounds.flatMap { ["--bound", $0] })
        }
        let told = try compare()
        #expect(told.status == 0 && String(decoding: told.output, as: UTF8.self).contains("pesq_wb -0.5000"))
        #expect(try compare("pesq_wb=-0.6", "stoi=0").status == 0)
        #expect(try compare("pesq_wb=+0.1").status == 0)
        let worse = try compare("pesq_wb=-0.4")
        #expect(worse.status == 65 && worse.errors.count == 1)
        #expect(String(decoding: worse.output, as: UTF8.self).contains("WORSE"))
        for bad in ["pesq_wb=0.4", "stoi=+0.1", "stoi", "stoi=much"] {
            let result = try compare(bad)
            #expect(result.status == 64 && result.errors.count == 1, "\(bad): \(result.message)")
        }
        #expect(try compare("visqol=-1").status == 65)
    }

    @Test(arguments: [#"{"files": [{"ref": "a.flac", "system": "sotto-1", "pesq_wb": 1}]}"#, "{}", "no JSON"])
    func figuresOfSomethingElseAreRefused(json: String) throws {
        let result = try bench("--join", try folder.write("judge.json", Data(json.utf8)))
        #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
    }
}
