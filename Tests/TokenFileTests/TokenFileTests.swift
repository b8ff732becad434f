// SPDX-License-Identifier: Apache-2.0

import Testing
import TokenFile

@Suite struct TokenFileTests {
    @Test(arguments: 1...8, [0, 1, 127, 128, 129, 750]) func comesBackWhole(codebooks: Int, count: Int) throws {
        let frames = randomFrames(count, codebooks: codebooks, seed: UInt64(count))
        let bytes = try file(frames, header: header(codebooks: codebooks, sampleRate: 44100), sampleCount: count * 3528)
        let recording = try TokenFileReader.read(bytes)
        #expect(recording.frames == frames)
        #expect(recording.header.sampleRate == 44100)
        #expect(recording.header.frameRate == (25, 2))
        #expect(recording.sampleCount == count * 3528)
        #expect(recording.warnings.isEmpty)
        #expect(recording.sizes.codeBits == count * codebooks * 10)
    }

    @Test(arguments: ["", "Hello.", "Grüße, Жизнь, 你好 🙂", String(repeating: "and so on and so forth ", count: 5000)])
    func textComesBack(text: String) throws {
        let bytes = try file(
            randomFrames(10, codebooks: 2, seed: 1), text: text, header: header(codebooks: 2), sampleCount: 1)
        let recording = try TokenFileReader.read(bytes)
        #expect(recording.texts == [TextSegment(frames: 0..<10, text: text)])
        #expect(recording.sizes.textBytes <= text.utf8.count + 22)
    }

    @Test func theFormatStaysAsItIs() throws {
        let bytes = try file([[1, 1023], [512, 2]], text: "hi", header: header(codebooks: 2), sampleCount: 2000)
        let hex: String = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        #expect(hex == Self.golden)
    }

    private static let golden = """
        536f74746f0d0a1a01020a000123456789abcdef803e000019000200d00700000000000097ebb2e3\
        c5540a00000000000000895c4e4202000000000000006869\
        c546060000000000000004b3e1ed0201fc0fa000\
        c545080000000200000071f87d62d007000000000000
        """

    @Test func overheadIsBelowFivePercentForAMinuteAt500BitsASecond() throws {
        let bytes = try file(
            randomFrames(750, codebooks: 4, seed: 2), header: header(codebooks: 4), sampleCount: 960_000)
        let codeBytes = 750 * 4 * 10 / 8
        #expect(bytes.count * 100 < codeBytes * 105)
    }

    @Test func aLiveFileNeedsNoRewrittenHeader() throws {
        var writer = try TokenFileWriter(header: header())
        let frames = randomFrames(200, codebooks: 8, seed: 3)
        var bytes = try writer.start + frames.flatMap { try writer.append($0) }
        bytes += try writer.finish(sampleCount: 255_000).end
        let recording = try TokenFileReader.read(bytes)
        #expect(recording.sampleCount == 255_000 && recording.frames == frames && recording.warnings.isEmpty)
    }

    @Test func anotherModelsTokensAreRefusedByName() throws {
        let recording = try TokenFileReader.read(file([], header: header(), sampleCount: 0))
        try recording.header.model.require(model)
        let other = try ModelIdentity([UInt8](repeating: 9, count: 8))
        #expect(throws: TokenFileError.otherModel(needs: model, has: other)) {
            try recording.header.model.require(other)
        }
    }
}
