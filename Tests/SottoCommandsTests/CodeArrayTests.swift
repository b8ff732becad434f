// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Codes that come back without a header, as from a language model.
@Suite struct CodeArrayTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try done("encode '\(Tool.sample("sermons.flac"))' --codes 4 -o a.sotto")
        try done("decode a.sotto -o wanted.wav")
    }

    private func done(_ command: String) throws {
        let result = try shell("\"$SOTTO\" \(command)", in: folder)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    /// The samples of a WAV file.
    private func samples(_ name: String) throws -> Data { try contents(name).dropFirst(44) }

    private func refusal(_ name: String, _ options: String = "") throws -> String {
        let result = try shell("\"$SOTTO\" decode \(name) \(options) -o x.wav", in: folder)
        #expect(result.status == 65 && result.errors.count == 1, "\(result.message)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("x.wav")))
        return result.message
    }

    /// A file of NumPy's with these values, in C's order.
    private func write(_ name: String, _ type: String, fortran: Bool = false, shape: String, _ values: [UInt8]) throws {
        var header = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
        header += String(repeating: " ", count: 117 - header.count) + "\n"
        _ = try folder.write(name, Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + values))
    }

    @Test(arguments: ["npy", "npz", "json", "jsonl"]) func whatWasExportedIsDecodedAlike(format: String) throws {
        try done("export a.sotto -o a.\(format)")
        try done("export a.sotto --levels -o levels.npy")
        try done("decode a.\(format) --levels levels.npy -o b.wav")
        // The array doesn't say how long the recording was; the file plays to its frames' end.
        let wanted = try samples("wanted.wav")
        #expect(try samples("b.wav").prefix(wanted.count) == wanted)
        try done("decode - -o - < a.\(format) > c.wav")
        #expect(try samples("c.wav").count == samples("b.wav").count)
    }

    @Test(arguments: ["|i1", "|u1", "<i2", ">i2", "<u4", ">i8", "<u8"], [false, true]) func anyIntegersDo(
        type: String, fortran: Bool
    ) throws {
        let (rows, columns, size) = (6, 2, Int(String(type.last ?? "1")) ?? 1)
        let codes = (0..<rows).map { row in (0..<columns).map { (row * 20 + $0 * 7) % 120 } }
        let order = fortran ? (0..<columns).flatMap { c in codes.map { $0[c] } } : codes.flatMap { $0 }
        let bytes = order.flatMap { value -> [UInt8] in
            let little = [UInt8(value)] + [UInt8](repeating: 0, count: size - 1)
            return type.hasPrefix(">") ? little.reversed() : little
        }
        try write("x.npy", type, fortran: fortran, shape: "(6, 2)", bytes)
        _ = try folder.write("y.json", Data("\(codes)".utf8))
        try done("decode x.npy -o a.wav")
        try done("decode y.json -o b.wav")
        #expect(try contents("a.wav") == contents("b.wav"))
    }

    @Test func oneCodeAFrameMayBeAList() throws {
        _ = try folder.write("flat.json", Data("[1, 2, null, 4]".utf8))
        _ = try folder.write("nested.json", Data("[[1], [2], null, [4]]".utf8))
        try write("flat.npy", "<i4", shape: "(4,)", [1, 2, -1, 4].flatMap { littleEndian(Int32($0)) })
        for name in ["flat.json", "nested.json", "flat.npy"] { try done("decode \(name) --force -o \(name).wav") }
        #expect(try contents("flat.json.wav") == contents("nested.json.wav"))
        #expect(try contents("flat.json.wav") == contents("flat.npy.wav"))
    }

    @Test func whatIsNoneIsRefused() throws {
        _ = try folder.write("words.json", Data("[[\"a\"]]".utf8))
        _ = try folder.write("big.json", Data("[[1, 70000]]".utf8))
        _ = try folder.write("range.json", Data("[[1, 2], [3, 1024]]".utf8))
        _ = try folder.write("wide.json", Data("[[1, 2, 3, 4, 5, 6, 7, 8, 9]]".utf8))
        _ = try folder.write("empty.json", Data("[[1], []]".utf8))
        try write("float.npy", "<f4", shape: "(1, 1)", [0, 0, 0, 0])
        try write("cut.npy", "<u2", shape: "(100, 8)", [1, 0])
        try write("huge.npy", "<u8", shape: "(4611686018427387904, 8)", [])
        try write("endless.npy", "<u2", shape: "(4611686018427387904, 0)", [])
        try write("deep.npy", "<u2", shape: "(1, 1, 1, 1)", [1, 0])
        try write("hole.npy", "<i2", shape: "(1, 3)", [1, 0, 255, 255, 1, 0])
        _ = try folder.write("short.npy", Data([0x93] + Array("NUMPY".utf8) + [1, 0]))
        for (name, words) in [
            ("words.json", "no list of frames"), ("big.json", "70000 in frame 0"), ("range.json", "1024 of frame 1"),
            ("wide.json", "9 codes"), ("empty.json", "frame 1 has no codes"), ("float.npy", "type <f4"),
            ("cut.npy", "cut off"), ("huge.npy", "header"), ("endless.npy", "header"), ("deep.npy", "4 dimensions"),
            ("hole.npy", "in frame 0"), ("short.npy", "cut off"),
        ] {
            let message = try refusal(name)
            #expect(message.contains(words), "\(message)")
        }
    }

    /// Without values there are no bytes that would bound the frames.
    @Test func framesWithoutCodesAreRefused() throws {
        try write("rows.npy", "<u2", shape: "(4000000000, 0)", [])
        try write("columns.npy", "<u2", shape: "(0, 4000000000)", [])
        for (name, options) in [("rows.npy", ""), ("columns.npy", "--codebooks-first")] {
            #expect(try refusal(name, options).contains("its 4000000000 frames have no codes"))
        }
    }
}
