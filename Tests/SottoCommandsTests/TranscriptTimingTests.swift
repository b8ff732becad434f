// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The timing of a transcript at the command line, with the weights that ship.
@Suite struct TranscriptPaceTests {
    let folder: TemporaryFolder
    let tokens: String
    let words = Tool.sample("strikes.txt")

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("speech.sotto")
        let encoded = try encode("--text-file", words)
        #expect(encoded.status == 0 && encoded.message.isEmpty, "\(encoded.message)")
    }

    private func encode(_ options: String...) throws -> Tool.Result {
        let all = ["encode", "--force", "--codes", "1", Tool.sample("strikes.flac"), "-o", tokens] + options
        return try Tool.run(Tool.binary, all)
    }

    private func decoded(_ options: String...) throws -> Data {
        let result = try Tool.run(Tool.binary, ["decode", tokens, "-o", "-"] + options)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        return result.output
    }

    private func inspected() throws -> [String: Any] {
        let result = try Tool.run("inspect", tokens, "--json", "--verify")
        #expect(result.status == 0)
        return try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    }

    @Test func theStoredPaceIsTakenUnlessTheTextIsAnother() throws {
        #expect(try inspected()["paced"] as? [Bool] == [true])
        let (paced, followed, none) = (try decoded(), try decoded("--text-file", words), try decoded("--no-text"))
        let same = (paced == none, paced == followed, samples(paced).count == samples(none).count)
        #expect(same == (false, false, true))
        let lines = try Tool.run("inspect", tokens)
        #expect(String(decoding: lines.output, as: UTF8.self).contains("with the timing"))
    }

    @Test func aTextThatFitsBadlyIsStoredWithoutPace() throws {
        let text = try String(contentsOfFile: Tool.sample("centurion.txt"), encoding: .utf8)
        let encoded = try encode("--text", text)
        #expect(encoded.status == 0 && encoded.message.split(separator: "\n").count == 1)
        #expect(encoded.message.contains("warning") && encoded.message.contains("without its timing"))
        let told = try inspected()
        #expect(told["paced"] as? [Bool] == [false] && told["text"] as? [String] == [text])
    }

    @Test func nothingIsSaidOfATextWithoutLetters() throws {
        #expect(try encode("--text", " … ").message.isEmpty)
        #expect(try inspected()["paced"] as? [Bool] == [false])
    }
}
