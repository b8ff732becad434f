// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import TestSupport
import Testing
import TokenFile

/// Transcripts at the command line, with a small model that reads text; that it hears anything is not expected of it.
@Suite struct TranscriptTests {
    static let model = Tool.root.appending(path: "Tests/SottoTests/Fixtures/text-model.safetensors")
        .path(percentEncoded: false)
    static let sentence = "That's all she, the tree and three bees, will need."

    let folder: TemporaryFolder
    let tokens: String

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("speech.sotto")
        let result = try Tool.run(
            "encode", Tool.sample("campfire.flac"), "-o", tokens, "--model", Self.model, "--text", Self.sentence)
        #expect(result.status == 0, "\(result.message)")
    }

    private func decode(_ options: String...) throws -> Tool.Result {
        let all = ["decode", tokens, "-o", "-", "--model", Self.model] + options
        return try Tool.run(Tool.binary, all)
    }

    private func decoded(_ options: String...) throws -> Data {
        let all = ["decode", tokens, "-o", "-", "--model", Self.model] + options
        let result = try Tool.run(Tool.binary, all)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.message)")
        return result.output
    }

    @Test func theStoredTextIsReadUnlessForbiddenOrReplaced() throws {
        let words = try folder.write("words.txt", Data("\n \(Self.sentence)\n".utf8))
        let (stored, given, none) = (try decoded(), try decoded("--text-file", words), try decoded("--no-text"))
        let (other, empty) = (try decoded("--text", "quite another"), try decoded("--text", ""))
        let same = (stored == given, stored == none, other == stored, other == none, empty == none)
        #expect(same == (true, false, false, false, true))
        #expect(samples(stored).count == 76_400)
    }

    @Test(arguments: ["q", "жаль", String(repeating: "so it goes on ", count: 8000), "🙂"])
    func anyTextDecodes(text: String) throws {
        let words = try folder.write("words.txt", Data(text.utf8))
        #expect(samples(try decoded("--text-file", words)).count == 76_400)
    }

    @Test func aTextThatDoesntFitIsTold() throws {
        // One letter is soon over; what comes then is not in the text.
        let result = try decode("--text", "q")
        #expect(result.status == 0 && result.message.contains("warning") && result.message.contains("fits only"))
        #expect(try decode("--no-text").message.isEmpty)
    }

    @Test func contradictionsAreWrongUsage() throws {
        for options in [["--no-text", "--text", "a"], ["--text", "a", "--text-file", "b"]] {
            let result = try Tool.run(
                Tool.binary, ["decode", tokens, "-o", folder.path("a.wav"), "--model", Self.model] + options)
            #expect(result.status == 64 && result.errors.count == 1)
        }
        let both = try Tool.run(
            "decode", tokens, tokens, "-o", folder.url.path, "--model", Self.model, "--text", "a")
        #expect(both.status == 64 && both.errors.count == 1)
        #expect(folder.names == ["speech.sotto"])
    }

    @Test func aModelThatReadsNoTextSaysSo() throws {
        let model = Tool.root.appending(path: "Tests/SottoTests/Fixtures/plain-model.safetensors").path
        let plain = folder.path("plain.sotto")
        let encoded = try Tool.run("encode", Tool.sample("strikes.flac"), "-o", plain, "--model", model)
        #expect(encoded.status == 0)
        try storeText("words", in: plain)
        #expect(try Tool.run("decode", plain, "-o", folder.path("stored.wav"), "--model", model).errors.isEmpty)
        let lines = try folder.write("lines", Data("0\twords\n".utf8))
        for arguments in [
            ["encode", Tool.sample("strikes.flac"), "-o", folder.path("told.sotto"), "--text", "words"],
            ["encode", Tool.sample("strikes.flac"), "-o", folder.path("told.sotto"), "--text-file", lines],
            ["encode", Tool.sample("strikes.flac"), "-o", folder.path("told.sotto"), "--texts"],
            ["decode", plain, "-o", folder.path("told.wav"), "--text", "words"], ["align", plain],
            ["stream", "decode", "--text-from", lines],
        ] {
            let result = try Tool.run(Tool.binary, arguments + ["--model", model])
            #expect(result.status == 64 && result.errors.count == 1, "\(result.message)")
            #expect(result.message.contains("reads no text"))
        }
        #expect(!folder.names.contains { $0.hasPrefix("told") })
    }

    /// As a program may do that knows what is said: the model needn't read it.
    private func storeText(_ text: String, in path: String) throws {
        let recording = try TokenFileReader.read([UInt8](Data(contentsOf: URL(filePath: path))))
        var writer = TokenFileWriter(header: recording.header)
        var file = writer.start
        for (codes, level) in zip(recording.frames, recording.levels) {
            file += try writer.append(TokenFrame(codes: try #require(codes), level: level))
        }
        file += try writer.append(TextSegment(frames: 0..<recording.frames.count, text: text))
        let (end, header) = try writer.finish(sampleCount: try #require(recording.sampleCount))
        file.replaceSubrange(0..<header.count, with: header)
        try Data(file + end).write(to: URL(filePath: path))
    }

    @Test func wordsHaveTimes() throws {
        let result = try Tool.run("align", tokens, "--model", Self.model, "--json")
        #expect(result.status == 0)
        let told = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        let words = try #require(told["words"] as? [[String: Any]])
        #expect(words.compactMap { $0["word"] as? String }.joined(separator: " ") == Self.sentence)
        let times = words.flatMap { [$0["start"], $0["end"]].compactMap { $0 as? Double } }
        #expect(times == times.sorted() && times.allSatisfy { (0...4.8).contains($0) })
        #expect((told["match"] as? Double).map { (0...1).contains($0) } == true)
        let lines = try Tool.run("align", tokens, "--model", Self.model)
        #expect(String(decoding: lines.output, as: UTF8.self).split(separator: "\n").count == words.count)
    }

    @Test func aPoorAlignmentIsToldAndTaken() throws {
        let result = try Tool.run("align", tokens, "--model", Self.model, "--text", "q", "--codes", "1")
        #expect(result.status == 0 && result.message.contains("warning: "))
        let bare = folder.path("bare.sotto")
        #expect(try Tool.run("encode", Tool.sample("strikes.flac"), "-o", bare, "--model", Self.model).status == 0)
        let without = try Tool.run("align", bare, "--model", Self.model)
        #expect(without.status == 64 && without.errors.count == 1)
        let empty = try Tool.run("align", bare, "--model", Self.model, "--text", " … ")
        #expect(empty.status == 0 && empty.output.isEmpty)
    }
}
