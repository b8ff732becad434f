// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import TestSupport
import Testing

/// A pause sounds like the frames around it.
@Suite struct BackgroundTests {
    enum Colour: CaseIterable, Equatable { case white, pink, brown }

    /// Noise of so many dB of full scale, the same in every run.
    private func noise(_ colour: Colour, level: Float, count: Int) -> [Float] {
        var random = SeededGenerator(seed: 7)
        var slow = [Float](repeating: 0, count: 3)
        // A microphone hears nothing below 20 Hz or so.
        var (rumble, before): (Float, Float) = (0, 0)
        let noise = (0..<count).map { _ -> Float in
            let white = (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
            var now = white
            if colour == .pink {
                // Three low-passes near a factor of ten apart come near to −3 dB an octave.
                for (i, (pole, gain)) in [(0.9977, 0.1), (0.963, 0.3), (0.57, 1)].enumerated() {
                    slow[i] = Float(pole) * slow[i] + Float(gain) * white
                }
                now = slow.reduce(0, +) + 0.2 * white
            } else if colour == .brown {
                slow[0] = 0.95 * slow[0] + white
                now = slow[0]
            }
            rumble = 0.985 * rumble + now - before
            before = now
            return rumble
        }
        let scale = pow(10, (level - decibels(noise[...])) / 20)
        return noise.map { $0 * scale }
    }

    private func decibels(_ audio: some Collection<Float>) -> Float {
        10 * log10(audio.reduce(0) { $0 + $1 * $1 } / Float(audio.count) + 1e-12)
    }

    /// Four seconds of background, speech over it, and four more.
    private func conversation(_ colour: Colour, level: Float, speech: [Float]) -> [Float] {
        var audio = noise(colour, level: level, count: 128_000 + speech.count)
        for (i, sample) in speech.enumerated() { audio[64_000 + i] += sample }
        return audio
    }

    /// Each pause is a second long here and then goes on in codes, so that both its ends lie in the background alone.
    @Test(arguments: ["sotto-16k", "sotto-16k-6hz"], Colour.allCases) func noPauseSteps(name: String, colour: Colour)
        throws
    {
        let model = try CodecModel(path: Fixture.path("Models/\(name).safetensors"))
        let length = Int(model.configuration.frameRate)
        for level in [-60, -50, -40] as [Float] {
            let audio = conversation(colour, level: level, speech: try Fixture.sample("campfire"))
            let noises = model.pauses(in: audio)
            for codebooks in [8, 2] {
                var (encoder, decoder) = (try SpeechEncoder(model, codes: .fixed(codebooks)), SpeechDecoder(model))
                var (levels, ends): ([Float], [Int]) = ([], [])
                var run = 0
                for (number, frame) in encoder.push(audio).enumerated() {
                    run = noises[number] == nil ? 0 : run + 1
                    if run == 1 || run == length + 1 { ends.append(number) }
                    let isPause = (1...length).contains(run)
                    let heard = isPause ? decoder.pushNoise(try #require(noises[number])) : try decoder.push(frame)
                    // What is under −90 dB is no step of 16 bits.
                    levels.append(max(-90, decibels(heard)))
                }
                #expect(ends.count >= 2)
                // Where the next frame is one of speech, there is more than a background.
                for end in ends where noises[end + 1] != nil {
                    let around = levels[(end - 1)...(end + 1)]
                    let step = zip(around, around.dropFirst()).map { abs($1 - $0) }.max() ?? 0
                    #expect(step <= 6, "\(level) dB, \(codebooks) codes, frame \(end): \(around)")
                }
            }
        }
    }

    /// Noise packets of another background are followed, by steps that are no steps.
    @Test(arguments: [20, -20]) func aChangeInThePauseIsFollowed(change: Int) throws {
        let model = try Fixture.model()
        var decoder = SpeechDecoder(model)
        let audio = conversation(.white, level: -50, speech: try Fixture.speech())
        var encoder = SpeechEncoder(model)
        let noises = model.pauses(in: audio)
        for (frame, noise) in zip(encoder.push(audio), noises) where noise == nil { _ = try decoder.push(frame) }
        let before = try #require(noises.last ?? nil)
        let after = try #require(ComfortNoise(levels: before.levels.map { UInt8(Int($0) - 2 * change) }))
        // The mean of four draws of the noise, which is another one at another place of the stream.
        let draws = (0..<4).map { place in
            var decoder = decoder
            for _ in 0..<place { _ = decoder.pushNoise(before) }
            return (0..<40).map { pow(10, decibels(decoder.pushNoise($0 < 20 ? before : after)) / 10) }
        }
        let levels = (0..<40).map { frame in 10 * log10(draws.reduce(0) { $0 + $1[frame] } / 4) }
        #expect(zip(levels, levels.dropFirst()).allSatisfy { abs($1 - $0) < 6 }, "\(levels)")
        let difference = levels[30...].reduce(0, +) / 10 - levels[10..<20].reduce(0, +) / 10
        #expect(abs(difference - Float(change)) < 1.5, "\(levels)")
    }

    @Test func digitalSilenceStaysSilent() throws {
        let model = try Fixture.model()
        let audio = try Fixture.speech() + [Float](repeating: 0, count: 48_000)
        var (encoder, decoder) = (SpeechEncoder(model), SpeechDecoder(model))
        let noises = model.pauses(in: audio)
        #expect(noises.last != .some(nil))
        let heard = try zip(encoder.push(audio), noises).flatMap { frame, noise in
            try noise.map { decoder.pushNoise($0) } ?? decoder.push(frame)
        }
        #expect(heard.suffix(16_000).peak < 1e-4)
    }

    /// The frames before a pause may come together or alone, and through a decoder that looks ahead.
    @Test func pausesAreAlikeInAnyChunking() throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden())
        let noise = ComfortNoise(level: 110)
        func play(_ decoder: inout SpeechDecoder, atOnce: Int) throws -> [Float] {
            var audio: [Float] = []
            for part in stride(from: 0, to: codes.count, by: 16) {
                let frames = Array(codes[part...].prefix(16))
                for start in stride(from: 0, to: frames.count, by: atOnce) {
                    audio += try decoder.push(frames: Array(frames[start...].prefix(atOnce)))
                }
                for _ in 0..<9 { audio += decoder.pushNoise(noise) }
            }
            return audio + decoder.finish()
        }
        var (single, several, told) = (
            SpeechDecoder(model), SpeechDecoder(model), try SpeechDecoder(model, transcript: "")
        )
        let late = told.delay - single.delay
        let wanted = try play(&single, atOnce: 1)
        #expect(try wanted == play(&several, atOnce: 16))
        // What it holds back comes at the end; it is not known then that a pause would go on.
        #expect(
            try Array(play(&told, atOnce: 5).dropFirst(late).prefix(wanted.count - late))
                == Array(wanted.dropLast(late)))
    }
}
