// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Foundation
import Testing

/// What breaks first: errors of hops, sorted by what the recording is like there.
@Suite struct BreakdownTests {
    private let systems = ["sotto-1", "sotto-8"]
    private let rates = [
        "sotto-1": ["stoi": 0.7, "payload_bit_s": 135.0], "sotto-8": ["stoi": 0.9, "payload_bit_s": 1010.0],
    ]

    /// Four blocks of 100 hops, of which the last is too soft to count.
    private func made(_ name: String = "a", speaker: String? = "she", worse: Int = 0) -> MadeReport.Made {
        func blocks(_ values: Int...) -> [Int] { values.flatMap { [Int](repeating: $0, count: 100) } }
        return MadeReport.Made(
            name: name, speaker: speaker, figures: rates.mapValues { $0 },
            hops: (
                levels: blocks(-5, -15, -35, -41), pitches: blocks(120, 220, 0, 0),
                errors: [
                    "sotto-1": blocks(500, 700 + worse, 900, 5000), "sotto-8": blocks(400, 300, 800, 5000),
                ]
            ), bands: ["sotto-1": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "sotto-8": [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
            letters: [("a", 0..<1), ("t", 1..<2), ("s", 2..<3)])
    }

    private func rows(_ kind: Breakdown.Kind, _ breakdown: Breakdown) -> [String: [Double]] {
        let group = breakdown.groups.first { $0.kind == kind }
        return Dictionary(
            uniqueKeysWithValues: (group?.rows ?? []).map { row in
                (row.name, systems.compactMap { row.errors[$0]?.mean })
            })
    }

    private func isNear(_ a: [Double]?, _ b: [Double]) -> Bool {
        a?.count == b.count && zip(a ?? [], b).allSatisfy { abs($0 - $1) < 0.02 }
    }

    @Test func eachHopCountsWhereItBelongs() throws {
        let found = try #require(try MadeReport.report([made()], systems: systems).breakdown)
        #expect(isNear(systems.compactMap { found.means[$0]?.mean }, [0.7, 0.5]))
        #expect(found.classes == .letters)
        let sounds = rows(.sound, found)
        // Seconds are those of the windows' middles, so that a hop or two lie across.
        #expect(
            isNear(sounds["vowels"], [0.5, 0.4]) && isNear(sounds["plosives"], [0.7, 0.3])
                && isNear(sounds["fricatives"], [0.9, 0.8]))
        #expect(sounds["nasals"] == nil)
        let voicing = rows(.voicing, found)
        #expect(isNear(voicing["voiced"], [0.6, 0.35]) && isNear(voicing["unvoiced"], [0.9, 0.8]))
        let pitches = rows(.pitch, found)
        #expect(
            isNear(pitches["100 to 150 Hz"], [0.5, 0.4]) && isNear(pitches["200 to 300 Hz"], [0.7, 0.3])
                && pitches.count == 2)
        let levels = rows(.level, found)
        #expect(
            isNear(levels["0 to 10 dB"], [0.5, 0.4]) && isNear(levels["30 to 40 dB"], [0.9, 0.8]) && levels.count == 3)
        #expect(isNear(rows(.band, found)["6 to 8 kHz"], [0.6, 0.1]))
        // One speaker is no group.
        #expect(rows(.speaker, found).isEmpty)
    }

    @Test func whatGrowsMostIsSaid() throws {
        let found = try #require(try MadeReport.report([made()], systems: systems).breakdown)
        let sentence = try #require(found.sentences.first)
        #expect(
            sentence.hasPrefix(
                "From sotto-8 to sotto-1, 1010 to 135 bit/s, the log-mel distance grows most for plosives (0.30 to 0.70)"
            ))
        #expect(sentence.contains("the band 6 to 8 kHz (0.10 to 0.60)") && sentence.contains("pitches 200 to 300 Hz"))
        let one = try MadeReport.report([made()], systems: ["sotto-8"])
        #expect(one.breakdown?.sentences == [])
    }

    @Test func speakersAreToldApartTheWorstFirst() throws {
        let found = try #require(
            try MadeReport.report([made("a"), made("b", speaker: "he", worse: 300), made("c")], systems: systems)
                .breakdown)
        let group = try #require(found.groups.first { $0.kind == .speaker })
        #expect(group.rows.map(\.name) == ["he", "she"] && group.rows.map(\.frames) == [300, 600])
        #expect(group.rows[1].errors["sotto-1"]?.count == 2)
    }

    @Test func phoneTimesGoBeforeLetters() throws {
        let phones = try phones(
            #"{"phones": {"a": [{"phone": "AH0", "start": 0, "end": 2}, {"phone": "n", "start": 2, "end": 1e300}]}}"#)
        let found = try #require(try MadeReport.report([made()], systems: systems, phones: phones).breakdown)
        #expect(found.classes == .phones)
        let sounds = rows(.sound, found)
        #expect(
            isNear(sounds["vowels"], [0.6, 0.35]) && isNear(sounds["nasals"], [0.9, 0.8]) && sounds["plosives"] == nil)
    }

    /// Hops that no sound holds are pauses; times that make no sense hold none.
    @Test func timesMayBeAnything() throws {
        let phones = try phones(
            #"{"phones": {"a": [{"phone": "AH", "start": 5, "end": 1}, {"phone": "AH", "start": -1e300, "end": -5}]}}"#)
        let found = try #require(try MadeReport.report([made()], systems: systems, phones: phones).breakdown)
        #expect(isNear(rows(.sound, found)["pauses"], [0.7, 0.5]) && rows(.sound, found).count == 1)
    }

    @Test func withoutHopsThereIsNothing() throws {
        let bare = MadeReport.Made(name: "a", figures: rates.mapValues { $0 })
        let found = try #require(try MadeReport.report([bare], systems: systems).breakdown)
        #expect(found.groups.isEmpty && found.sentences.isEmpty && found.means.isEmpty)
    }

    /// What is kept of each hop stays out of the report.
    @Test func hopsAreNotInTheReport() throws {
        let text = String(
            decoding: try JSONEncoder().encode(MadeReport.report([made()], systems: systems)), as: UTF8.self)
        #expect(!text.contains("thousandths") && !text.contains("\"pitches\":") && text.contains("plosives"))
    }

    private func phones(_ json: String) throws -> JoinedPhones {
        let file = FileManager.default.temporaryDirectory.appending(path: "phones-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(json.utf8).write(to: file)
        return try JoinedFigures(paths: [file.path(percentEncoded: false)]).phones
    }
}
