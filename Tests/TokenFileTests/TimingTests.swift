// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import TokenFile
import Transcript

/// The timing of a text, and what is left where it can't be read.
@Suite struct PaceTests {
    private let frames = randomFrames(300, codebooks: 2, seed: 8)
    private let text = TextSegment(frames: 0..<300, text: "the words")
    private let told: TextSegment

    init() {
        told = TextSegment(frames: text.frames, text: text.text, timing: randomTiming(300, seed: 9))
    }

    /// The chunk of the timing alone.
    private func timing(of segment: TextSegment) throws -> [UInt8] {
        var bare = segment
        bare.timing = nil
        return try Array(chunks(segment).dropFirst(chunks(bare).count))
    }

    /// A file of the frames and of these chunks, before the frames or after them.
    private func read(before: [UInt8] = [], after: [UInt8] = []) throws -> TokenRecording {
        var writer = try TokenFileWriter(header: header(codebooks: 2))
        let body = try frames.flatMap { try writer.append($0) }
        let (end, start) = try writer.finish(sampleCount: 1000)
        let recording = try TokenFileReader.read(start + before + body + after + end)
        #expect(recording.frames == frames)
        return recording
    }

    /// The chunks of a segment, with its timing if it has one.
    private func chunks(_ segment: TextSegment) throws -> [UInt8] {
        var writer = try TokenFileWriter(header: header(codebooks: 2))
        return try writer.append(segment)
    }

    @Test(arguments: 0..<12) func countsComeBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let most = [0, 1, 4, 30, 2000][Int(seed) % 5]
        let counts = (0..<Int.random(in: 0...400, using: &random)).map { _ in Int.random(in: 0...most, using: &random) }
        let segment = TextSegment(frames: 7..<7 + counts.count, text: "", timing: SymbolTiming(counts: counts))
        let recording = try read(after: chunks(segment))
        #expect(recording.texts == [segment] && recording.warnings.isEmpty)
        let bits = counts.reduce(counts.count, +)
        #expect(recording.sizes.textBytes == 22 + 14 + (bits + 7) / 8)
    }

    @Test(arguments: [[0], [100_000], [0, 100_000, 0, 1], [7], [8], [0, 0, 0, 0, 0, 0, 0, 0]])
    func oddCountsComeBack(counts: [Int]) throws {
        let segment = TextSegment(frames: 0..<counts.count, text: "x", timing: SymbolTiming(counts: counts))
        #expect(try read(before: chunks(segment)).texts == [segment])
    }

    @Test func theFormatStaysAsItIs() throws {
        let bytes = try timing(
            of: TextSegment(frames: 2..<8, text: "hi", timing: SymbolTiming(counts: [2, 0, 1, 0, 4, 0])))
        #expect(bytes.prefix(10) == [0xC5, 0x50, 2, 0, 0, 0, 2, 0, 0, 0])
        // 1 1 0, 0, 1 0, 0, 1 | 1 1 1 0, 0
        #expect(bytes.dropFirst(14) == [0b1001_0011, 0b0000_0111])
    }

    @Test func eachTextHasItsOwn() throws {
        let segments = [
            TextSegment(frames: 0..<3, text: "one", timing: SymbolTiming(counts: [1, 2, 1])),
            TextSegment(frames: 3..<200, text: "unpaced"),
            TextSegment(frames: 3..<5, text: "two", timing: SymbolTiming(counts: [0, 4])),
        ]
        let recording = try read(after: segments.flatMap { try chunks($0) })
        #expect(recording.texts == segments && recording.warnings.isEmpty)
    }

    /// Each of these costs the timing alone.
    @Test func aPaceThatIsNotWhereItBelongsIsLeftOut() throws {
        let (bare, lone) = (try chunks(text), try timing(of: told))
        let elsewhere = try timing(of: TextSegment(frames: 1..<301, text: "", timing: told.timing))
        let short = try timing(
            of: TextSegment(frames: 0..<200, text: "", timing: SymbolTiming(counts: [Int](repeating: 1, count: 200))))
        let empty = try timing(of: TextSegment(frames: 0..<0, text: "", timing: SymbolTiming(counts: [])))
        for recording in [
            try read(before: bare, after: lone), try read(before: lone, after: bare), try read(after: lone + bare),
            try read(after: bare + elsewhere), try read(after: bare + short), try read(after: bare + empty),
            try read(before: [], after: bare + short + lone),
        ] {
            #expect(recording.texts == [text] && !recording.warnings.isEmpty)
        }
        #expect(try read(after: lone).texts.isEmpty)
        let twice = try read(after: chunks(told) + lone)
        #expect(twice.texts == [told] && twice.warnings.count == 1)
    }

    @Test func anAbsurdTextTakesNoMemoryForItsPace() throws {
        let absurd = TextSegment(frames: 0..<4_000_000_000, text: "long")
        let recording = try read(after: chunks(absurd) + timing(of: told))
        #expect(recording.texts == [absurd] && recording.warnings.count == 1)
    }

    @Test func aDamagedPaceCostsNothingElse() throws {
        let (whole, start) = (try chunks(told), try chunks(text).count)
        for place in start..<whole.count {
            var damaged = whole
            damaged[place] ^= 0x10
            let recording = try read(after: damaged)
            #expect(recording.texts == [text] && !recording.warnings.isEmpty, "byte \(place)")
        }
    }

    /// Readers before this one didn't know the kind.
    @Test func aTextWithoutPaceIsWrittenAsBefore() throws {
        let (bare, whole) = (try chunks(text), try chunks(told))
        #expect(whole.prefix(bare.count) == bare[...] && bare.count < whole.count)
    }
}
