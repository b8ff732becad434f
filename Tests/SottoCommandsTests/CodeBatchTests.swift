// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Several recordings of codes in one file, and codes as one stream of tokens.
@Suite struct CodeBatchTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func done(_ command: String) throws {
        let result = try shell("\"$SOTTO\" \(command)", in: folder)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    private func write(_ name: String, _ text: String) throws { _ = try folder.write(name, Data(text.utf8)) }

    /// An array of NumPy's of bytes.
    private func write(_ name: String, shape: String, fortran: Bool = false, _ values: [Int8]) throws {
        var header = "{'descr': '|i1', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
        header += String(repeating: " ", count: 117 - header.count) + "\n"
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
        _ = try folder.write(name, Data(bytes + values.map { UInt8(bitPattern: $0) }))
    }

    @Test func linesBecomeFilesOfTheirNames() throws {
        try write("a.json", "[[1, 2], null, [3]]")
        try write("b.json", "[[4], [5]]")
        for name in ["a", "b"] { try done("decode \(name).json -o \(name).wav") }
        try write(
            "some.jsonl",
            """
            {"id": "../first/a.flac", "codes": [[1, 2], null, [3]], "text": "said"}

            {"codes": [[4], [5]], "id": "b"}
            {"codes": [[4], [5]]}
            """)
        try done("decode some.jsonl -o speech/")
        #expect(try contents("speech/some/_.._first_a.flac.wav") == contents("a.wav"))
        #expect(try contents("speech/some/b.wav") == contents("b.wav"))
        #expect(try contents("speech/some/2.wav") == contents("b.wav"))
        let message = try refusal("decode some.jsonl -o x.wav", status: 64, in: folder)
        #expect(message.contains("3 recordings, which need a folder"))
        #expect(try refusal("decode some.jsonl -o speech/", status: 73, in: folder).contains("--force"))
        try done("decode some.jsonl -o speech/ --force")
    }

    @Test(arguments: [false, true]) func batchesBecomeFilesOfTheirPlaces(fortran: Bool) throws {
        // [recordings, codes, frames], the second one shorter and of fewer codes.
        let values: [[[Int8]]] = [[[1, 2, 3], [4, 5, 6]], [[7, 8, -1], [-1, 9, -1]]]
        let order: [Int8] =
            fortran
            ? (0..<3).flatMap { frame in (0..<2).flatMap { book in values.map { $0[book][frame] } } }
            : values.flatMap { $0.flatMap { $0 } }
        try write("batch.npy", shape: "(2, 2, 3)", fortran: fortran, order)
        try done("decode batch.npy -o speech/")
        try write("a.json", "[[1, 4], [2, 5], [3, 6]]")
        try write("b.json", "[[7], [8, 9]]")
        for (index, name) in ["a", "b"].enumerated() {
            try done("decode \(name).json -o \(name).wav")
            #expect(try contents("speech/batch/\(index).wav") == contents("\(name).wav"))
        }
        try write("one.npy", shape: "(1, 2, 3)", [1, 2, 3, 4, 5, 6])
        try done("decode one.npy -o one.wav")
        #expect(try contents("one.wav") == contents("a.wav"))
    }

    /// Two recordings of different length and number of codes below a folder, "a" and "in/b".
    private func writeTokens() throws {
        try done("encode '\(Tool.sample("sermons.flac"))' --average --codes 3 -o a.sotto")
        try done("encode '\(Tool.sample("strikes.flac"))' --codes 2 -o b.sotto")
        for name in ["tokens", "tokens/in"] {
            try FileManager.default.createDirectory(
                at: URL(filePath: folder.path(name)), withIntermediateDirectories: true)
        }
        try FileManager.default.moveItem(atPath: folder.path("a.sotto"), toPath: folder.path("tokens/a.sotto"))
        try FileManager.default.moveItem(atPath: folder.path("b.sotto"), toPath: folder.path("tokens/in/b.sotto"))
    }

    @Test func whatIsExportedAsOneIsDecodedAlike() throws {
        try writeTokens()
        for (name, place) in [("a", "tokens/a"), ("b", "tokens/in/b")] {
            for format in ["npy", "npz"] {
                try done("export \(place).sotto -o \(name).\(format)")
                try done("decode \(name).\(format) -o \(name).\(format).wav")
            }
        }
        for jobs in ["1", "2"] { try done("export tokens --batch --jobs \(jobs) -o \(jobs).npz") }
        #expect(try contents("1.npz") == contents("2.npz"))
        try done("decode 1.npz -o speech/")
        // With levels, and by their names.
        #expect(try contents("speech/1/a.wav") == contents("a.npz.wav"))
        #expect(try contents("speech/1/in_b.wav") == contents("b.npz.wav"))
        try done("export tokens/a.sotto tokens/in/b.sotto --batch -o some.npy")
        try done("decode some.npy -o speech/")
        #expect(try contents("speech/some/0.wav") == contents("a.npy.wav"))
        #expect(try contents("speech/some/1.wav") == contents("b.npy.wav"))
        try done("export tokens --batch --resume -o 1.npz")
    }

