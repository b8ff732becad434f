// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
    let folder: TemporaryFolder
    let clips: URL

    init() throws {
        folder = try TemporaryFolder()
        clips = folder.url.appending(path: "clips")
        try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
        for name in ["campfire.flac", "sermons.flac", "strikes.flac"] {
            try FileManager.default.copyItem(
                at: URL(filePath: Tool.sample(name)), to: clips.appending(path: name))
        }
    }

    private func bench(_ report: String, _ options: String...) throws -> Tool.Result {
        let codes = options.contains("--codes") ? [] : ["--codes", "8"]
        let all = ["bench", clips.path, "-o", folder.path(report)] + codes + options
        return try Tool.run(Tool.binary, all)
    }

    private func report(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: folder.path("\(name)/report.json")))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// What the shipped model's figures of the three clips were when they were last looked at: see Fixtures/strip_report.py.
    private static let baseline = Tool.root.appending(path: "Tests/SottoCommandsTests/Fixtures/quality.json").path

    /// What got worse than the baseline.
    private func regressions(of name: String, bounds: [String] = []) throws -> (status: Int32, lines: [Substring]) {
        let words = ["bench", "--compare", Self.baseline, folder.path("\(name)/report.json")]
        let result = try Tool.run(Tool.binary, words + bounds.flatMap { ["--bound", $0] })
        #expect(result.errors.count == (result.status == 0 ? 0 : 1), "\(result.message)")
        let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        return (result.status, lines.filter { $0.hasSuffix("WORSE") })
    }

    @Test func theShippedModelIsAsGoodAsItWas() throws {
        #expect(try bench("now", "--codes", "2,8").status == 0)
        let tight = [
            "stoi=0.0005", "estoi=0.001", "log_mel_distance=0.002", "lsd_db=0.02", "mcd_db=0.01", "f0_rmse_cents=1",
            "voicing_error_share=0.002", "payload_bit_s=0.1", "file_bit_s=0.1",
        ]
        let found = try regressions(of: "now", bounds: tight)
        #expect(found.status == 0 && found.lines.isEmpty, "\(found.lines)")
    }

    /// Noise of a tenth of the weights' standard deviation, which is 20 dB under them, is heard by the same measures.
    @Test(arguments: [0.1, 0.3] as [Float]) func aWorseDecoderIsCaught(share: Float) throws {
        let weights = try Data(contentsOf: Tool.root.appending(path: "Models/sotto-16k.safetensors"))
        let worse = try folder.write("worse.safetensors", withNoise(weights, share: share))
        #expect(try bench("bad", "--codes", "2,8", "--model", worse).status == 0)
        let found = try regressions(of: "bad", bounds: ["stoi=0.0005"])
        #expect(found.status == 65 && !found.lines.isEmpty)
        if share > 0.2 { #expect(try regressions(of: "bad").status == 65) }
    }

    @Test func theVariableRateIsTheOneWritten() throws {
        let result = try Tool.run("bench", clips.path, "--codes", "1,3", "--average", "-o", folder.path("report"))
        #expect(result.status == 0, "\(result.message)")
        let systems = try #require(try report("report")["systems"] as? [[String: Any]])
        #expect(systems.compactMap { $0["name"] as? String } == ["sotto-1", "sotto-3", "sotto-3-average"])
        let rates = try systems.map { system in
            try #require((system["tokens"] as? [String: Any])?["nominalBitRate"] as? Double)
        }
        #expect(rates[0] == 125 && rates[1] == 375 && rates[2] != 375 && (300...450).contains(rates[2]))
    }

    @Test func robustnessIsInTheReport() throws {
        let model = Tool.root.appending(path: "Tests/SottoTests/Fixtures/level-model.safetensors").path
        let result = try Tool.run(
            "bench", clips.path, "--codes", "2", "--model", model, "--robustness", "--noises", clips.path, "-o",
            folder.path("report"))
        #expect(result.status == 0, "\(result.message)")
        let rows = try #require(try report("report")["robustness"] as? [[String: Any]])
        let names = rows.compactMap { $0["change"] as? String }
        #expect(Set(["-0.1 dB", "+6 dB", "noise 10 dB", "white noise 20 dB", "telephone"]).isSubset(of: names))
        func share(_ name: String) throws -> Double {
            let row = try #require(rows.first { $0["change"] as? String == name })
            let (one, all) = (
                try #require(row["sameWithOne"] as? Double), try #require(row["sameAll"] as? Double)
            )
            #expect((0...1).contains(all) && (0...1).contains(one) && (row["frames"] as? Int ?? 0) > 100)
            return one
        }
        #expect(try share("-0.1 dB") > share("telephone") && share("-0.1 dB") > 0.9)
        #expect(String(decoding: result.output, as: UTF8.self).contains("same codes, %"))
        // What was found of a clip is found no second time: all of its codes are said to have changed.
        let kept = folder.path("report/robustness/campfire.json")
        let before = try share("-0.1 dB")
        let text = try String(contentsOfFile: kept, encoding: .utf8)
        try text.replacing(/\[([0-9]+),([0-9]+),([0-9]+),([0-9]+)\]/) { "[0,0,0,\($0.4)]" }
            .write(toFile: kept, atomically: true, encoding: .utf8)
        let again = try Tool.run(
            "bench", clips.path, "--codes", "2", "--model", model, "--robustness", "--noises", clips.path, "-o",
            folder.path("report"))
        #expect(again.status == 0, "\(again.message)")
        let rowsAgain = try #require(try report("report")["robustness"] as? [[String: Any]])
        let after = try #require(rowsAgain.first { $0["change"] as? String == "-0.1 dB" }?["sameWithOne"] as? Double)
        #expect(after < before - 0.1)
        #expect(try Tool.run("bench", clips.path, "--noises", clips.path, "-o", folder.path("x")).status == 64)
    }

    @Test func anotherCodecIsMeasuredAndABrokenClipIsListed() throws {
        try Data("no sound".utf8).write(to: clips.appending(path: "broken.flac"))
        let copy = folder.path("copy.json")
        try Data(
            #"""
            {"name": "copy", "sampleRate": 16000, "format": "wav", "encode": ["cp", "{in}", "{out}"],
             "decode": ["cp", "{in}", "{out}"], "payload": "file"}
            """#.utf8
        ).write(to: URL(filePath: copy))
        let result = try bench("report", "--against", copy)
        #expect(result.status == 0, "\(result.message)")
        #expect(result.message.contains("broken"))
        let systems = try #require(try report("report")["systems"] as? [[String: Any]])
        #expect(systems.compactMap { $0["name"] as? String } == ["sotto-8", "copy"])
        let stoi = try systems.map { system in
            try #require(((system["figures"] as? [String: Any])?["stoi"] as? [String: Any])?["mean"] as? Double)
        }
        #expect(stoi[0] > 0.7 && stoi[0] < 0.99 && stoi[1] > 0.999)
        let page = try String(contentsOf: URL(filePath: folder.path("report/report.html")), encoding: .utf8)
        #expect(page.contains(#""sounds":{"campfire":{"copy":""#))
        #expect(!page.contains("http://") && !page.contains("https://"))
    }

    @Test func transcriptsAreGivenToADecoderThatReadsText() throws {
        let list = clips.appending(path: "list.tsv")
        try Data("id\ttext\ncampfire\tThat is acting like a good fellow\nstrikes\tWords\n".utf8).write(to: list)
        let all = [
            "bench", list.path, "--codes", "2", "-o", folder.path("told"), "--model", TranscriptTests.model,
            "--with-text",
        ]
        let result = try Tool.run(Tool.binary, all)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        #expect(String(decoding: result.output, as: UTF8.self).contains("and text"))
        let systems = try #require(try report("told")["systems"] as? [[String: Any]])
        #expect(systems.compactMap { $0["name"] as? String } == ["sotto-2", "sotto-2+text"])
        let figures = systems.compactMap { $0["figures"] as? [String: [String: Any]] }
        func mean(_ system: Int, _ name: String) -> Double? { figures[system][name]?["mean"] as? Double }
        #expect(mean(0, "told_bit_s") == nil && mean(0, "log_mel_distance") != mean(1, "log_mel_distance"))
        let (told, text) = (try #require(mean(1, "told_bit_s")), try #require(mean(1, "text_bit_s")))
        #expect(abs(told - text - (mean(1, "payload_bit_s") ?? 0)) < 0.01)

        let plain = Tool.root.appending(path: "Tests/SottoTests/Fixtures/plain-model.safetensors").path
        for arguments in [[list.path, "--model", plain], [clips.path, "--model", TranscriptTests.model]] {
            let words = ["bench"] + arguments + ["-o", folder.path("none"), "--with-text"]
            let refused = try Tool.run(Tool.binary, words)
            #expect(refused.status == 64 && refused.errors.count == 1, "\(refused.message)")
        }
    }

    @Test func aPaceThatIsFoundIsUsedAndCounted() throws {
        let list = clips.appending(path: "list.tsv")
        let text = try String(contentsOfFile: Tool.sample("strikes.txt"), encoding: .utf8)
        try Data("id\ttext\nstrikes\t\(text)".utf8).write(to: list)
        let result = try Tool.run(
            "bench", list.path, "--codes", "1", "-o", folder.path("paced"), "--with-text", "--workers", "1")
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        let systems = try #require(try report("paced")["systems"] as? [[String: Any]])
        let bits = systems.map { system in
            ((system["figures"] as? [String: [String: Any]])?["text_bit_s"]?["mean"] as? Double) ?? 0
        }
        // A chunk of its own, and a bit at least for each of 56 frames and 39 symbols.
        #expect(bits.count == 2 && bits[0] > 0 && (bits[1] - bits[0]) * 4.397 > 14 * 8 + 56 + 39)
    }

    @Test func somethingElseIsNotOverwrittenUnasked() throws {
        for name in ["campfire.flac", "strikes.flac"] {
            try FileManager.default.removeItem(at: clips.appending(path: name))
        }
        try FileManager.default.createDirectory(atPath: folder.path("report"), withIntermediateDirectories: true)
        for name in ["report.json", "report.html"] {
            let file = URL(filePath: folder.path("report/\(name)"))
            try Data(#"{"schema": 7}"#.utf8).write(to: file)
            let refused = try bench("report")
            #expect(refused.status == 73 && refused.errors.count == 1 && refused.message.contains(name))
            try FileManager.default.removeItem(at: file)
        }
        #expect(try bench("report").status == 0)
        #expect(try bench("report").status == 0 && bench("report", "--force").status == 0)
    }

    @Test func whatCannotBeMeasuredIsSaid() throws {
        let out = folder.path("none")
        for (status, arguments) in [
            (66, ["bench", folder.path("missing"), "-o", out]), (64, ["bench", clips.path]),
            (64, ["bench", clips.path, "-o", out, "--codes", "9"]),
            (64, ["bench", clips.path, "-o", out, "--workers", "0"]),
            (66, ["bench", "--compare", folder.path("a.json"), folder.path("b.json")]),
        ] {
            let result = try Tool.run(Tool.binary, arguments)
            #expect(result.status == Int32(status) && result.errors.count == 1, "\(arguments) \(result.message)")
        }
    }
}
