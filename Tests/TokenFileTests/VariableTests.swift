// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// Files whose frames have as many codes as the first of them tells.
@Suite struct VariableTests {
    private let counts: CodeCounts
    private let header: TokenHeader
    private let frames: [[UInt16]]
    private let bytes: [UInt8]
    /// From the file's start to its first chunk.
    private let headerSize = 40 + 3 * 2 + 4

    init() throws {
        counts = try #require(CodeCounts(thresholds: [100, 700, 1000]))
        header = try TokenHeader(
            model: model, sampleRate: 16000, frameRate: (25, 2), counts: counts, bitsPerCode: 10)
        frames = Self.randomFrames(1000, counts, seed: 3)
        bytes = try file(frames, header: header, sampleCount: 1_279_000)
    }

    private static func randomFrames(_ count: Int, _ counts: CodeCounts, seed: UInt64) -> [[UInt16]] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let first = UInt16.random(in: 0..<1024, using: &random)
            return [first]
                + (1..<counts.count(after: first)).map { _ in UInt16.random(in: 0..<1024, using: &random) }
        }
    }

    @Test(arguments: [0, 1, 127, 128, 129, 750]) func comesBackWhole(count: Int) throws {
        let frames = Self.randomFrames(count, counts, seed: UInt64(count))
        let recording = try TokenFileReader.read(file(frames, header: header, sampleCount: count * 1280))
        #expect(recording.frames == frames && recording.warnings.isEmpty)
        #expect(recording.header.counts == counts && recording.header.counts.maxCodes == 4)
        #expect(recording.sizes.codeBits == frames.reduce(0) { $0 + $1.count } * 10)
        let texts = try TokenFileReader.read(file(frames, text: "the words", header: header, sampleCount: 1)).texts
        #expect(texts == [TextSegment(frames: 0..<count, text: "the words")])
    }

    @Test func theFormatStaysAsItIs() throws {
        let bytes = try file([[5], [1000, 1, 2, 3]], header: header, sampleCount: 2000)
        let hex: String = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        #expect(hex == Self.golden)
    }

    private static let golden = """
        536f74746f0d0a1a02040a000123456789abcdef803e000019000200d00700000000000077b1355d\
        6400bc02e803fde12979\
        c546080000000000000067a9a3330205a01f80000300\
        c545080000000200000071f87d62d007000000000000
        """

    @Test func aHeaderCutAnywhereIsRefused() {
        for count in 1..<headerSize {
            #expect(throws: TokenFileError.cutHeader(bytes: count)) { try TokenFileReader.read(Array(bytes[..<count])) }
        }
    }

    @Test func anyChangedByteOfTheHeaderIsRefused() {
        for place in 0..<headerSize {
            for change in [UInt8(1), 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] ^= change
                #expect(throws: TokenFileError.self, "byte \(place)") { try TokenFileReader.read(damaged) }
            }
        }
    }

    @Test func framesThatDontAddUpAreLeftOut() throws {
        // More codes than their first ones ask for, or fewer.
        for wrong in [[[1000, 1, 2]], [[5, 6]], [[1000, 1], [5, 6]], [[700, 1, 2, 3]]] as [[[UInt16]]] {
            let fixed = try TokenHeader(
                model: model, sampleRate: 16000, frameRate: (25, 2), counts: CodeCounts(all: wrong[0].count),
                bitsPerCode: 10)
            var bytes = try file(wrong, header: fixed, sampleCount: 1)
            let chunk = Array(bytes[40...])
            bytes = try file([], header: header, sampleCount: 1)
            bytes.replaceSubrange(headerSize..., with: chunk)
            let recording = try TokenFileReader.read(bytes)
            #expect(recording.frames.allSatisfy { $0 == nil } && !recording.warnings.isEmpty)
        }
    }

    @Test(arguments: 0..<20) func damageCostsOnlyItsChunk(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: headerSize..<damaged.count, using: &random)] ^= .random(
                    in: 1...255, using: &random)
            }
            let recording = try TokenFileReader.read(damaged)
            for (read, written) in zip(recording.frames, frames) where read != nil { #expect(read == written) }
            #expect(recording.frames.count { $0 != nil } >= frames.count - 3 * 128 && !recording.warnings.isEmpty)
        }
    }
}
