// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Text beside a live stream.
@Suite struct TranscriptStreamTests {
    static let model = TranscriptTests.model
    /// A hello and the packet of a frame of two codes of four bits.
    static let (hello, packet) = (16, 5)
    static let text = TranscriptTests.sentence

    let folder: TemporaryFolder
    let tokens: Data
    let plain: Data

    init() throws {
        folder = try TemporaryFolder()
        tokens = try Tool.run("stream", "encode", "--model", Self.model, input: PipeTests.audio).output
        plain = try Tool.run("stream", "decode", "--model", Self.model, input: tokens).output
        #expect(tokens.count == Self.hello + 26 * Self.packet && plain.count == (26 * 1280 - 320) * 2)
    }

    /// What comes out with the lines in a file.
    private func decode(_ lines: String) throws -> Tool.Result {
        let path = try folder.write("lines", Data(lines.utf8))
        return try Tool.run("stream", "decode", "--model", Self.model, "--text-from", path, input: tokens)
    }

    @Test func aTextFromTheStartIsThatOfAFile() throws {
        let file = folder.path("file.sotto")
        let audio = try folder.write(
            "in.wav", wav((0..<32_000).map { Int16(8000 * sin(Double($0) * Double($0) * 3e-6)) }))
        #expect(try Tool.run("encode", audio, "-o", file, "--model", Self.model, "--text", Self.text).status == 0)
        let whole = try Tool.run("decode", file, "-o", "-", "--model", Self.model)
        let live = try decode("0\t\(Self.text)\n")
        #expect(live.status == 0 && live.output.count == plain.count && live.message.isEmpty, "\(live.message)")
        #expect(live.output != plain)
        let body = Array(whole.output.dropFirst(44))
        let same = Array(live.output.prefix(body.count)) == body
        #expect(same)
    }

    @Test func textsHoldFromTheirFrameOn() throws {
        let (none, from) = (try decode(""), try decode("10\t\(Self.text)\r\n20\t\n"))
        #expect(none.output == plain && from.errors.isEmpty)
        // The frames before the text, less the 20 ms by which audio lags.
        let before = (10 * 1280 - 320) * 2
        #expect(from.output.count == plain.count && from.output.prefix(before) == plain.prefix(before))
        #expect(from.output[before..<before + 2560] != plain[before..<before + 2560])
        #expect(try decode("20\t\n10\tanything\n10\t\(Self.text)").output == from.output, "in any order")
    }

    @Test func aByteOrderMarkIsNoPartOfALine() throws {
        let marked = try decode("\u{FEFF}0\t\(Self.text)\n")
        let plain = try decode("0\t\(Self.text)\n")
        #expect(marked.message.isEmpty && marked.output == plain.output)
        // Zeros, as UTF-16 has them, are nobody's words.
        let zeros = try decode("0\t\(Self.text)\n0\ta\0b\n")
        #expect(zeros.output == marked.output && zeros.message.contains("line 2 of"))
    }

    @Test func linesThatAreNoneAreToldOfOnce() throws {
        let result = try decode("no frame\n-3\tminus\n0\t\(Self.text)\n\n1e3\tx\n5 text\n99999999999\ty\n")
        let wanted = try decode("0\t\(Self.text)\n").output
        #expect(result.status == 0 && result.output == wanted)
        #expect(result.message.split(separator: "\n").count == 1 && result.message.contains("line 1 of"))
        let path = try folder.write("noise", Data([0xFF, 0xFE, 9, 0xC0, 10]) + Data(repeating: 65, count: 5 << 20))
        let noise = try Tool.run("stream", "decode", "--model", Self.model, "--text-from", path, input: tokens)
        #expect(noise.status == 0 && noise.output == plain)
    }

    @Test func aDescriptorServesAsAFile() throws {
        _ = try folder.write("tokens", tokens)
        _ = try folder.write("lines", Data("0\t\(Self.text)\n".utf8))
        let program = Tool.binary.path(percentEncoded: false)
        let script = "'\(program)' stream decode --model '\(Self.model)' --text-from 7 7<lines <tokens"
        let result = try Tool.run(URL(filePath: "/bin/sh"), ["-c", script], in: folder.url)
        let wanted = try decode("0\t\(Self.text)\n").output
        #expect(result.output == wanted, "\(result.message)")
    }

    /// A line that is written before its frame's packet holds from its frame on; one that comes late from the next frame.
    @Test func aPipeIsReadAsItGoes() throws {
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let tool = try LiveTool("stream", "decode", "--model", Self.model, "--text-from", path)
        let pipe = try FileHandle(forWritingTo: URL(filePath: path))
        let (half, ahead) = (Self.hello + 13 * Self.packet, 2)
        try pipe.write(contentsOf: Data("5\t\(Self.text)\n".utf8))
        try tool.send(tokens.prefix(half))
        let first = try tool.read(((13 - ahead) * 1280 - 320) * 2)
        try pipe.write(contentsOf: Data("4\ttoo old\n8\tother words\n20\t".utf8))
        try tool.send(tokens.dropFirst(half).prefix(Self.packet))
        let second = try tool.read(2560)
        try pipe.write(contentsOf: Data("\n".utf8))
        try tool.send(tokens.dropFirst(half + Self.packet))
        try tool.endInput()
        let all = try first + second + tool.read()
        #expect(tool.finish().status == 0)
        let wanted = try decode("5\t\(Self.text)\n13\tother words\n20\t\n").output
        #expect(all == wanted)
    }

    @Test func placesThatHoldNoLinesAreRefused() throws {
        for (place, status) in [
            ("-", 64), ("1", 64), ("99", 66), (folder.path("missing"), 66), (folder.url.path, 66),
        ] as [(String, Int32)] {
            let result = try Tool.run("stream", "decode", "--model", Self.model, "--text-from", place, input: tokens)
            #expect(result.status == status && result.errors.count == 1, "\(place): \(result.message)")
        }
    }
}
