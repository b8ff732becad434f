// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import SottoStreams
import SystemIO
import TokenFile

/// Tokens by the word as they are written for others to read: [words, codes], of pauses too.
struct ExportedWords {
    private let words: [SpokenWords.Word]
    private let columns: Int
    private let voice: [UInt8]?
    private let level: UInt8?
    /// The token file's name without its ending, and what is said.
    private let id: String
    private let text: String

    /// - Throws: `WordError.impossible` if the transcript, which tells the words, or its timing is lost.
    init(_ recording: TokenRecording, input: String) throws {
        guard let spoken = try recording.spokenWords, let words = spoken.words(frameRate: recording.frameRate) else {
            throw WordError.impossible("no such transcript has such a timing")
        }
        (self.words, columns, text) = (words, spoken.codesPerWord, spoken.transcript)
        (voice, level) = (spoken.voice, spoken.level)
        id = ExportedFrames.id(of: input)
    }

    func bytes(as format: Export.Format, output: String) throws -> [UInt8] {
        switch format {
        case .npy: return npy
        case .npz: return npz
        case .json:
            return Array("[\(words.map { "[\(Self.list($0.codes))]" }.joined(separator: ",\n"))]\n".utf8)
        case .jsonl: return Array((try jsonText(Line(self), isLine: true) + "\n").utf8)
        case .csv:
            return Array(
                words.map { word in
                    let cells = word.codes.map { String($0) }
                    return (cells + [String](repeating: "", count: columns - cells.count)).joined(separator: ",")
                        + "\n"
                }.joined().utf8)
        }
    }

    /// Codes that a pause doesn't have, or that are lost, are 65535.
    private var npy: [UInt8] {
        var bytes = NumPyHeader.bytes("<u2", shape: [words.count, columns])
        for word in words {
            let codes = word.codes.map(UInt16.init)
            for code in codes + [UInt16](repeating: .max, count: columns - codes.count) {
                bytes += [UInt8(code & 255), UInt8(code >> 8)]
            }
        }
        return bytes
    }

    private var npz: [UInt8] {
        func seconds(_ values: [Double]) -> [UInt8] {
            values.reduce(into: NumPyHeader.bytes("<f8", shape: [values.count])) { bytes, value in
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
            }
        }
        var arrays = [
            ("word_codes.npy", npy), ("words.npy", NumPyNames.bytes(of: words.map(\.text))),
            ("starts.npy", seconds(words.map(\.start))), ("ends.npy", seconds(words.map(\.end))),
        ]
        if let voice { arrays.append(("voice.npy", NumPyHeader.bytes("|u1", shape: [voice.count]) + voice)) }
        if let level { arrays.append(("level.npy", NumPyHeader.bytes("|u1", shape: [1]) + [level])) }
        return ZipArchive.storing(arrays)
    }

    private static func list(_ codes: [UInt8]) -> String { codes.map { String($0) }.joined(separator: ",") }

    /// As scripts for training read it.
    private struct Line: Encodable {
        struct Word: Encodable {
            let word: String
            let start: Double
            let end: Double
            let codes: [UInt8]
        }

        let id: String
        let text: String
        let voice: [UInt8]?
        let level: UInt8?
        let words: [Word]

        init(_ exported: ExportedWords) {
            (id, text, voice, level) = (exported.id, exported.text, exported.voice, exported.level)
            words = exported.words.map { Word(word: $0.text, start: $0.start, end: $0.end, codes: $0.codes) }
        }
    }
}
