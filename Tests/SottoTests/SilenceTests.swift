// SPDX-License-Identifier: Apache-2.0

import Sotto
import TestSupport
import Testing

/// When four frames have been lost, there is silence, and nothing is computed for it.
@Suite struct SilenceTests {
    private let model: CodecModel
    private let codes: [Codes]

    init() throws {
        model = try Fixture.model()
        codes = try Fixture.codes(Fixture.golden())
    }

    /// The samples of 20 frames, a loss and 5 frames more, and of those 5 alone.
    private func audio(
        losing count: Int, codebooks: Int = 8, _ text: (words: String, timing: SymbolTiming)? = nil
    ) throws -> (all: [Float], after: [Float]) {
        var decoder =
            try text.map { try SpeechDecoder(model, transcript: $0.words, timing: $0.timing) } ?? SpeechDecoder(model)
        let codes = codes.map { $0.prefix(codebooks) }
        var audio = try codes.prefix(20).flatMap { try decoder.push($0) }
        for _ in 0..<count { audio += decoder.pushLost() }
        let start = audio.count
        for frame in codes[20..<25] { audio += try decoder.push(frame) }
        audio += decoder.finish()
        return (audio, Array(audio[start...]))
    }

    /// The networks have run through four frames and no farther: what comes after them is the same, however many they were,
    /// once it has faded in for as long as the loss was, 720 ms at most.
    @Test(arguments: [10, 27, 60, 400]) func theNetworksStandStill(count: Int) throws {
        let (short, longer) = (try audio(losing: 9), try audio(losing: count))
        #expect(longer.after == short.after)
        #expect(longer.all.prefix(29 * 1280) == short.all.prefix(29 * 1280))
        #expect(longer.all[(23 * 1280)..<(20 + count) * 1280].allSatisfy { $0 == 0 })
        #expect(try audio(losing: 8).after != short.after)
    }

    @Test(arguments: [1, 3, 16, 45]) func inAnyPieces(atOnce: Int) throws {
        var frames = codes.prefix(20).map { Codes?($0) }
        frames += [Codes?](repeating: nil, count: 45) + codes[20..<25].map { Codes?($0) }
        #expect(try model.decode(frames, atOnce: atOnce) == audio(losing: 45).all)
    }

    @Test func aLossOfLessThanNothingIsNone() throws {
        var decoder = SpeechDecoder(model)
        #expect(try decoder.push(codes[0], afterLosing: -3).count == 1280)
    }

    /// Time goes on in the text meanwhile, by its timing.
    @Test func theTextGoesOn() throws {
        let words = "the quick brown fox jumps over the lazy dog and runs"
        /// With so many symbols that begin in one of the 45 lost frames.
        func after(_ symbols: Int, in place: Int) throws -> [Float] {
            var counts = [Int](repeating: 1, count: 20) + [Int](repeating: 0, count: 45) + [1, 1, 1, 1, 1]
            counts[20 + place] = symbols
            return try audio(losing: 45, codebooks: 1, (words, SymbolTiming(counts: counts))).after
        }
        let wanted = try after(9, in: 43)
        #expect(try after(9, in: 28) == wanted)
        #expect(try after(2, in: 28) != wanted)
    }

    /// The noise of a pause in which nothing is heard of the sender any more fades like the voice.
    @Test(arguments: [false, true]) func noiseFadesToo(readsText: Bool) throws {
        var decoder = try readsText ? SpeechDecoder(model, transcript: "") : SpeechDecoder(model)
        let lag = decoder.delay - SpeechDecoder(model).delay
        let noise = ComfortNoise(level: 80)
        var audio = try decoder.push(codes[0])
        for _ in 0..<10 { audio += decoder.pushNoise(noise) }
        for _ in 0..<40 { audio += decoder.pushNoise(noise, isLost: true) }
        audio += decoder.finish()
        audio = Array(audio.dropFirst(lag))
        #expect(audio[11 * 1280..<12 * 1280 + 640].peak > 0.001 && audio[14 * 1280..<51 * 1280].peak == 0)
    }
}
