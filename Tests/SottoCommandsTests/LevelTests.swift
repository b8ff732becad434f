// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The command with a small model that tells the speaker's level apart.
@Suite struct LevelTests {
    let folder: TemporaryFolder
    private let model = Tool.root.appending(path: "Tests/SottoTests/Fixtures/level-model.safetensors")
        .path(percentEncoded: false)

    init() throws {
        folder = try TemporaryFolder()
        try done("encode '\(Tool.sample("campfire.flac"))' --model '\(model)' -o a.sotto")
    }

    private func done(_ command: String) throws {
        let result = try shell("\"$SOTTO\" \(command)", in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.message)")
    }

    private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    @Test func inspectTellsOfTheLevels() throws {
        let found = try Tool.inspect(folder.path("a.sotto"))
        let levels = try #require(found["levels"] as? [String: Any])
        let (lowest, highest) = (try #require(levels["lowest"] as? Int), try #require(levels["highest"] as? Int))
        #expect(lowest < highest && highest <= 63)
        #expect(try #require(levels["bits_per_second"] as? Double) > 0)
        let text = String(decoding: try Tool.run("inspect", folder.path("a.sotto")).output, as: UTF8.self)
        #expect(text.contains("levels     numbers \(lowest) to \(highest)"))
        let summary = String(decoding: try Tool.run("inspect", model).output, as: UTF8.self)
        #expect(summary.contains("level      is told apart from the codes, in steps of 1.5 dB"))
    }

    /// Codes and levels as arrays give back what the file gives; codes alone are spoken at the nominal level.
    @Test(arguments: ["npy", "json"]) func arraysOfLevelsComeBack(format: String) throws {
        try done("decode a.sotto --model '\(model)' -o wanted.wav")
        try done("export a.sotto -o codes.\(format)")
        try done("export a.sotto --levels -o levels.\(format)")
        try done("decode codes.\(format) --levels levels.\(format) --model '\(model)' -o found.wav")
        try done("decode codes.\(format) --model '\(model)' -o nominal.wav")
        let wanted = try contents("wanted.wav").dropFirst(44)
        // An array doesn't say how long the recording was.
        #expect(try contents("found.wav").dropFirst(44).prefix(wanted.count) == wanted)
        #expect(try contents("nominal.wav").dropFirst(44).prefix(wanted.count) != wanted)
    }

    /// Levels that lie beside the codes are taken without being asked for.
    @Test(arguments: ["npz", "jsonl"]) func filesOfCodesHoldTheirLevels(format: String) throws {
        try done("decode a.sotto --model '\(model)' -o wanted.wav")
        try done("export a.sotto -o codes.\(format)")
        try done("decode codes.\(format) --model '\(model)' -o found.wav")
        let wanted = try contents("wanted.wav").dropFirst(44)
        #expect(try contents("found.wav").dropFirst(44).prefix(wanted.count) == wanted)
    }

    @Test func levelsThatDoNotFitAreRefused() throws {
        try done("export a.sotto -o codes.json")
        _ = try folder.write("few.json", Data("[[40],[41]]".utf8))
        _ = try folder.write("high.json", Data("[[64]]".utf8))
        _ = try folder.write("wide.json", Data("[[40,41]]".utf8))
        // One whose codes say how loud a speaker is.
        let plain = TranscriptTests.model
        let decode = "decode codes.json --model '\(model)' -o x.wav --levels"
        #expect(try refusal("\(decode) few.json", status: 65, in: folder).contains("2 levels for"))
        #expect(try refusal("\(decode) high.json", status: 65, in: folder).contains("levels are 0 to 63"))
        #expect(try refusal("\(decode) wide.json", status: 65, in: folder).contains("levels are one a frame"))
        let headed = "decode a.sotto --model '\(model)' -o x.wav --levels few.json"
        #expect(try refusal(headed, status: 64, in: folder).contains("header"))
        let unheard = "decode codes.json --model '\(plain)' -o x.wav --levels few.json"
        #expect(try refusal(unheard, status: 64, in: folder).contains("codes of this model"))
        try done("encode '\(Tool.sample("campfire.flac"))' --model '\(plain)' -o plain.sotto")
        #expect(try refusal("export plain.sotto --levels -o x.npy", status: 64, in: folder).contains("tells no levels"))
    }

    /// Packets of the same samples sound as the file does.
    @Test func aStreamSoundsAsTheFileDoes() throws {
        // Its own samples, of which a file of their rate and a pipe have the same.
        try done("decode a.sotto --model '\(model)' -o clip.wav")
        try done("encode clip.wav --model '\(model)' -o clip.sotto")
        try done("decode clip.sotto --model '\(model)' -o wanted.wav")
        let rate = try #require(try Tool.inspect(folder.path("clip.sotto"))["sample_rate"] as? Int)
        let stream = """
            tail -c +45 clip.wav | "$SOTTO" stream encode --rate \(rate) --model '\(model)' \
                | "$SOTTO" stream decode --rate \(rate) --model '\(model)' > live.raw
            """
        let result = try shell(stream, in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.message)")
        let wanted = try contents("wanted.wav").dropFirst(44)
        #expect(try contents("live.raw").prefix(wanted.count) == wanted)
    }

    /// What a program of before says of such a file is in its own tests: it names the flag.
    @Test(arguments: [false, true]) func tokensOfOtherModelsNameTheirRelease(namesModel: Bool) throws {
        let old = Tool.root.appending(path: "Tests/SottoCommandsTests/Fixtures/release-0.9.sotto")
            .path(percentEncoded: false)
        let option = namesModel ? "--model '\(model)'" : ""
        let message = try refusal("decode '\(old)' \(option) -o x.wav", status: 65, in: folder)
        #expect(message.contains("bd3403ede2a5740b (sotto-16k of release 0.9.0, commit 4184c2c)"))
        let found = try Tool.inspect(old)
        #expect(found["model"] as? String == "bd3403ede2a5740b" && found["frames"] as? Int == 40)
    }
}
