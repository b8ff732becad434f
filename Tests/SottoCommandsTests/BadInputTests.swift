// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Whatever comes in: one clear line, the right exit status, nothing left behind, nothing harmed.
@Suite struct BadInputTests {
    let folder: TemporaryFolder
    let tokens: Data

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path("good.sotto")
        _ = try Tool.run("encode", Tool.sample("sermons.flac"), "-o", path)
        tokens = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)
    }

    private func expectRefusal(_ status: Int32, _ arguments: String..., location: SourceLocation = #_sourceLocation)
        throws
    {
        let before = folder.names
        let result = try Tool.run(Tool.binary, arguments)
        #expect(result.status == status, "\(arguments): \(result.message)", sourceLocation: location)
        #expect(result.errors.count == 1 && result.errors[0].hasPrefix("sotto: "), sourceLocation: location)
        #expect(folder.names == before, sourceLocation: location)
    }

    @Test func recordingsThatAreNone() throws {
        let out = folder.path("out.sotto")
        try expectRefusal(66, "encode", folder.path("missing.wav"), "-o", out)
        try expectRefusal(66, "encode", folder.url.path, "-o", out)
        try expectRefusal(65, "encode", try folder.write("empty.wav", Data()), "-o", out)
        try expectRefusal(65, "encode", try folder.write("text.wav", Data("not a sound".utf8)), "-o", out)
        try expectRefusal(64, "encode", try folder.write("slow.wav", wav([1, 2, 3], rate: 4000)), "-o", out)
    }

    @Test func placesThatCantBeWrittenTo() throws {
        let good = try folder.write("good.sotto", tokens)
        let audio = Tool.sample("sermons.flac")
        try expectRefusal(73, "encode", audio, "-o", folder.path("none/out.sotto"))
        try expectRefusal(73, "encode", audio, "-o", good)
        try expectRefusal(73, "encode", audio, "-o", "/dev/null", "--force")
        try expectRefusal(73, "decode", good, "-o", try folder.write("old.wav", Data("old".utf8)))
        try expectRefusal(64, "decode", good, "-o", folder.path("out.aac"))
        try expectRefusal(64, "export", good, "-o", folder.path("out.txt"))
        try expectRefusal(64, "decode", "--float", good, "-o", folder.path("out.flac"))
        #expect(try Data(contentsOf: URL(filePath: good)) == tokens)
        #expect(try Data(contentsOf: URL(filePath: folder.path("old.wav"))) == Data("old".utf8))
        #expect(try Tool.run("decode", "--force", good, "-o", folder.path("old.wav")).status == 0)
    }

    @Test func aFolderThatIsLocked() throws {
        // Root may write anywhere but there.
        let locked = getuid() == 0 ? "/proc" : folder.path("locked")
        if getuid() != 0 {
            try FileManager.default.createDirectory(atPath: locked, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: locked)
        }
        try expectRefusal(73, "encode", Tool.sample("sermons.flac"), "-o", "\(locked)/out.sotto")
    }

    @Test func wordsThatMakeNoSense() throws {
        let audio = Tool.sample("sermons.flac")
        let out = folder.path("out.sotto")
        try expectRefusal(64, "encode", audio, "-o", out, "--codes", "0")
        try expectRefusal(64, "encode", audio, "-o", out, "--codes", "9")
        try expectRefusal(64, "encode", audio, "-o", out, "--text", "a", "--text-file", "b")
        try expectRefusal(66, "encode", audio, "-o", out, "--text-file", folder.path("none"))
        try expectRefusal(64, "stream", "encode", "--rate", "100")
        try expectRefusal(64, "stream", "decode", "--channels", "0")
        for arguments in [
            ["encode"], ["frobnicate"], ["encode", audio], ["decode", "--codes", "x", "a", "-o", "b"],
        ] {
            #expect(try Tool.run(Tool.binary, arguments).status == 64)
        }
        #expect(try Tool.run("--help").status == 0)
    }

    @Test func oddButSoundRecordings() throws {
        let square = (0..<16000).map { $0 / 40 % 2 == 0 ? Int16.max : .min }
        for (name, audio) in [
            ("none", []), ("one", [1234]), ("zeros", [Int16](repeating: 0, count: 16000)), ("square", square),
        ] {
            let input = try folder.write("\(name).wav", wav(audio))
            let (encoded, decoded) = (folder.path("\(name).sotto"), folder.path("\(name).out.wav"))
            let first = try Tool.run("encode", input, "-o", encoded)
            let second = try Tool.run("decode", encoded, "-o", decoded)
            #expect(first.status == 0 && second.status == 0, "\(name): \(first.message)\(second.message)")
            #expect(samples(try Data(contentsOf: URL(filePath: decoded))).count == audio.count)
        }
    }

    @Test func aCutRecordingIsUsedWithAWarning() throws {
        let input = try folder.write("cut.wav", wav([Int16](repeating: 100, count: 9000)).prefix(44 + 8000))
        let result = try Tool.run("encode", input, "-o", folder.path("cut.sotto"))
        #expect(result.status == 0 && result.message.contains("warning") && result.message.contains("cut off"))
    }

    @Test func tokensWithADamagedHeader() throws {
        for count in [0, 1, 7, 8, 9, 20, 39] {
            try expectRefusal(
                65, "decode", try folder.write("cut.sotto", tokens.prefix(count)), "-o", folder.path("out.wav"))
        }
        for place in stride(from: 0, to: 40, by: 3) {
            var damaged = tokens
            damaged[place] ^= 0x10
            try expectRefusal(65, "decode", try folder.write("bad.sotto", damaged), "-o", folder.path("out.wav"))
        }
        try expectRefusal(
            65, "inspect", try folder.write("text.sotto", Data("words, words, words, words, words, words".utf8)))
        try expectRefusal(66, "decode", folder.path("missing.sotto"), "-o", folder.path("out.wav"))
        try expectRefusal(64, "decode", folder.url.path, "-o", folder.path("out.wav"))
    }

    @Test func tokensWithADamagedBodyDecodeAroundIt() throws {
        var damaged = tokens
        damaged[tokens.count / 2] ^= 0xFF
        for bytes in [damaged, tokens.prefix(tokens.count / 2), tokens.dropLast(3)] {
            let path = try folder.write("torn.sotto", bytes)
            let result = try Tool.run("decode", "--force", path, "-o", folder.path("torn.wav"))
            #expect(result.status == 0 && result.message.contains("warning"))
            let checked = try Tool.run("inspect", "--verify", path)
            #expect(checked.status == 65 && checked.errors.count == 1)
        }
    }

    @Test func tokensOfAnotherModel() throws {
        // The same file but for the model's name, with a right checksum.
        let reader = """
            import sys, zlib
            data = bytearray(open(sys.argv[1], "rb").read())
            data[12:20] = bytes(8)
            data[36:40] = zlib.crc32(data[:36]).to_bytes(4, "little")
            open(sys.argv[1], "wb").write(data)
            """
        let path = try folder.write("foreign.sotto", tokens)
        #expect(try Tool.run(URL(filePath: "/usr/bin/env"), ["python3", "-c", reader, path]).status == 0)
        try expectRefusal(65, "decode", path, "-o", folder.path("out.wav"))
        #expect(try Tool.run("decode", path, "-o", folder.path("out.wav")).message.contains("0000000000000000"))
    }
}
