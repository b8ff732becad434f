// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Foundation
import Testing

/// What a report says of results, in words and in numbers.
@Suite struct ReportTests {
    /// Twenty recordings by three systems, of STOI about 0.7, 0.9 and 0.88 that go up and down together.
    private func made(opusBehindBy lag: Double = 0.02) -> [MadeReport.Made] {
        (0..<20).map { index in
            let (hard, chance) = (0.01 * Double(index % 5), 0.004 * Double(index % 3 - 1))
            return MadeReport.Made(
                name: "clip\(index)",
                figures: [
                    "sotto-2": ["stoi": 0.74 - hard, "payload_bit_s": 260],
                    "sotto-8": ["stoi": 0.92 - hard, "payload_bit_s": 1010],
                    "opus-6": ["stoi": 0.92 - hard - lag + chance, "payload_bit_s": 6000, "si_sdr_db": 3],
                ])
        }
    }

    private let systems = ["sotto-2", "sotto-8", "opus-6"]

    @Test func theHeadlinesNumbersAreThoseOfTheFigures() throws {
        let report = try MadeReport.report(made(), systems: systems)
        let page = try MadeReport.content(of: Page(report, sounds: nil))
        let shown = try #require(page["report"] as? [String: Any])
        let headline = try #require(shown["headline"] as? [String: Any])
        let sentence = try #require((headline["sentences"] as? [String])?.first)
        func figure(_ system: String, _ name: String) throws -> Double {
            let all = try #require(shown["systems"] as? [[String: Any]])
            let one = try #require(all.first { $0["name"] as? String == system })
            return try #require((one["figures"] as? [String: [String: Any]])?[name]?["mean"] as? Double)
        }
        let best = try figure("sotto-8", "stoi")
        #expect(headline["best"] as? String == "sotto-8")
        let lead = try #require((headline["lead"] as? [String: Any])?["difference"] as? [String: Any])
        let (mean, low, high) = (
            try #require(lead["mean"] as? Double), try #require(lead["low"] as? Double),
            try #require(lead["high"] as? Double)
        )
        #expect(abs(mean - (best - (try figure("opus-6", "stoi")))) < 1e-9 && low < mean && mean < high && low > 0)
        #expect(
            sentence
                == String(
                    format:
                        "sotto-8 at %.0f bit/s is understood best: STOI %.3f, %.3f (%.3f to %.3f) above opus-6 at %.0f bit/s.",
                    try figure("sotto-8", "payload_bit_s"), best, mean, low, high, try figure("opus-6", "payload_bit_s")
                ))
        #expect(Table(report).text.hasPrefix(sentence))
    }

    @Test func whatIsWithinTheIntervalIsNoWin() throws {
        let report = try MadeReport.report(made(opusBehindBy: 0.0001), systems: systems)
        let headline = try #require(report.headline)
        let lead = try #require(headline.lead)
        #expect(lead.difference.low < 0 && lead.difference.high > 0)
        #expect(headline.sentences[0].contains("can’t be told apart") && !headline.sentences[0].contains("best"))
    }

    /// The one with the fewest bits that reaches another codec, or that none does.
    @Test func theFewestBitsThatMatchAreTold() throws {
        let matches = try #require(try MadeReport.report(made(), systems: systems).headline?.matches)
        #expect(matches.map(\.system) == ["sotto-8"] && matches.map(\.other) == ["opus-6"])
        // As that is also what leads, it is said once.
        #expect(try MadeReport.report(made(), systems: systems).headline?.sentences.count == 1)
        let worse = try #require(try MadeReport.report(made(opusBehindBy: -0.05), systems: systems).headline)
        #expect(
            worse.matches.isEmpty
                && worse.sentences.contains("None of sotto’s settings reaches opus-6 at 6000 bit/s by STOI."))
        let easy = try #require(try MadeReport.report(made(opusBehindBy: 0.3), systems: systems).headline)
        #expect(easy.matches.map(\.system) == ["sotto-2"])
        #expect(
            easy.sentences.contains {
                $0.hasPrefix("To match opus-6 at 6000 bit/s, sotto-2 at 260 bit/s is enough: STOI higher by ")
            })
    }

    @Test func aJudgeWhoseBetterEndIsKnownIsHeard() throws {
        var judged = made()
        for index in judged.indices {
            for (name, value) in [("sotto-2", 1.4), ("sotto-8", 2.1), ("opus-6", 2.3)] {
                judged[index].figures[name]??["pesq_wb"] = value
                judged[index].figures[name]??["odd"] = value
            }
        }
        let report = try MadeReport.report(judged, systems: systems, joined: ["odd", "pesq_wb"])
        let headline = try #require(report.headline)
        #expect(headline.judged.map(\.figure) == ["pesq_wb"] && headline.judged.map(\.system) == ["opus-6"])
        #expect(
            headline.sentences.contains(
                "By PESQ-WB, opus-6 at 6000 bit/s is best: 0.20 (0.20 to 0.20) above sotto-8 at 1010 bit/s."))
    }

    /// An easy recording that one of them could not code would else make the others look better.
    @Test func systemsAreComparedOnTheRecordingsThatAllHave() throws {
        var some = made()
        some.append(
            MadeReport.Made(
                name: "easy",
                figures: ["sotto-2": ["stoi": 1], "sotto-8": ["stoi": 1], "opus-6": nil, "missing-1": nil]))
        for index in some.indices.dropLast() { some[index].figures["missing-1"] = .some(nil) }
        let report = try MadeReport.report(some, systems: systems + ["missing-1"])
        let reference = try MadeReport.report(made(), systems: systems)
        #expect(report.compared == reference.compared && report.clips.count == 21)
        for (system, same) in zip(report.systems, reference.systems) {
            #expect(system.figures == same.figures && system.differences == same.differences)
        }
        // One that could code nothing keeps nobody from anything.
        #expect(report.systems.map(\.failures) == [0, 0, 1, 21] && report.systems[3].figures.isEmpty)
    }

    /// Of a recording of which one of those that have it has no pitch, say, nobody's counts.
    @Test func aFigureIsComparedWhereAllWhoHaveItHaveIt() throws {
        var some = made()
        for index in some.indices {
            some[index].figures["sotto-8"]??["f0_rmse_cents"] = index == 0 ? 500 : 50
            some[index].figures["sotto-2"]??["f0_rmse_cents"] = index == 0 ? nil : 80
        }
        let report = try MadeReport.report(some, systems: systems)
        let found = report.systems.map { $0.figures["f0_rmse_cents"] }
        #expect(found[0]?.mean == 80 && found[1]?.mean == 50 && found[1]?.count == 19 && found[2] == nil)
    }

    @Test func publishedPeersAreMarkedAndNotMeasured() throws {
        let page = try MadeReport.content(of: Page(MadeReport.report(made(), systems: systems), sounds: nil))
        let peers = try #require(page["published"] as? [[String: Any]])
        let systems = try #require((page["report"] as? [String: Any])?["systems"] as? [[String: Any]])
        #expect(Set(peers.compactMap { $0["name"] as? String }) == ["Mimi", "MOSS-Nano"] && systems.count == 3)
        let mimi = try #require(peers.first { $0["name"] as? String == "Mimi" })
        #expect(mimi["bitsPerSecond"] as? Double == 1100)
        #expect(mimi["figures"] as? [String: Double] == ["stoi": 0.91, "pesq_wb": 2.25])
    }

    /// Every figure of a report is named and explained on the page, and in the document.
    @Test func everyFigureIsExplained() throws {
        let page = try MadeReport.content(
            of: Page(MadeReport.report(made(), systems: systems, joined: ["odd"]), sounds: nil))
        let figures = try #require(page["figures"] as? [[String: Any]])
        for figure in figures {
            #expect(try #require(figure["meaning"] as? String).count > 20 && figure["name"] as? String != "")
        }
        #expect(Set(figures.compactMap { $0["key"] as? String }).count == figures.count)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let schema = try String(contentsOf: root.appending(path: "Docs/bench-schema.md"), encoding: .utf8)
        for figure in Figure.own { #expect(schema.contains("`\(figure.key)`"), "\(figure.key)") }
        // One name for one thing.
        for path in ["README.md", "Docs/bench.md", "Docs/bench-schema.md", "Docs/quality.md", "Docs/model-card.md"] {
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            #expect(!text.contains("log_mel_l1") && !text.contains("mel L1"), "\(path)")
        }
        #expect(Figure.own.contains { $0.key == "log_mel_distance" && $0.name == "log-mel distance" })
        #expect(schema.contains("| `log_mel_distance` | log-mel distance"))
    }

    /// The page is one file: what its scripts import is in it, and nothing is fetched.
    @Test func allScriptsAreInThePage() throws {
        let html = try Page(MadeReport.report(made(), systems: systems), sounds: nil).html
        #expect(!html.contains("http://") && !html.contains("https://"))
        let match = try #require(html.firstMatch(of: #/<script type="importmap">(.*?)<\/script>/#))
        let map = try #require(
            try JSONSerialization.jsonObject(with: Data(match.1.utf8)) as? [String: [String: String]])
        let modules = try #require(map["imports"])
        let texts = try modules.values.map { address in
            let data = try #require(
                Data(base64Encoded: String(address.dropFirst("data:text/javascript;base64,".count))))
            return String(decoding: data, as: UTF8.self)
        }
        let imports = (texts + [html]).flatMap {
            $0.matches(of: #/(?:from|import) "([^"]+\.js)"/#).map { String($0.1) }
        }
        #expect(imports.count > 20 && Set(imports) == Set(modules.keys))
    }

    /// A clip's transcript may hold anything.
    @Test func noTextEndsTheScriptElement() throws {
        var one = made()
        one[0].speaker = "</script><b>"
        let page = try Page(MadeReport.report(one, systems: systems), sounds: nil)
        let content = try MadeReport.content(of: page)
        let clips = try #require((content["report"] as? [String: Any])?["clips"] as? [[String: Any]])
        #expect((clips[0]["clip"] as? [String: Any])?["speaker"] as? String == "</script><b>")
    }
}
