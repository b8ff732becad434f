// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile
import Transcript

/// Token files by the word.
@Suite struct WordFileTests {
    private let text = TextSegment(
        frames: 0..<40, text: "so it goes on", timing: SymbolTiming(counts: [1, 0, 2] + [Int](repeating: 0, count: 37)))
    private let voice = (0..<16).map { UInt8($0 % 8) }

    private func header(codes: Int = 4) throws -> TokenHeader {
        try TokenHeader(model: model, sampleRate: 44100, frameRate: (25, 2), codesPerWord: codes)
    }

    private func codes(_ count: Int) -> [UInt8] {
        var random = SeededGenerator(seed: 31)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func file(codes count: Int = 1300, level: UInt8? = 43, perWord: Int = 4) throws -> [UInt8] {
        try TokenFileWriter.file(
            header(codes: perWord), text: text, words: WordCodes(codes: codes(count), voice: voice, level: level),
            sampleCount: 141_120)
    }

    @Test(arguments: [0, 1, 511, 512, 513, 1300], [nil, 0, 43])
    func whatIsWrittenIsRead(count: Int, level: UInt8?) throws {
        let recording = try TokenFileReader.read(file(codes: count, level: level, perWord: count == 0 ? 0 : 4))
        #expect(recording.words == WordCodes(codes: codes(count), voice: voice, level: level))
        #expect(recording.texts == [text] && recording.sampleCount == 141_120 && recording.warnings.isEmpty)
        #expect(recording.header.codesPerWord == (count == 0 ? 0 : 4) && recording.header.sampleRate == 44100)
        #expect(recording.frames.isEmpty && recording.sizes.codeBits == 8 * count)
        #expect(TokenHeader.isByWord(try file()))
    }

    /// As Docs/token-format.md says it.
    @Test func theBytesAreTheseOnes() throws {
        let bytes = try file(codes: 2)
        #expect(bytes[8..<12] == [1, 4, 8, 6])
        let voiceChunk = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xC5, 0x56, 7, 0, 0, 0]) })
        #expect(bytes[(voiceChunk + 14)...].prefix(7) == [0x88, 0xC6, 0xFA, 0x88, 0xC6, 0xFA, 43])
        let words = try #require(
            bytes.indices.first { bytes[$0...].starts(with: [0xC5, 0x57, 2, 0, 0, 0, 0, 0, 0, 0]) })
        #expect(Array(bytes[(words + 14)...].prefix(2)) == codes(2))
    }

    @Test func damageCostsWhatItHits() throws {
        let whole = try file()
        let first = try #require(whole.indices.first { whole[$0...].starts(with: [0xC5, 0x57]) })
        var bytes = whole
        bytes[first + 600] ^= 1
        // The second chunk of words, codes 512 to 1023.
        var recording = try TokenFileReader.read(bytes)
        let found = try #require(recording.words?.codes)
        #expect(
            found.prefix(512) == codes(1300).prefix(512).map { $0 }[...]
                && found.suffix(276) == codes(1300).suffix(276).map { $0 }[...])
        #expect(found[512..<1024].allSatisfy { $0 == nil } && recording.warnings.count == 2)
        bytes = whole
        let voice = try #require(whole.indices.first { whole[$0...].starts(with: [0xC5, 0x56]) })
        bytes[voice + 16] ^= 1
        recording = try TokenFileReader.read(bytes)
        #expect(recording.words?.voice == nil && recording.words?.codes == codes(1300))
        #expect(recording.warnings.contains { $0.contains("voice") })
    }

    @Test func whatIsLeftOfACutFileIsRead() throws {
        let whole = try file()
        var longest = 0
        for end in stride(from: 40, to: whole.count, by: 7) {
            let recording = try TokenFileReader.read(Array(whole[..<end]))
            #expect(!recording.warnings.isEmpty)
            let found = recording.words?.codes ?? []
            #expect(found.compactMap(\.self) == Array(codes(1300).prefix(found.count)))
            longest = max(longest, found.count)
        }
        #expect(longest == 1300)
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let words = WordCodes(codes: [1], voice: voice)
        for (text, words) in [
            (TextSegment(frames: 0..<40, text: "so"), words), (text, WordCodes(codes: [1])),
            (text, WordCodes(codes: [nil], voice: voice)),
            (text, WordCodes(codes: [1], voice: [8] + voice.dropFirst())),
        ] {
            #expect(throws: TokenFileError.self) {
                try TokenFileWriter.file(header(), text: text, words: words, sampleCount: 1)
            }
        }
        #expect(throws: TokenFileError.self) { try header(codes: 256) }
        let plain = try TokenHeader(
            model: model, sampleRate: 16000, frameRate: (25, 2), counts: CodeCounts(all: 1), bitsPerCode: 8)
        #expect(throws: TokenFileError.self) {
            try TokenFileWriter.file(plain, text: text, words: words, sampleCount: 1)
        }
        // Levels of frames that there are none of, codes of ten bits, another version.
        for (place, value) in [(11, UInt8(7)), (10, 10), (8, 2)] {
            var bytes = try file()
            bytes[place] = value
            bytes.replaceSubrange(36..<40, with: checksum(bytes[..<36]))
            #expect(throws: TokenFileError.self) { try TokenFileReader.read(bytes) }
        }
    }

    private func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let value = Checksum.crc32(bytes)
        return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
