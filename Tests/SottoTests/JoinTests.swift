// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import Testing

/// Receivers that hear a stream from a later frame on, or again after a long loss: never much louder than it is.
@Suite struct JoinTests {
    static let models = ["sotto-16k", "sotto-16k-6hz"]

    /// A sample's codes, and what a decoder gives that has heard all of them.
    struct Stream {
        var frames: [TokenFrame]
        var whole: [Float]
    }

    private func streams(_ model: CodecModel, codebooks: Int) throws -> [Stream] {
        try Fixture.samples.map { name in
            var encoder = try SpeechEncoder(model, codes: .fixed(codebooks))
            let frames = try encoder.push(Fixture.sample(name)) + encoder.finish().frames
            var decoder = SpeechDecoder(model)
            return Stream(frames: frames, whole: try decoder.push(arrivals(frames)))
        }
    }

    /// Each frame at its level, which a receiver knows from the hello before.
    private func arrivals(_ frames: some Sequence<TokenFrame>) -> [Arrival] { frames.flatMap(\.arrivals) }

    /// By how many dB the peak of the first second of `heard` is over that of `right`; what is under −40 dB is no peak.
    private func excess(_ heard: [Float], over right: ArraySlice<Float>) -> Float {
        let length = min(16_000, heard.count)
        return 20 * log10(heard[..<length].peak / max(right.prefix(length).peak, 0.01))
    }

    @Test(arguments: models, [8, 4, 2, 1]) func atNoFrameDoesItBurst(name: String, codebooks: Int) throws {
        let model = try CodecModel(path: Fixture.path("Models/\(name).safetensors"))
        let size = model.configuration.frameSize
        var worst: (excess: Float, place: String) = (-.infinity, "")
        for (sample, stream) in zip(Fixture.samples, try streams(model, codebooks: codebooks)) {
            for first in 1..<stream.frames.count {
                var decoder = SpeechDecoder(model)
                decoder.joinsMidStream = true
                let heard = try decoder.push(arrivals(stream.frames[first...].prefix((16_000 + size - 1) / size)))
                let excess = excess(heard, over: stream.whole[(first * size)...])
                worst = greater(worst, (excess, "\(sample) from frame \(first)")) { $0.excess }
            }
        }
        #expect(worst.excess < 3, "\(worst.place): \(worst.excess) dB")
    }

    @Test(arguments: models, [8, 1]) func norDoesItAfterASecondAndMore(name: String, codebooks: Int) throws {
        let model = try CodecModel(path: Fixture.path("Models/\(name).safetensors"))
        let size = model.configuration.frameSize
        var worst: (excess: Float, place: String) = (-.infinity, "")
        for (sample, stream) in zip(Fixture.samples, try streams(model, codebooks: codebooks)) {
            for seconds in [1, 2] {
                let lost = (16_000 * seconds + size - 1) / size
                for first in stride(from: 5, to: stream.frames.count - lost, by: 3) {
                    var decoder = SpeechDecoder(model)
                    _ = try decoder.push(arrivals(stream.frames[..<first]))
                    let gap = try decoder.push([Arrival.lost(lost)])
                    #expect(gap.suffix(size).peak < 1e-4)
                    let next = stream.frames[(first + lost)...].prefix((16_000 + size - 1) / size)
                    let heard = try decoder.push(arrivals(next))
                    let excess = excess(heard, over: stream.whole[((first + lost) * size)...])
                    worst = greater(worst, (excess, "\(sample), \(seconds) s from frame \(first)")) { $0.excess }
                }
            }
        }
        #expect(worst.excess < 3.1, "\(worst.place): \(worst.excess) dB")
    }

    private func greater<T>(_ a: T, _ b: T, by value: (T) -> Float) -> T { value(a) < value(b) ? b : a }

    /// It is all there once the fade is over: the level is found, and then it stays.
    @Test(arguments: models) func soonItIsAsLoudAsItShouldBe(name: String) throws {
        let model = try CodecModel(path: Fixture.path("Models/\(name).safetensors"))
        let size = model.configuration.frameSize
        for stream in try streams(model, codebooks: 8) {
            let first = 12_800 / size
            var decoder = SpeechDecoder(model)
            decoder.joinsMidStream = true
            let heard = try decoder.push(arrivals(stream.frames[first...]))
            #expect(!decoder.joinsMidStream)
            let (there, here) = (stream.whole[(first * size + 12_800)...], heard[12_800...])
            #expect(abs(decibels(here) - decibels(there)) < 1.5)
        }
    }

    private func decibels(_ audio: ArraySlice<Float>) -> Float {
        10 * log10(audio.reduce(0) { $0 + $1 * $1 } / Float(audio.count))
    }

    @Test(arguments: [1, 3, 16]) func joinsAreAlikeInAnyChunking(atOnce: Int) throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden())[7...]
        var (single, several) = (SpeechDecoder(model), SpeechDecoder(model))
        (single.joinsMidStream, several.joinsMidStream) = (true, true)
        var frames = Array(codes.map { Optional($0) })
        for lost in [9, 10, 11, 12, 20] { frames[lost] = nil }
        let wanted = try frames.flatMap { try single.push(frames: [$0]) }
        let heard = try stride(from: 0, to: frames.count, by: atOnce).flatMap {
            try several.push(frames: Array(frames[$0...].prefix(atOnce)))
        }
        #expect(heard == wanted)
    }

    /// The noise of the pause in which it joins is heard at once; speech fades in over it.
    @Test func aPauseIsHeardAtOnceAndSpeechFadesIn() throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden())
        let right = try model.decode(codes)
        var decoder = DelayCompensatedDecoder(model, sampleCount: nil)
        decoder.joinsMidStream = true
        let noise = ComfortNoise(level: 100)  // white, −50 dB
        let pause = try decoder.push([.noise(noise), .paused(9)])
        #expect(decoder.joinsMidStream)
        #expect(abs(decibels(pause[1280...]) + 50) < 1.5)
        let speech = try codes.dropFirst(20).flatMap { try decoder.push($0) }
        #expect(excess(speech, over: right[(20 * 1280)...]) < 3)
        #expect(decibels(speech[..<1280]) > decibels(pause[1280...]) - 6)
    }

    @Test func aStreamFromItsFirstFrameOnIsNoJoin() throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden())
        var (decoder, joined) = (SpeechDecoder(model), SpeechDecoder(model))
        joined.joinsMidStream = true
        let (whole, faded) = (try decoder.push(frames: codes), try joined.push(frames: codes))
        #expect(try whole != faded && whole == model.decode(codes))
        #expect(joined.finish().isEmpty && !joined.joinsMidStream)
    }
}
