// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import TestSupport
import Testing

/// Tokens by the word at the command line, with the models that ship.
@Suite struct WordCommandTests {
    private static let sample = Tool.sample("campfire.flac")
    private static let transcript = Tool.sample("campfire.txt")

    private let folder: TemporaryFolder
    private let tokens: String

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("campfire.sotto")
        let result = try Tool.run("encode", Self.sample, "-o", tokens, "--by-word", "--text-file", Self.transcript)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    @Test(arguments: [0, 2, 4]) func speechComesBackAsLongAsItWas(codes: Int) throws {
        let (path, wav) = (folder.path("a.sotto"), folder.path("a.wav"))
        for arguments in [
            ["encode", Self.sample, "-o", path, "--by-word", "--codes", "\(codes)", "--text-file", Self.transcript],
            ["decode", path, "-o", wav],
        ] {
            let result = try Tool.run(Tool.binary, arguments)
            #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        }
        let decoded = samples(try Data(contentsOf: URL(filePath: wav)))
        #expect(decoded.count == 76_400 && decoded.contains { abs(Int($0)) > 2000 })
        let told = try Tool.inspect(path)
        #expect(told["codes_per_word"] as? Int == codes && told["words"] as? Int == 16)
        #expect((told["voice"] as? [Int])?.count == 16)
        let parts = ["code", "timing", "voice", "text"].map { told["\($0)_bits_per_second"] as? Double ?? -1 }
        #expect(parts.allSatisfy { $0 >= 0 } && parts.reduce(0, +) < told["file_bits_per_second"] as? Double ?? 0)
        #expect(codes > 0 ? parts[0] > 20 : parts[0] == 0)
        let shown = try Tool.run("inspect", path)
        #expect(String(decoding: shown.output, as: UTF8.self).contains("words      16, and"))
    }

    @Test func wordsAreToldWithTheirTimes() throws {
        let result = try Tool.run("align", tokens, "--json")
        let told = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        let words = try #require(told["words"] as? [[String: Any]])
        let starts = words.compactMap { $0["start"] as? Double }
        #expect(words.map { $0["word"] as? String }.first == "That" && words.last?["word"] as? String == "fire.")
        #expect(words.count == 16 && starts.count == 16 && starts == starts.sorted())
        let other = try Tool.run("align", tokens, "--text", "other words")
        #expect(other.status == 64 && other.errors.count == 1)
    }

    @Test func wordsAreExportedWithTheirCodes() throws {
        let path = folder.path("a.jsonl")
        #expect(try Tool.run("export", tokens, "-o", path).status == 0)
        let line = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
        let words = try #require(line["words"] as? [[String: Any]])
        #expect(line["id"] as? String == "campfire" && (line["text"] as? String)?.hasPrefix("That is") == true)
        for word in words {
            #expect((word["codes"] as? [Int])?.count == (word["word"] as? String == "" ? 1 : 4))
        }
        // The first bytes of the array say its shape.
        let array = folder.path("a.npy")
        #expect(try Tool.run("export", tokens, "-o", array).status == 0)
        let head = String(decoding: try Data(contentsOf: URL(filePath: array)).prefix(128), as: UTF8.self)
        #expect(head.contains("'<u2'") && head.contains("(\(words.count), 4)"))
        for ending in ["npz", "json", "csv"] {
            #expect(try Tool.run("export", tokens, "-o", folder.path("b.\(ending)")).status == 0)
        }
        for option in ["--levels", "--flat", "--codebooks-first", "--batch"] {
            let refused = try Tool.run("export", tokens, "-o", folder.path("c.npy"), option)
            #expect(refused.status != 0 && refused.errors.count == 1, "\(option)")
        }
    }

    /// A reader of another make, from Docs/token-format.md alone, finds the same words, times and codes.
    @Test func anotherReaderFindsTheSame() throws {
        let path = folder.path("a.jsonl")
        #expect(try Tool.run("export", tokens, "-o", path).status == 0)
        let line = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
        let wanted = try #require(line["words"] as? [[String: Any]]).map { word in
            let letters = (word["word"] as? String ?? "").lowercased().filter { $0.isLetter }
            let rows = ["start", "end"].map { String(Int(((word[$0] as? Double ?? -1) * 50).rounded())) }
            let codes = (word["codes"] as? [Int] ?? []).map { String($0) }
            return ([letters] + rows + codes + [String](repeating: "", count: 4 - codes.count)).joined(separator: ",")
        }
        let reader = Tool.root.appending(path: "Tests/read_tokens.py").path(percentEncoded: false)
        let result = try Tool.run(URL(filePath: "/usr/bin/env"), ["python3", reader, tokens])
        #expect(result.status == 0, "\(result.message)")
        #expect(String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init) == wanted)
    }

