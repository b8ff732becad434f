// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What a transcript does for speech at 125 bit/s, with the weights that ship.
@Suite struct TranscriptQualityTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The mean STOI of four sentences decoded without their transcripts and with them.
    private func intelligibility(_ name: String, _ change: (inout [Substring]) -> Void) throws -> (Double, Double) {
        var list = "path\ttext\n"
        for sample in ["campfire", "centurion", "sermons", "strikes"] {
            var words = try String(contentsOfFile: Tool.sample("\(sample).txt"), encoding: .utf8)
                .split(whereSeparator: \.isWhitespace)
            change(&words)
            list += "\(Tool.sample("\(sample).flac"))\t\(words.joined(separator: " "))\n"
        }
        let path = try folder.write("\(name).tsv", Data(list.utf8))
        let output = folder.path(name)
        let result = try Tool.run("bench", path, "--codes", "1", "--with-text", "--workers", "1", "-o", output)
        #expect(result.status == 0, "\(result.message)")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: "\(output)/report.json")))
        let systems = try #require((json as? [String: Any])?["systems"] as? [[String: Any]])
        let means = systems.map { system in
            ((system["figures"] as? [String: [String: Any]])?["stoi"]?["mean"] as? Double) ?? 0
        }
        return (try #require(means.first), try #require(means.last))
    }

    @Test func oneDigitTakesLittleOfWhatATranscriptGives() throws {
        let (none, right) = try intelligibility("right") { _ in }
        let (_, odd) = try intelligibility("odd") { $0[$0.count / 2 - 1] = "7" }
        #expect(right > none + 0.005 && odd > none + 0.5 * (right - none), "\(none) \(right) \(odd)")
    }
}
