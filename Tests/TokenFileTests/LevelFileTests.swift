// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// Files that tell the speaker's level.
@Suite struct LevelFileTests {
    private let header: TokenHeader

    init() throws {
        header = try TokenHeader(
            model: model, sampleRate: 16000, frameRate: (25, 2), counts: CodeCounts(all: 2), bitsPerCode: 10,
            tellsLevels: true)
    }

    private func file(_ levels: [UInt8]) throws -> [UInt8] {
        var writer = TokenFileWriter(header: header)
        let frames = randomFrames(levels.count, codebooks: 2, seed: 1)
        let body = try zip(frames, levels).flatMap { try writer.append($0, level: $1) }
        let (end, start) = try writer.finish(sampleCount: levels.count * 1280)
        return start + body + end
    }

    /// As speech has them: one for some time, then one that is near.
    private func slow(_ count: Int, seed: UInt64) -> [UInt8] {
        var (random, level) = (SeededGenerator(seed: seed), 40)
        return (0..<count).map { _ in
            if Int.random(in: 0..<20, using: &random) == 0 { level += Bool.random(using: &random) ? 1 : -1 }
            return UInt8(level)
        }
    }

    @Test(arguments: [0, 1, 127, 128, 129, 511, 512, 513, 1500]) func comesBackWhole(count: Int) throws {
        for levels in [slow(count, seed: 1), (0..<count).map { UInt8($0 % 256) }] {
            let recording = try TokenFileReader.read(file(levels))
            #expect(recording.levels == levels && recording.warnings.isEmpty && recording.header.tellsLevels)
            #expect(recording.frames.count == count)
        }
        // A minute and more of one level takes few bytes, which are counted.
        let steady = try TokenFileReader.read(file([UInt8](repeating: 7, count: 1024)))
        #expect(steady.levels == [UInt8](repeating: 7, count: 1024) && steady.sizes.levelBits == 2 * 3 * 8)
    }

    /// Flag 1; after the frames, from frame 0 on: two of level 40, one of 41.
    @Test func theFormatStaysAsItIs() throws {
        let bytes = try file([40, 40, 41])
        #expect(bytes[11] == 1)
        let levels = bytes[(40 + 14 + 1 + 8)...].prefix(14 + 4)
        #expect(levels.prefix(10) == [0xC5, 0x4C, 4, 0, 0, 0, 0, 0, 0, 0] && levels.suffix(4) == [40, 2, 41, 1])
        // A run's length takes seven bits a byte.
        let long = try file([UInt8](repeating: 40, count: 300))
        #expect(long.suffix(14 + 8 + 3).prefix(3) == [40, 0xAC, 2])
    }

    @Test func aWriterTakesLevelsWhereItsHeaderSaysSo() throws {
        var writer = TokenFileWriter(header: header)
        #expect(throws: TokenFileError.self) { try writer.append([1, 2]) }
        var plain = TokenFileWriter(header: try plainHeader())
        #expect(throws: TokenFileError.self) { try plain.append([1, 2], level: 40) }
        #expect(throws: Never.self) { try writer.append(TokenFrame(codes: [1, 2], level: 255)) }
    }

    /// Other flags are of programs to come, which are named.
    @Test func unknownFlagsAreRefused() throws {
        var bytes = try file([40])
        bytes[11] = 9
        bytes.replaceSubrange(36..<40, with: littleEndian(crc32(bytes[..<36])))
        #expect(throws: TokenFileError.unknownFeatures(flags: 8)) { try TokenFileReader.read(bytes) }
    }

    // MARK: Damage

    private func chunk(_ frame: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let head = [0xC5, 0x4C] + littleEndian(UInt32(payload.count)) + littleEndian(frame)
        return head + littleEndian(crc32(head + payload)) + payload
    }

