// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Transcripts as other programs write them: with byte order marks, in UTF-16, in Latin-1, or absurdly long.
@Suite struct TranscriptEncodingTests {
    private static let words = "Über 3 Bäume, said she"

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Encodes a sample with a transcript of these bytes, in a file or on standard input.
    private func encode(_ bytes: [UInt8], fromInput: Bool = false) throws -> Tool.Result {
        let path = fromInput ? "-" : try folder.write("words.txt", Data(bytes))
        return try Tool.run(
            "encode", "--force", Tool.sample("strikes.flac"), "-o", folder.path("speech.sotto"), "--model",
            TranscriptTests.model, "--text-file", path, input: fromInput ? Data(bytes) : Data())
    }

    private func utf16(_ text: String, isBig: Bool = false) -> [UInt8] {
        text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    @Test(arguments: [false, true]) func marksAreDroppedAndUTF16IsReadByThem(fromInput: Bool) throws {
        let cases = [
            Array(Self.words.utf8), [0xEF, 0xBB, 0xBF] + Array("\(Self.words)\r\n".utf8),
            [0xFF, 0xFE] + utf16("\(Self.words)\n"), [0xFE, 0xFF] + utf16(Self.words, isBig: true),
        ]
        for bytes in cases {
            let result = try encode(bytes, fromInput: fromInput)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.message)")
            let text = try Tool.inspect(folder.path("speech.sotto"))["text"] as? [String]
            #expect(text == [Self.words])
        }
    }

    @Test func whatIsNotUTF8IsRefusedInOneLine() throws {
        let latin1: [UInt8] = [0xDC] + Array("ber uns".utf8)
        for (bytes, encoding) in [
            (latin1, "WINDOWS-1252"), (utf16("words"), "UTF-16LE"), (Array("a\0b".utf8), "UTF-16LE"),
        ] {
            for fromInput in [false, true] {
                let result = try encode(bytes, fromInput: fromInput)
                #expect(result.status == 65 && result.message.split(separator: "\n").count == 1, "\(result.message)")
                #expect(result.message.contains("iconv -f \(encoding) -t UTF-8"))
                #expect(result.message.contains(fromInput ? "standard input" : "words.txt"))
            }
        }
        #expect(folder.names == ["words.txt"])
    }

    @Test func anArgumentIsReadTheSameWay() throws {
        let script =
            "exec '\(Tool.binary.path)' encode --force '\(Tool.sample("strikes.flac"))' -o speech.sotto --model "
            + "'\(TranscriptTests.model)' --text \"$(printf '%b' \"$1\")\""
        func encode(_ escaped: String) throws -> Tool.Result {
            try Tool.run(URL(filePath: "/bin/sh"), ["-c", script, "sh", escaped], in: folder.url)
        }
        let marked = try encode("\\0357\\0273\\0277so it is")
        #expect(marked.status == 0, "\(marked.message)")
        #expect(try Tool.inspect(folder.path("speech.sotto"))["text"] as? [String] == ["so it is"])
        let latin1 = try encode("caf\\0351")
        #expect(latin1.status == 64 && latin1.message.contains("--text is not text in UTF-8"), "\(latin1.message)")
    }

    @Test func aBenchListIsReadTheSameWay() throws {
        let list = "path\ttext\n\(Tool.sample("strikes.flac"))\tTroops move in\n"
        let arguments = ["--model", TranscriptTests.model, "--codes", "2", "--with-text", "--workers", "1", "-o"]
        for (name, bytes) in [
            ("marked", [0xEF, 0xBB, 0xBF] + Array(list.utf8)), ("wide", [0xFF, 0xFE] + utf16(list)),
        ] {
            let path = try folder.write("\(name).tsv", Data(bytes))
            let result = try Tool.run(Tool.binary, ["bench", path] + arguments + [folder.path(name)])
            #expect(result.status == 0, "\(result.message)")
        }
        let path = try folder.write("latin1.tsv", Data(list.utf8.dropLast()) + Data([0xE9, 0x0A]))
        let result = try Tool.run(Tool.binary, ["bench", path] + arguments + [folder.path("latin1")])
        #expect(
            result.status == 65 && result.errors.count == 1 && result.message.contains("iconv"), "\(result.message)")
    }

    @Test func aTranscriptIsBounded() throws {
        let most = 1 << 21
        let words = [UInt8]("so it goes on ".utf8)
        let long = (0..<most / words.count + 1).flatMap { _ in words }.prefix(most - 1) + [UInt8(ascii: "x")]
        #expect(try encode(Array(long)).errors.isEmpty)
        for fromInput in [false, true] {
            for bytes in [long + long.suffix(1), long + long + long] {
                let result = try encode(Array(bytes), fromInput: fromInput)
                #expect(result.status == 64 || result.status == 65)
                #expect(result.errors.count == 1 && result.message.contains("bytes"), "\(result.message)")
            }
        }
    }
}
