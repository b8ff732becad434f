// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// What a file claims takes no more than what is there.
@Suite struct LimitTests {
    private let start: [UInt8]

    init() throws { start = try TokenFileWriter(header: header()).start }

    private func end(_ samples: Int) -> [UInt8] {
        chunk("E", 0, littleEndian(samples))
    }

    @Test(arguments: [-1, .min, .max, 1 << 48, 1 << 62]) func anEndThatCantBeIsRefused(samples: Int) {
        #expect(throws: TokenFileError.impossibleEnd(samples: samples)) {
            try TokenFileReader.read(start + end(samples))
        }
    }

    @Test(arguments: [0, 1, 1 << 48 - 1]) func anEndThatCanBeIsTaken(samples: Int) throws {
        let recording = try TokenFileReader.read(start + end(samples))
        #expect(recording.sampleCount == samples && recording.warnings.isEmpty)
    }

    /// Chunks without frames, each of which claims that as many were lost before it as one may.
    @Test(arguments: [45_000, 45_400, 100_000]) func lostFramesAreBoundedForTheWholeFile(step: Int) throws {
        let chunks = (1...4000).flatMap { chunk("F", UInt32($0 * step), [0]) }
        let recording = try TokenFileReader.read(start + chunks)
        #expect(recording.frames.count <= 45_000 + (start.count + chunks.count) * 8 / 80)
        #expect(recording.warnings.count <= 102)
        #expect(recording.warnings.contains { $0.hasPrefix("and so on: ") })
    }

    @Test func anHourMayBeLost() throws {
        let frames = randomFrames(128, codebooks: 8, seed: 5)
        var writer = try TokenFileWriter(header: header())
        let body = try frames.flatMap { try writer.append($0) }
        let late = chunk("F", 45_000, Array(body[14...]))
        let recording = try TokenFileReader.read(start + late + writer.finish(sampleCount: 9).end)
        #expect(recording.frames.count == 45_128 && Array(recording.frames.suffix(128)) == frames)
        #expect(recording.frames.prefix(45_000).allSatisfy { $0 == nil } && recording.warnings.count == 1)
    }

    /// False heads, each of which claims half of the file: every byte goes into a few checksums, whatever they claim.
    @Test(arguments: [10_000, 100_000, 400_000]) func lookingForChunksIsLinear(count: Int) throws {
        let head: [UInt8] = [0xC5, 0x46] + littleEndian(UInt32(count / 2))
        let file = Array(repeatElement(head, count: count / 6).joined()) + end(7)
        var finder = ChunkFinder(file)
        #expect(finder.next(from: 0) == file.count - 22..<file.count)
        #expect(finder.checkedBytes < 30 * file.count)
        #expect(try TokenFileReader.read(start + file).sampleCount == 7)
    }

    /// By the finder's arithmetic and by adding up each chunk's bytes.
    @Test(arguments: 0..<40) func checksumsAreThoseOfTheBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        let before = noise(Int.random(in: 0...200, using: &random)).map { $0 == 0xC5 ? 0 : $0 }
        let chunk = chunk("F", 9, noise(Int.random(in: 0...400, using: &random)))
        var file = before + chunk + noise(70)
        var finder = ChunkFinder(file)
        #expect(finder.next(from: 0) == before.count..<before.count + chunk.count)
        file[before.count + Int.random(in: 1..<chunk.count, using: &random)] ^=
            1 << UInt8.random(in: 0..<8, using: &random)
        var damaged = ChunkFinder(file)
        #expect(damaged.chunk(at: before.count) == nil)
    }

    // MARK: Texts

    private func text(_ count: Int) -> TextSegment {
        TextSegment(frames: 0..<10, text: String(repeating: "a b ", count: count / 4))
    }

    @Test func aTextOfTheGreatestLengthComesBack() throws {
        var writer = try TokenFileWriter(header: header())
        let chunk = try writer.append(text(TextSegment.mostBytes))
        #expect(chunk.count < 10_000)
        let recording = try TokenFileReader.read(start + chunk + writer.finish(sampleCount: 1).end)
        #expect(recording.texts == [text(TextSegment.mostBytes)] && recording.warnings.isEmpty)
        let longer = TextSegment(frames: 0..<10, text: "x")
        #expect(throws: TokenFileError.self) { try writer.append(longer) }
        #expect(throws: TokenFileError.self) {
            try TextSegment.requireRoom(for: text(TextSegment.mostBytes).text + "x")
        }
    }

    /// Whether one is too long or all together are.
    @Test func textsThatTakeMoreAreLeftOut() throws {
        var (first, second) = (try TokenFileWriter(header: header()), try TokenFileWriter(header: header()))
        let chunks = try first.append(text(1 << 20)) + second.append(text(1 << 21)) + second.append(text(0))
        let recording = try TokenFileReader.read(start + chunks + first.finish(sampleCount: 1).end)
        #expect(recording.texts == [text(1 << 20), text(0)] && recording.warnings.count == 1)
    }

    // MARK: A chunk that is cut off

    @Test(arguments: 1...8) func whatIsWholeOfATornChunkIsKept(codebooks: Int) throws {
        let frames = randomFrames(87, codebooks: codebooks, seed: 4)
        let whole = try file(frames, header: header(codebooks: codebooks), sampleCount: 87 * 1280)
        let body = 40 + 15
        for count in body..<body + (87 * codebooks * 10 + 7) / 8 {
            let recording = try TokenFileReader.read(Array(whole[..<count]))
            let kept = (count - body) * 8 / (10 * codebooks)
            #expect(recording.frames == Array(frames[..<kept]))
            #expect(recording.sizes.codeBits == kept * codebooks * 10)
            #expect(recording.warnings.contains { $0.contains("checksum") } == (kept > 0))
            #expect(recording.warnings.last?.contains("cut off after frame \(kept)") == true)
        }
    }

    @Test func aTornChunkOfAnyNumberOfCodes() throws {
        let counts = try #require(CodeCounts(thresholds: [100, 700, 1000]))
        let header = try TokenHeader(
            model: model, sampleRate: 16000, frameRate: (25, 2), counts: counts, bitsPerCode: 10)
        let frames = randomFrames(60, codebooks: 4, seed: 6).map { Array($0.prefix(counts.count(after: $0[0]))) }
        let whole = try file(frames, header: header, sampleCount: 1)
        for count in stride(from: 70, to: whole.count - 22, by: 3) {
            let recording = try TokenFileReader.read(Array(whole[..<count]))
            #expect(recording.frames == Array(frames[..<recording.frames.count]))
            #expect(recording.frames.count * 40 >= (count - 66) * 8 - 40)
        }
    }

    /// Only the end of a file tears a chunk: one of wrong length or with sound ones behind it is damaged.
    @Test func whatIsDamagedIsNotTorn() throws {
        let frames = randomFrames(200, codebooks: 2, seed: 8)
        var whole = try file(frames, header: header(codebooks: 2), sampleCount: 1)
        whole[42] ^= 0x40  // the first chunk's length
        #expect(try TokenFileReader.read(whole).frames.prefix(128).allSatisfy { $0 == nil })
        let cut = Array(whole[..<200])
        #expect(try TokenFileReader.read(cut).frames.isEmpty)
    }
}
