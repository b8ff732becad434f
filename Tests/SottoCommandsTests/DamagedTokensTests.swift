// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import TokenFile

/// Token files that are cut off, damaged or made to do harm, and what is no token file.
@Suite struct DamagedTokensTests {
    let folder: TemporaryFolder
    let tokens: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path("whole.sotto")
        _ = try Tool.run("encode", Tool.sample("sermons.flac"), "-o", path, "--text", "some words")
        tokens = [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// Every command that reads token files, with a name for what it writes.
    private var commands: [[String]] {
        [
            ["inspect"], ["inspect", "--json"], ["decode", "-o", folder.path("out.wav"), "--force"], ["align"],
            ["export", "-o", folder.path("out.npy"), "--force"],
        ]
    }

    private func expectRefusal(_ bytes: [UInt8], saying words: String, location: SourceLocation = #_sourceLocation)
        throws
    {
        let path = try folder.write("refused.sotto", Data(bytes))
        let before = folder.names
        for command in commands {
            let result = try Tool.run(Tool.binary, command + [path])
            #expect(result.status == 65 && result.output.isEmpty, "\(command)", sourceLocation: location)
            #expect(result.message.split(separator: "\n").count == 1, "\(result.message)", sourceLocation: location)
            #expect(result.message.contains(words), "\(result.message)", sourceLocation: location)
        }
        #expect(folder.names == before, sourceLocation: location)
    }

    /// With the end chunk's number of samples.
    private func ended(_ samples: Int) -> [UInt8] {
        tokens.dropLast(22) + chunk("E", 60, littleEndian(samples))
    }

    @Test(arguments: [-1, .min, .max, 1 << 62, 1 << 48]) func anEndThatCantBe(samples: Int) throws {
        try expectRefusal(ended(samples), saying: "\(samples) samples")
    }

    @Test func aStreamOfPackets() throws {
        let stream = try Tool.run("stream", "encode", input: PipeTests.audio).output
        try expectRefusal([UInt8](stream), saying: "sotto stream decode")
        try expectRefusal([UInt8](stream.dropFirst(16)), saying: "sotto stream decode")
    }

    @Test func lostFramesTakeNoMemory() throws {
        let bomb = tokens.prefix(40) + (1...4000).flatMap { chunk("F", UInt32($0 * 45_000), [0]) }
        let path = try folder.write("bomb.sotto", Data(bomb))
        for command in commands where command[0] != "align" {
            let limited = try run(command + [path])
            #expect(limited.status == 0, "\(command): \(limited.message.suffix(300))")
        }
        let frames = try #require(
            JSONSerialization.jsonObject(with: Tool.run("inspect", "--json", path).output) as? [String: Any])
        #expect(frames["lost_frames"] as? Int == 45_000 && (frames["warnings"] as? [String])?.count ?? .max <= 102)
    }

    /// With 1.2 GB of address space and ten seconds of processor time.
    private func run(_ arguments: [String], input: Data = Data()) throws -> Tool.Result {
        let limits = "ulimit -v 1200000; ulimit -t 10; exec \"$0\" \"$@\""
        let program = Tool.binary.path(percentEncoded: false)
        return try Tool.run(URL(filePath: "/bin/sh"), ["-c", limits, program] + arguments, input: input)
    }

    @Test func aTextThatIsTooLong() throws {
        let words = String(repeating: "word ", count: TextSegment.mostBytes / 5 + 1)
        let text = try folder.write("long.txt", Data((words + "end").utf8))
        let out = folder.path("out.sotto")
        let result = try Tool.run("encode", Tool.sample("sermons.flac"), "-o", out, "--text-file", text)
        #expect(result.status == 65 && result.errors.count == 1 && result.message.contains("\(TextSegment.mostBytes)"))
        #expect(!folder.names.contains("out.sotto"))
        let unpacked = try (0..<5).flatMap { _ in
            var writer = try TokenFileWriter(header: TokenFileReader.read(tokens).header)
            return try writer.append(TextSegment(frames: 0..<60, text: String(words.prefix(TextSegment.mostBytes))))
        }
        let path = try folder.write("texts.sotto", Data(tokens.dropLast(22) + unpacked + tokens.suffix(22)))
        let decoded = try run(["decode", path, "-o", folder.path("out.wav")])
        #expect(decoded.status == 0 && decoded.message.contains("left out"), "\(decoded.message)")
    }

    @Test func aCutFileKeepsWhatIsThere() throws {
        let frames = try TokenFileReader.read(tokens).frames.count
        let path = try folder.write("half.sotto", Data(tokens.prefix(tokens.count / 2)))
        let told = try Tool.run("inspect", "--json", "--verify", path)
        let half = try #require(JSONSerialization.jsonObject(with: told.output) as? [String: Any])
        let kept = try #require(half["frames"] as? Int)
        #expect(told.status == 65 && frames <= 128 && kept > frames * 2 / 5 && half["lost_frames"] as? Int == 0)
        let decoded = try Tool.run("decode", path, "-o", folder.path("half.wav"))
        #expect(decoded.status == 0 && decoded.message.contains("checksum"))
        // The levels stand after their frames and are lost with the end: what is left is spoken at the nominal one.
        let plain = try folder.write("plain.sotto", Data(withoutLevels))
        #expect(try Tool.run("decode", plain, "-o", folder.path("whole.wav"), "--no-text").status == 0)
        let (cut, whole) = (try wave("half.wav"), try wave("whole.wav"))
        let same = cut == Array(whole.prefix(cut.count))
        #expect(same && cut.count == kept * 1280 - 320)
    }

    /// The file's chunks but those of levels.
    private var withoutLevels: [UInt8] {
        var (kept, place) = (Array(tokens.prefix(40)), 40)
        while place < tokens.count {
            let length = tokens[place + 2..<place + 6].reversed().reduce(0) { $0 << 8 | Int($1) }
            if tokens[place + 1] != UInt8(ascii: "L") { kept += tokens[place..<place + 14 + length] }
            place += 14 + length
        }
        return kept
    }

    private func wave(_ name: String) throws -> [Int16] {
        samples(try Data(contentsOf: URL(filePath: folder.path(name))))
    }

    /// Seeded, so that the same files are tried in each run; with sound checksums, so that what they say is believed.
    @Test(arguments: 0..<12 as Range<UInt64>) func changedFilesDoNoHarm(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bytes = tokens
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[Int.random(in: 40..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            case 1: bytes.removeLast(Int.random(in: 0...bytes.count - 60, using: &random))
            case 2:
                let frame: UInt32 = [0, 59, 60, 45_000, 1 << 31, .max].randomElement(using: &random) ?? 0
                bytes += chunk(
                    ["F", "L", "T", "P", "E", "Z"].randomElement(using: &random) ?? "F", frame, Array(bytes[54..<62]))
            default: bytes += bytes[40...]
            }
        }
        let path = try folder.write("changed.sotto", Data(bytes))
        for command in commands {
            let result = try run(command + [path])
            #expect([0, 64, 65].contains(result.status), "\(command): \(result.message.suffix(300))")
        }
    }
}
