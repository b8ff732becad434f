// SPDX-License-Identifier: Apache-2.0

import SystemIO
import Testing

@Suite struct PlainTextTests {
    private let text = "Über 3 Bäume 🙂\nund so"

    private func utf16(_ isBig: Bool) -> [UInt8] {
        text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    @Test func byteOrderMarksAreReadAndDropped() throws {
        #expect(try PlainText.decode(text.utf8, name: "x") == text)
        #expect(try PlainText.decode([0xEF, 0xBB, 0xBF] + Array(text.utf8), name: "x") == text)
        #expect(try PlainText.decode([0xFF, 0xFE] + utf16(false), name: "x") == text)
        #expect(try PlainText.decode([0xFE, 0xFF] + utf16(true), name: "x") == text)
        for empty: [UInt8] in [[], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF]] {
            #expect(try PlainText.decode(empty, name: "x").isEmpty)
        }
        // A mark within is none.
        #expect(try PlainText.decode("a\u{FEFF}b".utf8, name: "x") == "a\u{FEFF}b")
    }

    @Test func whatIsNotUTF8IsRefusedInOneLine() {
        let latin1: [UInt8] = [0x63, 0x61, 0x66, 0xE9]
        let cases: [([UInt8], String)] = [
            (latin1, "WINDOWS-1252"), (utf16(false), "UTF-16LE"), (utf16(true), "UTF-16BE"),
            ([0xFF, 0xFE, 0x61], "UTF-16"), ([0xFF, 0xFE, 0, 0xD8], "UTF-16"), (Array("a\0b".utf8), "UTF-16LE"),
            ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-16"), ([0xEF, 0xBB], "WINDOWS-1252"),
        ]
        for (bytes, likely) in cases {
            let error = #expect(throws: NotPlainText.self) { try PlainText.decode(bytes, name: "words.txt") }
            let line = error?.description ?? ""
            #expect(line.hasPrefix("words.txt is not text in UTF-8") && line.contains("iconv -f \(likely)"), "\(bytes)")
            #expect(error?.kind == .badData && !line.contains("\n"))
        }
    }
}
