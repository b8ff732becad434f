// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Foundation
import Testing

/// Clips as they sound elsewhere.
@Suite struct ChangedSpeechTests {
    private func tone(_ hertz: Float, _ level: Float = 0.1) -> [Float] {
        (0..<16_384).map { level * sin(2 * .pi * hertz * Float($0) / 16_000) }
    }

    private func decibels(_ audio: [Float]) -> Double {
        10 * log10(audio.reduce(1e-20) { $0 + Double($1) * Double($1) } / Double(audio.count))
    }

    private func changed(_ audio: [Float], seed: UInt64 = 1) throws -> [String: [Float]] {
        let all = try ChangedSpeech.changes(of: audio, noises: nil, recodes: false, seed: seed)
        let names = ChangedSpeech.names(noises: nil, recodes: false)
        #expect(all.count == names.count && all.allSatisfy { $0.count == audio.count })
        return Dictionary(uniqueKeysWithValues: zip(names, all))
    }

    @Test func levelsAndNoiseAreAsLoudAsTheySay() throws {
        let audio = tone(440)
        let found = try changed(audio)
        for level in [0.1, 0.5, 1, 3, 6] {
            let name = level == level.rounded() ? "\(Int(level))" : "\(level)"
            let (softer, louder) = (try #require(found["-\(name) dB"]), try #require(found["+\(name) dB"]))
            #expect(abs(decibels(softer) - decibels(audio) + level) < 0.01)
            #expect(abs(decibels(louder) - decibels(audio) - level) < 0.01)
        }
        for ratio in [20, 10] {
            let noisy = try #require(found["white noise \(ratio) dB"])
            let noise = zip(noisy, audio).map { $0 - $1 }
            #expect(abs(decibels(audio) - decibels(noise) - Double(ratio)) < 0.1)
        }
        #expect(try changed(audio) == found && changed(audio, seed: 2) != found)
    }

    /// Whole numbers of 16 bits, at most full scale.
    @Test func whatIsTooLoudIsClipped() throws {
        let louder = try #require(try changed(tone(440, 0.9))["+6 dB"])
        #expect(louder.max() == 32767 / 32768 && louder.min() == -1)
        #expect(louder.allSatisfy { ($0 * 32768).rounded() == $0 * 32768 })
    }

    @Test func aTelephoneLetsTheMiddleThrough() throws {
        for (hertz, passes) in [(100, false), (1000, true), (3000, true), (5000, false)] as [(Float, Bool)] {
            // So many periods that the tone has one frequency alone.
            let audio = tone((hertz / 16_000 * 16_384).rounded() * 16_000 / 16_384)
            let change = decibels(try #require(try changed(audio)["telephone"])) - decibels(audio)
            #expect(passes ? abs(change) < 0.1 : change < -50)
        }
    }

    @Test func speechIsWhatIsNotFarBelowTheLoudest() {
        let audio = [Float](repeating: 0.1, count: 100) + [Float](repeating: 0.004, count: 100) + [0.003, 0]
        #expect(Robustness.speechFrames(audio, size: 100, count: 4) == [true, true, false, false])
        #expect(Robustness.speechFrames([], size: 100, count: 2) == [false, false])
    }
}