    @Test func whatCannotBeCodedByTheWordIsRefusedInALine() throws {
        let other = try folder.write("other.safetensors", Data(contentsOf: URL(filePath: TranscriptTests.model)))
        let refusals: [(options: [String], status: Int32, says: String)] = [
            ([], 64, "needs a transcript"), (["--text", "Moral sermons won't chime"], 65, "fits only"),
            (["--text", "—"], 64, "words"),
            (["--text", "a", "--codes", "3"], 64, "0, 2 or 4"),
            (["--text", "a", "--codes", "2", "--average"], 64, "--average"),
            (["--text", "a", "--model", other], 66, "other-words.safetensors"),
            (["--text", "a", "--model", "sotto-16k-6hz"], 66, "sotto-16k-6hz-words"),
        ]
        for (options, status, says) in refusals {
            let path = folder.path("refused.sotto")
            let result = try Tool.run(Tool.binary, ["encode", Self.sample, "-o", path, "--by-word"] + options)
            #expect(result.status == status && result.errors.count == 1, "\(options): \(result.message)")
            #expect(options.isEmpty || result.message.contains(says), "\(options): \(result.message)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        for options in [["--text", "a"], ["--no-text"], ["--codes", "1"], ["--flat"]] {
            let result = try Tool.run(Tool.binary, ["decode", tokens, "-o", folder.path("a.wav")] + options)
            #expect(result.status == 64 && result.errors.count == 1, "\(options): \(result.message)")
        }
        let wrong = try Tool.run("decode", tokens, "-o", folder.path("a.wav"), "--model", other)
        #expect(wrong.status == 66 && wrong.errors.count == 1)
    }

    /// What is left of a damaged file is spoken, or refused in a line.
    @Test func damageIsToldAndTheRestIsSpoken() throws {
        let whole = try Data(contentsOf: URL(filePath: tokens))
        func decode(_ bytes: Data) throws -> Tool.Result {
            try Tool.run("decode", folder.write("damaged.sotto", bytes), "-o", folder.path("damaged.wav"), "--force")
        }
        func chunk(_ kind: Character) throws -> Int {
            let head = Data([0xC5, kind.asciiValue ?? 0])
            return try #require(whole.range(of: head)).lowerBound
        }
        for (kind, says) in [("V", "voice"), ("W", "damaged")] {
            var bytes = whole
            bytes[try chunk(Character(kind)) + 15] ^= 4
            let result = try decode(bytes)
            #expect(result.status == 0 && result.errors.isEmpty && result.message.contains(says), "\(result.message)")
        }
        for kind in ["T", "P"] {
            var bytes = whole
            bytes[try chunk(Character(kind)) + 15] ^= 4
            let result = try decode(bytes)
            #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
        }
        for end in [41, 60, whole.count / 2, whole.count - 5] {
            let result = try decode(whole.prefix(end))
            #expect([0, 65].contains(result.status) && result.errors.count == (result.status == 0 ? 0 : 1))
        }
        #expect(try Tool.run("inspect", folder.write("cut.sotto", whole.dropLast(5)), "--verify").status == 65)
    }

    @Test func everySetOfInstructionsGivesTheSame() throws {
        let wanted = (try Data(contentsOf: URL(filePath: tokens)), try decoded(with: nil))
        for instructions in Instructions.available.map(\.word) {
            let setting = "SOTTO_INSTRUCTIONS=\(instructions)"
            let other = folder.path("\(instructions).sotto")
            let result = try shell(
                """
                \(setting) "$SOTTO" encode '\(Self.sample)' -o \(instructions).sotto --by-word --text-file '\(Self.transcript)'
                """, in: folder)
            #expect(result.status == 0)
            #expect(try Data(contentsOf: URL(filePath: other)) == wanted.0, "\(instructions)")
            #expect(try decoded(with: instructions) == wanted.1, "\(instructions)")
        }
    }

    private func decoded(with instructions: String?) throws -> [Int16] {
        let setting = instructions.map { "SOTTO_INSTRUCTIONS=\($0)" } ?? ""
        let result = try shell("\(setting) \"$SOTTO\" decode campfire.sotto -o out.wav --force", in: folder)
        #expect(result.status == 0)
        return samples(try Data(contentsOf: folder.url.appending(path: "out.wav")))
    }

    @Test func foldersAreTakenWithTheirTranscripts() throws {
        let input = folder.url.appending(path: "in")
        try FileManager.default.createDirectory(at: input, withIntermediateDirectories: true)
        for name in ["campfire", "strikes"] {
            for ending in ["flac", "txt"] {
                try FileManager.default.copyItem(
                    atPath: Tool.sample("\(name).\(ending)"), toPath: input.appending(path: "\(name).\(ending)").path)
            }
        }
        let arguments = ["encode", input.path, "-o", folder.path("out"), "--by-word", "--texts", "--resume"]
        for _ in 0..<2 {
            #expect(try Tool.run(Tool.binary, arguments).status == 0)
        }
        let told = try Tool.run("inspect", folder.path("out"))
        #expect(String(decoding: told.output, as: UTF8.self).split(separator: "\n").count == 2)
        #expect(
            try Data(contentsOf: folder.url.appending(path: "out/campfire.sotto"))
                == Data(contentsOf: URL(filePath: tokens)))
    }
}
