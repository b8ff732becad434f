// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Many files and folders at once.
@Suite struct BatchTests {
    let folder: TemporaryFolder
    /// Of the recordings of `speech`, without their endings.
    static let names = ["a/b/three", "a/two", "one"]

    init() throws {
        folder = try TemporaryFolder()
        try make("speech/one.wav", seconds: 1)
        try make("speech/a/two.WAV", seconds: 2)
        try make("speech/a/b/three.wav", seconds: 0.5)
        _ = try folder.write("speech/notes.txt", Data("no recording".utf8))
        _ = try folder.write("speech/.hidden.wav", Data("no recording".utf8))
        #expect(try shell("ln -s .. speech/a/loop", in: folder).status == 0)
    }

    private func make(_ path: String, seconds: Double) throws {
        let place = URL(filePath: folder.path(path))
        let folder = place.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let audio = (0..<Int(seconds * 16000)).map { Int16(3000 * sin(Double($0) * (0.05 + seconds / 50))) }
        try wav(audio).write(to: place)
    }

    private func sotto(_ arguments: String) throws -> Tool.Result { try shell("\"$SOTTO\" \(arguments)", in: folder) }

    /// Expects that it is done, without a word.
    private func done(_ arguments: String, location: SourceLocation = #_sourceLocation) throws -> Data {
        let result = try sotto(arguments)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)", sourceLocation: location)
        return result.output
    }

    /// The files below a folder with what they hold.
    private func files(_ name: String) throws -> [String: Data] {
        let place = URL(filePath: folder.path(name))
        var found: [String: Data] = [:]
        for path in FileManager.default.subpaths(atPath: place.path) ?? [] {
            let file = place.appending(path: path)
            if (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true {
                found[path] = try Data(contentsOf: file)
            }
        }
        return found
    }

    private func names(_ ending: String) -> [String] { Self.names.map { "\($0).\(ending)" } }

    @Test func theTreeIsMirrored() throws {
        _ = try done("encode speech -o tokens")
        _ = try done("decode tokens -o back")
        _ = try done("export tokens -o arrays")
        _ = try done("export tokens -o arrays --format csv")
        #expect(try files("tokens").keys.sorted() == names("sotto") && files("back").keys.sorted() == names("wav"))
        #expect(try files("arrays").keys.sorted() == (names("csv") + names("npy")).sorted())
        for (name, count) in [("one", 16000), ("a/two", 32000), ("a/b/three", 8000)] {
            #expect(samples(try #require(try files("back")["\(name).wav"])).count == count)
            _ = try done("encode speech/\(name).* -o alone.sotto --force")
            #expect(try files(".")["alone.sotto"] == files("tokens")["\(name).sotto"])
        }
    }

    @Test func theNumberOfJobsChangesNothing() throws {
        _ = try done("encode speech -o one --jobs 1 --average --codes 3")
        for jobs in [2, 5] {
            _ = try done("encode speech -o tokens-\(jobs) --jobs \(jobs) --average --codes 3")
            #expect(try files("tokens-\(jobs)") == files("one"))
            for command in ["inspect one", "inspect one --json"] {
                let (few, many) = (try sotto("\(command) --jobs 1"), try sotto("\(command) --jobs \(jobs)"))
                #expect(few.output == many.output && few.status == many.status)
            }
        }
        _ = try done("decode one -o one-back --jobs 1")
        _ = try done("decode one -o back --jobs 4")
        #expect(try files("back") == files("one-back"))
        for jobs in ["0", "-1", "x", "100000"] {
            #expect(try sotto("encode speech -o none --jobs \(jobs)").status == 64)
        }
    }

    @Test func whatWasKilledIsResumed() throws {
        // Of a minute, which takes a while.
        try make("speech/z.wav", seconds: 60)
        _ = try done("encode speech -o whole")
        let tool = try LiveTool(["encode", folder.path("speech"), "-o", folder.path("tokens"), "--jobs", "1"])
        while FileManager.default.fileExists(atPath: folder.path("tokens/one.sotto")) == false, tool.process.isRunning {
            usleep(1000)
        }
        kill(tool.process.processIdentifier, SIGKILL)
        #expect(tool.finish().status == -SIGKILL)
        #expect(try files("tokens")["z.sotto"] == nil)
        // One that is done is left as it is, one that was torn is not.
        let kept = URL(filePath: folder.path("tokens/one.sotto"))
        let old = Date(timeIntervalSince1970: 1_000_000)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: kept.path)
        let torn = URL(filePath: folder.path("tokens/a/two.sotto"))
        try Data(contentsOf: torn).dropLast(3).write(to: torn)
        _ = try done("encode speech -o tokens --resume")
        #expect(try files("tokens").filter { !$0.key.contains(".part-") } == files("whole"))
        let changed = try FileManager.default.attributesOfItem(atPath: kept.path)[.modificationDate] as? Date
        #expect(changed == old)
    }

    @Test func speechIsResumedToo() throws {
        _ = try done("encode speech -o tokens")
        for ending in ["wav", "csv"] {
            let command = ending == "wav" ? "decode tokens" : "export tokens --format csv"
            _ = try done("\(command) -o back")
            let whole = try files("back")
            let torn = URL(filePath: folder.path("back/one.\(ending)"))
            try Data(contentsOf: torn).dropLast(100).write(to: torn)
            try FileManager.default.removeItem(atPath: folder.path("back/a/two.\(ending)"))
            let kept = folder.path("back/a/b/three.\(ending)")
            let old = Date(timeIntervalSince1970: 1_000_000)
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: kept)
            #expect(try sotto("\(command) -o back").status == 73)
            _ = try done("\(command) -o back --resume")
            #expect(try files("back") == whole)
            #expect(try FileManager.default.attributesOfItem(atPath: kept)[.modificationDate] as? Date == old)
        }
    }

    @Test func tokensOfOtherSettingsAreNotDone() throws {
        _ = try done("encode speech -o tokens --codes 2")
        _ = try done("encode speech -o tokens --codes 4 --resume")
        _ = try done("encode speech -o four --codes 4")
        #expect(try files("tokens") == files("four"))
    }

    @Test func aBadFileAmongGoodOnesIsListed() throws {
        _ = try folder.write("speech/a/bad.wav", Data("no sound".utf8))
        _ = try folder.write("speech/worse.flac", Data())
        let result = try sotto("encode speech -o tokens --jobs 2")
        #expect(result.status == 65 && result.errors.count == 3, "\(result.message)")
        #expect(result.errors[0].contains("speech/a/bad.wav") && result.errors[1].contains("speech/worse.flac"))
        #expect(result.errors[2] == "sotto: 2 of 5 files failed")
        #expect(try files("tokens").keys.sorted() == names("sotto"))

        _ = try folder.write("tokens/a/bad.sotto", Data("no tokens".utf8))
        for command in ["decode tokens -o back", "export tokens -o back", "inspect tokens", "inspect tokens --verify"] {
            let result = try sotto(command)
            #expect(result.status == 65 && result.errors.count == 2 && result.errors[0].contains("a/bad.sotto"))
        }
        #expect(try files("back").keys.sorted() == (names("wav") + names("npy")).sorted())
    }

    @Test func damageIsListedToo() throws {
        _ = try done("encode speech -o tokens")
        let torn = URL(filePath: folder.path("tokens/a/two.sotto"))
        try Data(contentsOf: torn).dropLast(3).write(to: torn)
        #expect(try sotto("inspect tokens").status == 0)
        let result = try sotto("inspect tokens --verify")
        #expect(result.status == 65 && result.errors.count == 2 && result.errors[0].contains("a/two.sotto is damaged"))
        #expect(String(decoding: result.output, as: UTF8.self).split(separator: "\n").count == 3)
    }

    @Test func twoInputsOfOneOutputAreRefusedBeforeAnythingIsDone() throws {
        try make("speech/one.aiff", seconds: 1)
        let before = try files(".").keys.sorted()
        for command in ["encode speech -o tokens", "encode speech/one.wav speech/one.wav -o tokens/"] {
            let result = try sotto(command)
            #expect(result.status == 64 && result.errors.count == 1 && result.message.contains("tokens/one.sotto"))
            #expect(result.message.contains("speech/one.wav"))
        }
        #expect(try files(".").keys.sorted() == before)
        #expect(!FileManager.default.fileExists(atPath: folder.path("tokens")))
    }

    @Test func outputsThatAreThereAreKept() throws {
        _ = try done("encode speech -o tokens")
        let before = try files("tokens")
        let result = try sotto("encode speech -o tokens --codes 1")
        #expect(result.status == 73 && result.errors.count == 1 && result.message.contains("--resume"))
        #expect(try files("tokens") == before)
        _ = try done("encode speech -o tokens --codes 1 --force")
        #expect(try files("tokens") != before)
        #expect(try sotto("encode speech -o tokens --force --resume").status == 64)
    }

    @Test func placesThatAreNoFolders() throws {
        _ = try folder.write("file", Data())
        try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: true)
        for (status, command) in [
            (64, "encode speech -o file"), (64, "encode speech -o out.sotto"), (64, "encode speech -o -"),
            (64, "encode speech/one.wav speech/a/two.WAV -o none"), (64, "encode - -o speech"),
            (66, "encode empty -o out"), (73, "encode speech -o file/out"), (64, "encode speech -o out --text words"),
        ] {
            let result = try sotto(command)
            #expect(result.status == Int32(status) && result.errors.count == 1, "\(command): \(result.message)")
        }
        #expect(try files(".").keys.filter { $0.hasSuffix(".sotto") }.isEmpty)
        _ = try done("encode speech -o out.v2/")
        #expect(try files("out.v2").keys.sorted() == names("sotto"))
    }

    @Test func transcriptsLieBesideTheRecordings() throws {
        _ = try folder.write("speech/a/two.txt", Data("some words\n".utf8))
        _ = try sotto("encode speech -o tokens --texts")
        let lines = String(decoding: try done("inspect tokens --json"), as: UTF8.self).split(separator: "\n")
        let told = try lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(told.compactMap { $0["file"] as? String } == names("sotto").map { "tokens/\($0)" })
        #expect(told.compactMap { $0["text"] as? [String] } == [[], ["some words"], []])
        #expect(try sotto("encode speech/one.wav -o a.sotto --texts --text words").status == 64)
        let aligned = try sotto("align tokens")
        #expect(aligned.status == 65 && aligned.errors.count == 3)
        let words = String(decoding: aligned.output, as: UTF8.self).split(separator: "\n")
        #expect(words.count == 2 && words.allSatisfy { $0.hasPrefix("tokens/a/two.sotto\t") })
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalLeavesNothingHalfWritten(number: Int32) throws {
        try make("speech/y.wav", seconds: 120)
        try make("speech/z.wav", seconds: 120)
        let tool = try LiveTool(["encode", folder.path("speech"), "-o", folder.path("tokens"), "--jobs", "2"])
        while try !files("tokens").keys.contains(where: { $0.contains(".part-") }), tool.process.isRunning {
            usleep(1000)
        }
        kill(tool.process.processIdentifier, number)
        #expect(tool.finish() == (128 + number, ""))
        let left = try files("tokens").keys
        #expect(left.allSatisfy { $0.hasSuffix(".sotto") } && left.count < 5)
        for name in left { #expect(try sotto("inspect --verify tokens/\(name)").status == 0) }
    }

    @Test func progressIsForTerminalsAlone() throws {
        let script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
        let result = try shell("python3 -c '\(script)' \"$SOTTO\" encode speech -o tokens", in: folder)
        let seen = String(decoding: result.output, as: UTF8.self)
        #expect(result.status == 0 && seen.contains("3 files") && seen.contains("× real time"), "\(seen)")
        #expect(seen.hasSuffix("\r\u{1b}[K") && !seen.contains("\n"))
    }
}
