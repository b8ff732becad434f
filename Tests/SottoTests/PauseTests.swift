// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import Spectral
import TestSupport
import Testing

/// What is said, what is not, and the noise in between.
@Suite struct PauseTests {
    let model: CodecModel
    let speech: [Float]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
    }

    private func noise(_ seconds: Double, level: Float) -> [Float] {
        var source = NoiseSource()
        var samples: [Float] = []
        source.next(Int(seconds * 16_000), into: &samples)
        return samples.map { $0 * level }
    }

    /// Four seconds of background, speech over it, and four more.
    private func conversation(level: Float) -> [Float] {
        var audio = noise(8 + Double(speech.count) / 16_000, level: level)
        for (i, sample) in speech.enumerated() { audio[64_000 + i] += sample }
        return audio
    }

    @Test(arguments: [0, 0.0003, 0.003] as [Float]) func pausesAreFoundAndSpeechIsKept(level: Float) {
        let isPause = model.pauses(in: conversation(level: level)).map { $0 != nil }
        let (first, last) = (50, 50 + speech.count / 1280)
        #expect(isPause[..<4].allSatisfy { !$0 }, "nothing is known of the background yet")
        #expect(isPause[6..<first].allSatisfy { $0 })
        #expect(isPause[(last + 8)...].allSatisfy { $0 })
        // A frame that holds anything well above the background is sent.
        for frame in first..<last {
            let part = speech[(frame - first) * 1280..<(frame - first + 1) * 1280]
            let loudest =
                stride(from: part.startIndex, to: part.endIndex, by: 160).map { start in
                    (part[start..<start + 160].reduce(0) { $0 + $1 * $1 } / 160).squareRoot()
                }.max() ?? 0
            if loudest > max(level * 4, 0.001) { #expect(!isPause[frame], "frame \(frame) at \(loudest)") }
        }
    }

    /// What a microphone without a high-pass picks up of a building: strongest where nothing is heard.
    @Test(arguments: [-60, -50, -40] as [Float]) func rumbleIsNoSpeech(level: Float) {
        var random = SeededGenerator(seed: 3)
        var slow: Float = 0
        var audio = (0..<128_000).map { _ in
            slow = 0.999 * slow + Float.random(in: -1...1, using: &random)
            return slow
        }
        let scale = pow(10, (level - decibels(audio[...])) / 20)
        for i in audio.indices { audio[i] *= scale }
        for (i, sample) in speech.enumerated() { audio[32_000 + i] += sample }
        let isPause = model.pauses(in: audio).map { $0 != nil }
        let end = (32_000 + speech.count) / 1280 + 8
        #expect(isPause[10..<25].count { $0 } >= 12 && isPause[end...].count { $0 } * 5 >= 4 * isPause[end...].count)
        #expect(isPause[27..<(end - 12)].count { $0 } < 12)
    }

    /// A word that begins anywhere in a frame is not cut: its frame is sent.
    @Test(arguments: [0, 1, 300, 640, 1000, 1100]) func onsetsAreKept(offset: Int) {
        var audio = noise(6, level: 0.001)
        for i in 0..<8000 { audio[64_000 + offset + i] += 0.05 * sin(Float(i) * 0.1) }
        let frames = model.pauses(in: audio)
        #expect(frames[49] != nil && frames[50] == nil)
        // It goes on for 320 ms, then the pause is one again.
        let end = (64_000 + offset + 8000) / 1280
        #expect(frames[50...end + 4].allSatisfy { $0 == nil } && frames[end + 6] != nil)
    }

    @Test(arguments: 0..<4) func pausesDontDependOnChunks(seed: UInt64) {
        let audio = conversation(level: 0.001)
        var whole = SpeechEncoder(model)
        let codes = whole.push(audio).codes
        var random = SeededGenerator(seed: seed)
        var (detector, encoder) = (PauseDetector(model), SpeechEncoder(model))
        var (found, start): ([(frame: TokenFrame, pause: ComfortNoise?)], Int) = ([], 0)
        while start < audio.count {
            let end = min(audio.count, start + Int.random(in: 0...4000, using: &random))
            found += encoder.push(audio[start..<end], detecting: &detector)
            start = end
        }
        #expect(found.map(\.pause) == model.pauses(in: audio) && found.map(\.frame.codes) == codes)
    }

    /// White, or with its upper half 20 dB lower: what is heard has the level and colour of what was there.
    @Test(arguments: [0.0005, 0.01, 0.1] as [Float], [false, true]) func theNoiseHasItsLevelAndColour(
        level: Float, isDark: Bool
    ) throws {
        var audio = noise(3, level: level)
        if isDark {
            var last: Float = 0
            for i in audio.indices {
                last = 0.9 * last + 0.1 * audio[i]
                audio[i] = last
            }
        }
        let levels = try #require(model.pauses(in: audio).last ?? nil)
        var decoder = SpeechDecoder(model)
        let heard = (0..<20).flatMap { _ in decoder.pushNoise(levels) }
        let difference = decibels(heard.suffix(20_000)) - decibels(audio.suffix(20_000))
        #expect(abs(difference) < 1.5)
        let (there, here) = (steps(audio.suffix(20_000)), steps(heard.suffix(20_000)))
        #expect(abs(decibels(there[...]) - decibels(here[...])) < 2, "the high frequencies too")
    }

    private func decibels(_ audio: ArraySlice<Float>) -> Float {
        10 * log10(audio.reduce(0) { $0 + $1 * $1 } / Float(audio.count))
    }

    private func steps(_ audio: ArraySlice<Float>) -> [Float] { zip(audio, audio.dropFirst()).map { $1 - $0 } }

    @Test func theNoiseJoinsTheSpeechWithoutAClick() throws {
        let codes = try Fixture.codes(Fixture.golden())
        let levels = ComfortNoise(level: 130)
        var (whole, decoder) = (SpeechDecoder(model), SpeechDecoder(model))
        let loudest = steps(try codes.flatMap { try whole.push($0) }[...]).peak
        var audio: [Float] = []
        for (number, frame) in codes.enumerated() {
            audio += (15..<25).contains(number) ? decoder.pushNoise(levels) : try decoder.push(frame)
        }
        #expect(steps(audio[...]).peak <= loudest * 1.2)
    }
}
