// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import TokenFile

@Suite struct DamageTests {
    let frames = randomFrames(1000, codebooks: 3, seed: 7)
    let timing = randomTiming(1000, seed: 8)
    let bytes: [UInt8]

    init() throws {
        bytes = try file(
            frames, text: "the words", timing: timing, header: header(codebooks: 3), sampleCount: 1_279_000)
    }

    @Test func aHeaderCutAnywhereIsRefused() {
        #expect(throws: TokenFileError.notTokens) { try TokenFileReader.read([]) }
        for count in 1..<40 {
            #expect(throws: TokenFileError.cutHeader(bytes: count)) { try TokenFileReader.read(Array(bytes[..<count])) }
        }
    }

    @Test func anyChangedByteOfTheHeaderIsRefused() {
        for place in 0..<40 {
            for change in [UInt8(1), 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] ^= change
                #expect(throws: TokenFileError.self, "byte \(place)") { try TokenFileReader.read(damaged) }
            }
        }
    }

    @Test func aFutureVersionIsNamed() {
        var future = bytes
        future[8] = 3
        #expect(throws: TokenFileError.futureVersion(3)) { try TokenFileReader.read(future) }
    }

    @Test func textIsNoTokenFile() {
        #expect(throws: TokenFileError.notTokens) {
            try TokenFileReader.read(Array("RIFF and so on, 40 bytes or more …".utf8))
        }
    }

    /// What is there is right, what is not there is told, and nothing crashes.
    private func check(_ damaged: [UInt8]) throws {
        let recording = try TokenFileReader.read(damaged)
        #expect(recording.frames.count <= frames.count)
        for (read, written) in zip(recording.frames, frames) where read != nil { #expect(read == written) }
        #expect(recording.texts.allSatisfy { $0.text == "the words" && ($0.timing == nil || $0.timing == timing) })
        let isWhole = recording.frames == frames && recording.texts.count == 1 && recording.texts[0].timing == timing
        #expect(isWhole || !recording.warnings.isEmpty)
    }

    @Test func aBodyCutAnywhereDecodesUpToThere() throws {
        for count in stride(from: 40, to: bytes.count, by: 7) { try check(Array(bytes[..<count])) }
        let half = try TokenFileReader.read(Array(bytes[..<2000]))
        #expect(half.frames.count >= 3 * 128)
    }

    @Test(arguments: 0..<20) func changedBytesCostOnlyTheirChunk(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 40..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try check(damaged)
            let recording = try TokenFileReader.read(damaged)
            #expect(recording.frames.count { $0 != nil } >= frames.count - 3 * 128)
        }
    }

    @Test(arguments: 0..<20) func removedAndAddedBytesCostOnlyTheirChunk(seed: UInt64) throws {
        var random = SeededGenerator(seed: 100 + seed)
        for _ in 0..<50 {
            var damaged = bytes
            let start = Int.random(in: 40..<damaged.count - 50, using: &random)
            if Bool.random(using: &random) {
                damaged.removeSubrange(start..<start + Int.random(in: 1...40, using: &random))
            } else {
                let noise = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                damaged.insert(contentsOf: noise, at: start)
            }
            try check(damaged)
        }
    }
}