    /// The levels of a file of so many frames whose chunks of levels are these.
    private func levels(_ chunks: [[UInt8]], frames: Int = 20) throws -> (levels: [UInt8?], isWhole: Bool) {
        let plain = try file([UInt8](repeating: 1, count: frames))
        let size = 14 + 2
        let (start, end) = (plain.dropLast(14 + 8 + size), plain.suffix(14 + 8))
        let recording = try TokenFileReader.read(Array(start) + chunks.flatMap(\.self) + end)
        return (recording.levels, recording.warnings.isEmpty)
    }

    @Test func whatIsNotToldGoesOn() throws {
        let found = try levels([chunk(3, [40, 2]), chunk(10, [50, 3, 60, 1])])
        let wanted: [UInt8?] =
            [nil, nil, nil] + [UInt8](repeating: 40, count: 7) + [50, 50, 50] + [UInt8](repeating: 60, count: 7)
        #expect(found.levels == wanted && found.isWhole)
        #expect(try levels([]).levels == [UInt8?](repeating: nil, count: 20))
    }

    @Test func moreFramesThanThereAreTakeNoRoom() throws {
        let endless: [UInt8] = [9, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
        let found = try levels([chunk(5, endless + endless)])
        #expect(found.levels == [UInt8?](repeating: nil, count: 5) + [UInt8?](repeating: 9, count: 15) && found.isWhole)
        #expect(try levels([chunk(.max, endless)]).levels == [UInt8?](repeating: nil, count: 20))
    }

    @Test(
        arguments: [
            [9], [9, 0], [9, 0x80], [9, 2, 9], [9, 0x80, 0x80, 0x80, 0x80, 0x80, 1], [9, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
        ] as [[UInt8]]) func runsThatCanNotBeAreLeftOut(payload: [UInt8]) throws
    {
        let found = try levels([chunk(0, [40, 1]), chunk(2, payload)])
        #expect(found.levels == [UInt8?](repeating: 40, count: 20) && !found.isWhole)
    }

    /// Each frame's level is told once, so that no file takes longer than its size.
    @Test func chunksThatGoBackAreLeftOut() throws {
        let found = try levels([chunk(0, [40, 10]), chunk(5, [41, 10])])
        #expect(found.levels == [UInt8?](repeating: 40, count: 20) && !found.isWhole)
    }

    /// Whose frames would be spoken at another level is said where a file is cut off or its levels are damaged.
    @Test func levelsThatAreLostAreTold() throws {
        let whole = try file(slow(600, seed: 4))
        func warnings(_ bytes: [UInt8]) throws -> [String] {
            try TokenFileReader.read(bytes).warnings.filter { $0.contains("level") }
        }
        #expect(try warnings(whole).isEmpty)
        // Levels come after every 512 frames, and at the end: there a chunk of them, of 88 frames, and the file's end.
        let end = 14 + 8
        let place = try #require(whole.indices.last { whole[$0...].starts(with: [0xC5, 0x4C]) })
        #expect(
            try warnings(Array(whole[..<place])) == [
                "the levels of frames 512 to 599 are lost; that of the frame before stands for them"
            ])
        #expect(try warnings(Array(whole.dropLast(end))).isEmpty)
        var bent = whole
        bent[place + 14] ^= 1
        #expect(try warnings(bent).count == 1)
        let short = try file([UInt8](repeating: 50, count: 30))
        #expect(
            try warnings(Array(short.dropLast(end + 14 + 2))) == [
                "the levels of frames 0 to 29 are lost; the nominal one stands for them"
            ])
    }

    @Test func lostFramesHaveALevelToo() throws {
        let whole = try file(slow(600, seed: 4))
        var bytes = whole
        bytes[40 + 20] ^= 1
        let recording = try TokenFileReader.read(bytes)
        #expect(recording.frames[0] == nil && recording.levels == slow(600, seed: 4))
    }
}

/// Of files that tell no levels.
private func plainHeader() throws -> TokenHeader { try header(codebooks: 2) }
