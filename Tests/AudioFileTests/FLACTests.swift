// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import SystemIO
import TestSupport
import Testing

/// FLAC that is within the format's rules, or nearly, but not what libsndfile's users expect.
@Suite struct FLACTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ flac: VerbatimFLAC) throws -> (rate: Int, samples: [Float], warnings: [String]) {
        let path = try folder.write("a.flac", flac.data)
        var reader = try AudioFileReader(path: path)
        var samples: [Float] = []
        while case let more = try reader.read(upTo: 700), !more.isEmpty { samples += more }
        return (reader.sampleRate, samples, reader.warnings)
    }

    /// Ten frames of a tone, of 1000 samples.
    private func frames(rate: Int = 16_000, bits: Int = 16, channels: Int = 1) -> [VerbatimFLAC.Frame] {
        let samples = tone(440, rate: rate, count: 10_000).map { Int(Double($0) * Double(1 << (bits - 1))) }
        return stride(from: 0, to: 10_000, by: 1000).map { start in
            let part = Array(samples[start..<start + 1000])
            return .init(rate: rate, bits: bits, channels: [[Int]](repeating: part, count: channels))
        }
    }

    @Test(arguments: [4, 8, 12, 15, 16, 20, 24, 32]) func anyNumberOfBits(bits: Int) throws {
        let (_, samples, warnings) = try read(VerbatimFLAC(frames: frames(bits: bits)))
        let wanted = tone(440, rate: 16_000, count: 10_000)
        #expect(samples.count == 10_000 && warnings.isEmpty)
        #expect(zip(samples, wanted).allSatisfy { abs($0 - $1) <= 1 / Float(1 << (bits - 1)) })
    }

    @Test(arguments: [0, 4000]) func aTotalThatIsTooLowIsNoEnd(promised: Int) throws {
        let (_, samples, warnings) = try read(VerbatimFLAC(frames: frames(), promised: promised))
        #expect(samples.count == 10_000 && warnings.isEmpty)
    }

    @Test func aChangeOfChannelsIsReadAndTold() throws {
        let parts = frames(channels: 2).prefix(4) + frames(channels: 1).suffix(6)
        let (_, samples, warnings) = try read(VerbatimFLAC(frames: Array(parts)))
        #expect(samples == (try read(VerbatimFLAC(frames: frames())).samples))
        #expect(warnings.count == 1 && warnings[0].contains("from 2 to 1 channels at 0.25 s"))
    }

    @Test func aChangeOfBitsIsReadAndTold() throws {
        let parts = frames(bits: 16).prefix(4) + frames(bits: 24).suffix(6)
        let (_, samples, warnings) = try read(VerbatimFLAC(frames: Array(parts)))
        let wanted = tone(440, rate: 16_000, count: 10_000)
        #expect(samples.count == 10_000 && zip(samples, wanted).allSatisfy { abs($0 - $1) <= 1 / 32768 })
        #expect(warnings.count == 1 && warnings[0].contains("from 16 to 24 bits at 0.25 s"))
    }

    @Test func aChangeOfTheSampleRateKeepsTheSpeed() throws {
        let parts = frames(rate: 16_000).prefix(5) + frames(rate: 8000).suffix(5)
        let (rate, samples, warnings) = try read(VerbatimFLAC(frames: Array(parts)))
        #expect(rate == 16_000 && samples.count == 15_000)
        #expect(warnings.count == 1 && warnings[0].contains("from 16000 to 8000 Hz at 0.31 s"))
        // Twice as many zero crossings a second would be twice the pitch.
        let crossings = { (part: ArraySlice<Float>) in zip(part, part.dropFirst()).count { $0 < 0 && $1 >= 0 } }
        #expect(abs(crossings(samples[1000..<4000]) - crossings(samples[6000..<9000])) <= 1)
    }

    @Test func lostFramesAreSilentAndTimeGoesOn() throws {
        // No sample looks like the start of a frame.
        var parts = frames().map { VerbatimFLAC.Frame(channels: [$0.channels[0].map(abs)]) }
        let whole = try read(VerbatimFLAC(frames: parts)).samples
        var data = VerbatimFLAC(frames: parts).data
        // In the fourth frame's samples: its checksum is wrong.
        data[42 + 3 * 2013 + 1000] ^= 1
        let path = try folder.write("b.flac", data)
        var reader = try AudioFileReader(path: path)
        let samples = try reader.read(upTo: 20_000)
        #expect(samples.count == 10_000)
        #expect(samples[3000..<4000].allSatisfy { $0 == 0 })
        #expect(samples[..<3000] == whole[..<3000] && samples[4000...] == whole[4000...])
        #expect(try reader.read(upTo: 1).isEmpty)
        #expect(reader.warnings.count == 1 && reader.warnings[0].contains("at 0.19 s: 0.06 s"))
        // A number that is far off is damage of its own: no silence of hours.
        parts.removeLast(9)
        #expect(try read(VerbatimFLAC(frames: parts, promised: 1 << 35)).samples.count == 1000)
    }

    @Test func aHeaderAloneIsNothing() throws {
        let data = VerbatimFLAC(frames: frames()).data
        let path = try folder.write("c.flac", data.prefix(42))
        let error = #expect(throws: AudioFileError.self) { try readAll(path) }
        #expect(error?.kind == .badData && error?.description.contains("10000 samples") == true)
    }
}
