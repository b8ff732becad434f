// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Foundation
import Testing

/// A report of results that were never measured.
struct MadeReport {
    /// Of one recording: figures by the system's name; nil for a system that could not code it.
    struct Made {
        var name: String
        var speaker: String?
        var figures: [String: [String: Double]?]
        /// Of hops: level in dB, F0 in Hz, and log-mel distance in thousandths by the system's name.
        var hops: (levels: [Int], pitches: [Int], errors: [String: [Int]])?
        /// Log-mel distance of each band, by the system's name.
        var bands: [String: [Double]] = [:]
        /// Letters and the seconds in which they are said.
        var letters: [(String, Range<Double>)] = []
    }

    static func results(_ made: [Made]) throws -> [ClipResult] {
        let objects = made.map { made -> [String: Any] in
            var clip: [String: Any] = ["id": made.name, "path": "\(made.name).flac"]
            clip["speaker"] = made.speaker
            let systems = made.figures.mapValues { figures -> [String: Any] in
                figures.map { ["figures": $0, "frameMilliseconds": [Double]()] }
                    ?? ["figures": [String: Double](), "frameMilliseconds": [Double](), "failure": "it is broken"]
            }
            var object: [String: Any] = ["clip": clip, "seconds": 2, "systems": systems]
            if let hops = made.hops {
                object["hops"] = ["levels": hops.levels, "pitches": hops.pitches]
                object["systems"] = Dictionary(
                    uniqueKeysWithValues: systems.map { name, system in
                        let errors: [String: Any] = [
                            "thousandths": hops.errors[name] ?? [],
                            "bands": made.bands[name] ?? [Double](repeating: 0, count: 6),
                        ]
                        return (name, system.merging(["hopErrors": errors]) { $1 })
                    })
            }
            if !made.letters.isEmpty {
                object["said"] = [
                    "model": "", "words": [Any](),
                    "letters": made.letters.map { ["label": $0.0, "start": $0.1.lowerBound, "end": $0.1.upperBound] },
                ]
            }
            return object
        }
        return try JSONDecoder().decode([ClipResult].self, from: JSONSerialization.data(withJSONObject: objects))
    }

    static func report(
        _ made: [Made], systems: [String], joined: [String] = [], phones: JoinedPhones = .none
    ) throws -> Report {
        Report(
            try results(made), systems: systems, joined: joined, phones: phones, peakMemory: [:],
            codec: Report.Codec(identity: "00", bytes: 1, delayMilliseconds: 100, codes: 1024, frameRate: 12.5),
            workers: 1)
    }

    /// What the page's scripts find, read from the page as a browser would.
    static func content(of page: Page) throws -> [String: Any] {
        let match = try #require(
            page.html.firstMatch(
                of: #/<script type="application\/json" id="data">(.*?)<\/script>/#.dotMatchesNewlines()))
        return try #require(try JSONSerialization.jsonObject(with: Data(match.1.utf8)) as? [String: Any])
    }
}
