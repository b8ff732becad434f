// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `--average` at the command line.
@Suite struct VariableRateTests {
    let folder: TemporaryFolder
    let tokens: String

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("speech.sotto")
        let result = try Tool.run(
            "encode", "--average", "--codes", "4", Tool.sample("campfire.flac"), "-o", tokens,
            "--text-file", Tool.sample("campfire.txt"))
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    @Test func inspectTellsTheRateReallyWritten() throws {
        let told = try Tool.inspect(tokens)
        let mean = try #require(told["codes_per_frame"] as? Double)
        #expect((3.4...4.6).contains(mean) && told["codebooks"] as? Int ?? 0 > 4)
        #expect(abs(try #require(told["bits_per_second"] as? Double) - 125 * mean) < 1e-6)
        let size = try #require(told["file_bytes"] as? Int)
        let text = try #require(told["text_bytes"] as? Int)
        let levels = try #require(told["levels"] as? [String: Any])
        let runs = try #require(levels["bits_per_second"] as? Double) * #require(told["seconds"] as? Double) / 8
        #expect(
            Double(size - text) < 60 * mean * 10 / 8 + runs + 14 + 110,
            "nothing but the codes, the levels and what frames them")
        let lines = String(decoding: try Tool.run("inspect", tokens).output, as: UTF8.self)
        #expect(lines.contains("codes a frame on average"))
    }

    @Test func itDecodesAsAnyOther() throws {
        #expect(try Tool.run("decode", tokens, "-o", folder.path("told.wav")).status == 0)
        #expect(try Tool.run("decode", tokens, "-o", folder.path("plain.wav"), "--no-text").status == 0)
        #expect(try Tool.run("decode", tokens, "-o", folder.path("coarse.wav"), "--codes", "1").status == 0)
        for name in ["told", "plain", "coarse"] {
            #expect(samples(try Data(contentsOf: URL(filePath: folder.path("\(name).wav")))).count == 76_400)
        }
        let aligned = try Tool.run("align", tokens)
        #expect(aligned.status == 0 && String(decoding: aligned.output, as: UTF8.self).contains("fellow"))
    }

    @Test func anIndependentReaderAgreesWithExport() throws {
        let reader = Tool.root.appending(path: "Tests/read_tokens.py").path(percentEncoded: false)
        let read = try Tool.run(URL(filePath: "/usr/bin/env"), ["python3", reader, tokens])
        for ending in ["csv", "json", "npy"] {
            #expect(try Tool.run("export", tokens, "-o", folder.path("codes.\(ending)")).status == 0)
        }
        #expect(try Data(contentsOf: URL(filePath: folder.path("codes.csv"))) == read.output)
        let rows = numbers(read.output)
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.path("codes.json"))))
        #expect(json as? [[Int]] == rows && rows.count == 60 && Set(rows.map(\.count)).count > 2)
        let codebooks = try #require(try Tool.inspect(tokens)["codebooks"] as? Int)
        let npy = try Data(contentsOf: URL(filePath: folder.path("codes.npy")))
        let words = stride(from: npy.count - 120 * codebooks, to: npy.count, by: 2).map {
            Int(npy[$0]) | Int(npy[$0 + 1]) << 8
        }
        let padded = rows.flatMap { $0 + [Int](repeating: 65535, count: codebooks - $0.count) }
        #expect(words == padded)
    }

    @Test(arguments: ["sotto-16k", "sotto-16k-6hz"]) func aStreamHasTheTokensOfTheFile(model: String) throws {
        let options = ["--average", "--codes", "3", "--model", model]
        let decoded = folder.path("file.wav")
        #expect(try Tool.run("decode", tokens, "-o", decoded).status == 0)
        let encoding = ["encode", decoded, "-o", tokens, "--force"] + options
        #expect(try Tool.run(Tool.binary, encoding).status == 0)
        let audio = try Data(contentsOf: URL(filePath: decoded)).dropFirst(44)
        let live = try Tool.run(Tool.binary, ["stream", "encode"] + options, input: audio)
        let heard = try Tool.run("stream", "decode", input: live.output)
        #expect(live.status == 0 && heard.status == 0 && heard.message.isEmpty)
        let wanted = samples(try Tool.run("decode", tokens, "-o", "-").output)
        let same = Array(samples(Data(count: 44) + heard.output).prefix(wanted.count)) == wanted
        #expect(same && wanted.count == 76_400)
    }

    @Test func anAverageNeedsANumber() throws {
        let result = try Tool.run("encode", "--average", Tool.sample("campfire.flac"), "-o", folder.path("x.sotto"))
        #expect(result.status == 64 && result.errors.count == 1 && result.message.contains("1 to 8"))
        #expect(folder.names == ["speech.sotto"])
    }

    @Test(arguments: ["1", "8"]) func oneCodeAndAllOfThemDontVary(number: String) throws {
        let encode = ["encode", Tool.sample("campfire.flac"), "--codes", number, "-o"]
        #expect(try Tool.run(Tool.binary, encode + [folder.path("fixed.sotto")]).status == 0)
        #expect(try Tool.run(Tool.binary, encode + [folder.path("average.sotto"), "--average"]).status == 0)
        let files = try ["fixed", "average"].map { try Data(contentsOf: URL(filePath: folder.path("\($0).sotto"))) }
        #expect(files[0] == files[1])
    }
}
