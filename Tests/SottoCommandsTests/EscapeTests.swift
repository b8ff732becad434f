// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What a terminal would obey reaches it only as text, wherever it comes from.
@Suite struct EscapeTests {
    private static let words = "red \u{1B}[31mink \u{9B}2J \u{202E}words\u{7}"

    private func shown(_ result: Tool.Result) -> String {
        String(decoding: result.output, as: UTF8.self) + result.message
    }

    private func obeyed(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202E}") }
    }

    @Test func transcriptsAreShownAndRawInJSONOnly() throws {
        let folder = try TemporaryFolder()
        let tokens = folder.path("speech.sotto")
        let encoded = try Tool.run(
            "encode", Tool.sample("strikes.flac"), "-o", tokens, "--model", TranscriptTests.model, "--text", Self.words)
        #expect(encoded.status == 0)
        for command in [["inspect", tokens], ["align", tokens, "--model", TranscriptTests.model]] {
            let text = shown(try Tool.run(Tool.binary, command))
            #expect(text.contains("\\u{1B}[31mink") && obeyed(text).isEmpty, "\(text)")
        }
        let summary = try #require(try Tool.inspect(tokens)["text"] as? [String])
        #expect(summary == [Self.words])
        let aligned = try Tool.run("align", tokens, "--model", TranscriptTests.model, "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: aligned.output) as? [String: Any])
        let words = try #require(json["words"] as? [[String: Any]])
        #expect(words.first { ($0["word"] as? String) == "\u{1B}[31mink" } != nil)
    }

    @Test(arguments: [["inspect"], ["decode", "-o", "x.wav"], ["encode", "-o", "x.sotto"], ["bench", "-o", "x"]])
    func fileNamesAreShownInErrors(command: [String]) throws {
        let result = try Tool.run(Tool.binary, command + ["no \u{1B}[2J\nsuch.\u{9B}7m"])
        #expect(result.status != 0 && result.message.contains("no \\u{1B}[2J\\u{A}such.\\u{9B}7m"))
        #expect(obeyed(result.message).isEmpty && result.message.split(separator: "\n").count == 1)
    }

    @Test func argumentsThatAreNotUnderstoodAreShown() throws {
        let result = try Tool.run("encode", "--\u{1B}]0;title\u{7}")
        #expect(result.status == 64 && obeyed(result.message).isEmpty, "\(result.message)")
    }
}