    @Test func batchesThatCanNotBeAreRefused() throws {
        try writeTokens()
        try done("encode '\(Tool.sample("strikes.flac"))' --model sotto-16k-6hz -o slow.sotto")
        _ = try folder.write("broken.sotto", Data("broken".utf8))
        for (command, status, words) in [
            ("tokens --batch -o x.json", 64, ".npy or .npz"), ("tokens --batch --flat -o x.npy", 64, "leave"),
            ("tokens --batch --levels -o x.npy", 64, "leave"),
            ("tokens/a.sotto tokens/a.sotto --batch -o x.npz", 64, "two of the recordings are called a;"),
            ("tokens/a.sotto tokens/a.sotto --batch -o tokens/a.sotto", 64, ".npy or .npz"),
            ("tokens --batch -o nowhere/x.npy", 73, "nowhere"),
        ] as [(String, Int32, String)] {
            let message = try refusal("export \(command)", status: status, in: folder)
            #expect(message.contains(words), "\(message)")
        }
        // A recording that can't be read leaves no array with a row too few.
        for (command, words) in [
            ("tokens broken.sotto --batch -o x.npz", "1 of 3 files failed"),
            ("tokens slow.sotto --batch -o x.npy", "not of the same model"),
        ] {
            let result = try shell("\"$SOTTO\" export \(command)", in: folder)
            #expect(result.status == 65 && result.message.contains(words), "\(result.message)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false))
        #expect(!left.contains { $0.hasPrefix("x.") })
    }

    @Test func whatIsNoneIsRefused() throws {
        try write("twice.jsonl", "{\"id\": \"a/b\", \"codes\": [[1]]}\n{\"id\": \"a_b\", \"codes\": [[1]]}")
        try write("word.jsonl", "{\"codes\": [[1]]}\n{\"codes\": 7}")
        try write("range.jsonl", "{\"codes\": [[1]]}\n{\"codes\": [[1024]]}")
        try write("none.npy", shape: "(0, 2, 3)", [])
        try write("endless.npy", shape: "(4000000000, 2, 0)", [])
        try write("hole.npy", shape: "(1, 2, 1)", [-1, 3])
        for (name, words) in [
            ("twice.jsonl", "two of its recordings are called a_b"), ("word.jsonl", "line 2 is no object"),
            ("range.jsonl", "1024 of frame 0"), ("none.npy", "it is empty"),
            ("endless.npy", "it is empty"), ("hole.npy", "in frame 0"),
        ] {
            let message = try refusal("decode \(name) -o speech/", status: 65, in: folder)
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test(arguments: ["npy", "json"]) func streamsOfTokensComeBack(format: String) throws {
        try done("encode '\(Tool.sample("sermons.flac"))' --average --codes 3 -o a.sotto")
        try done("export a.sotto -o plain.npy")
        try done("export a.sotto --flat -o flat.\(format)")
        try done("decode plain.npy -o wanted.wav")
        try done("decode flat.\(format) --flat -o found.wav")
        #expect(try contents("found.wav") == contents("wanted.wav"))
    }

    @Test func streamsThatAreNoneAreRefused() throws {
        try write("flat.json", "[5, 1030, 7, 1024, 2048]")
        try write("rows.json", "[[5, 6], [7, 0, 0]]")
        for name in ["flat", "rows"] {
            try done("decode \(name).json \(name == "flat" ? "--flat" : "") -o \(name).wav")
        }
        #expect(try contents("flat.wav") == contents("rows.wav"))
        try write("begins.json", "[1024]")
        try write("skips.json", "[5, 2048]")
        try write("beyond.json", "[5, 8192]")
        try write("below.json", "[-1]")
        for (name, words) in [
            ("begins", "token 0 is of codebook 1, after none"), ("skips", "token 1 is of codebook 2"),
            ("beyond", "0 to 8191"), ("below", "token 0 is -1"), ("rows", "a list of whole numbers"),
        ] {
            let message = try refusal("decode \(name).json --flat -o x.wav", status: 65, in: folder)
            #expect(message.contains(words), "\(message)")
        }
        try done("encode '\(Tool.sample("sermons.flac"))' -o a.sotto")
        #expect(try refusal("decode a.sotto --flat -o x.wav", status: 64, in: folder).contains("header"))
        #expect(try refusal("export a.sotto --flat -o x.csv", status: 64, in: folder).contains(".npy or .json"))
        #expect(
            try refusal("export a.sotto --flat --codebooks-first -o x.npy", status: 64, in: folder).contains("leave"))
    }
}
