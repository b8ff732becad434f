// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation

/// A real sentence that comes with the repository, at 16 kHz, and what is said in it.
struct Sample {
    static let english = ["campfire", "centurion", "sermons", "strikes"]

    let speech: [Float]
    let text: String

    init(_ name: String) throws {
        var reader = try AudioFileReader(path: Fixture.path("Samples/\(name).flac"))
        speech = try reader.read(upTo: 1 << 20)
        text = try String(contentsOfFile: Fixture.path("Samples/\(name).txt"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var words: [String] { text.split(separator: " ").map(String.init) }
}
