// SPDX-License-Identifier: Apache-2.0

import Sotto
import TestSupport
import Testing
import Transcript

/// What is decoded of a transcript whose timing is known.
@Suite struct TimedDecodingTests {
    let model: CodecModel
    let sentence: String
    /// Nothing in the first three frames, then two symbols a frame.
    let timing: SymbolTiming
    let frames: [Codes]

    init() throws {
        model = try TextFixture.model()
        sentence = try TextFixture.sentence()
        timing = SymbolTiming(
            counts: [0, 0, 0] + [Int](repeating: 2, count: TextSymbols(sentence).values.count / 2))
        var random = SeededGenerator(seed: 1)
        frames = (0..<40).map { _ in (0..<2).map { _ in UInt16.random(in: 0..<16, using: &random) } }
    }

    private func decode(_ frames: [Codes?], _ text: String?, timing: SymbolTiming? = nil, atOnce: Int = 1) throws
        -> [Float]
    {
        try model.decode(frames, text, timing: timing, atOnce: atOnce)
    }

    /// In which frame two decodings begin to differ; nil if they don't.
    private func firstDifference(_ a: [Float], _ b: [Float]) -> Int? {
        precondition(a.count == b.count)
        return zip(a, b).enumerated().first { $1.0 != $1.1 }.map { $0.offset / model.configuration.frameSize }
    }

    @Test func thePaceSaysWhereTheTextBegins() throws {
        let (paced, plain) = (try decode(frames, sentence, timing: timing), try decode(frames, nil))
        #expect(firstDifference(paced, plain) == 3)
        #expect(firstDifference(paced, try decode(frames, sentence)) != nil)
        let later = SymbolTiming(counts: [0, 0, 0, 0] + timing.counts)
        #expect(firstDifference(try decode(frames, sentence, timing: later), plain) == 7)
    }

    /// Whatever is heard, the text says the same.
    @Test func nothingDependsOnWhatIsHeard() throws {
        var decoder = try SpeechDecoder(model, transcript: sentence, timing: timing)
        #expect(decoder.transcriptMatch == nil && decoder.delay == 320 + 2 * 1280)
        _ = try decoder.push(frames: frames)
        #expect(decoder.transcriptMatch == nil)
    }

    @Test(arguments: [2, 3, 7, 16, 40]) func framesTogetherSoundAsOneByOne(count: Int) throws {
        let all: [Codes?] = frames.enumerated().map { $0 % 11 == 5 || (20..<24).contains($0) ? nil : $1 }
        let wanted = try decode(all, sentence, timing: timing)
        let same = try decode(all, sentence, timing: timing, atOnce: count) == wanted
        #expect(same)
        #expect(try firstDifference(wanted, decode(all, nil)) == 3)
    }

    @Test func timeGoesOnInFramesThatAreLost() throws {
        let timing = SymbolTiming(counts: [0, 0, 0, 0, 0, 0] + timing.counts)
        let lossy: [Codes?] = frames.enumerated().map { (2..<5).contains($0) ? nil : $1 }
        #expect(firstDifference(try decode(lossy, sentence, timing: timing), try decode(lossy, nil)) == 9)
    }

    @Test func timeStandsStillInNoise() throws {
        let noise = ComfortNoise(level: 90)
        func decode(_ decoder: SpeechDecoder) throws -> [Float] {
            var decoder = decoder
            let audio = try frames.enumerated().flatMap { number, frame in
                (1..<5).contains(number) ? decoder.pushNoise(noise) : try decoder.push(frame)
            }
            return audio + decoder.finish()
        }
        let (told, untold) = (try SpeechDecoder(model, transcript: sentence, timing: timing), SpeechDecoder(model))
        let got = Array(try decode(told).dropFirst(told.delay - untold.delay))
        // Three frames of speech go before it, and four of noise.
        #expect(firstDifference(got, try decode(untold)) == 7)
    }

    @Test(
        arguments: [[-1], [0, 1000], [.max, .max, 2], SymbolTiming(counts: [Int](repeating: 1, count: 100))]
            as [SymbolTiming])
    func aPaceThatDoesntFitIsLeftAside(timing: SymbolTiming) throws {
        let (got, wanted) = (try decode(frames, sentence, timing: timing), try decode(frames, sentence))
        let same = got == wanted
        #expect(same)
    }

    @Test(arguments: [[], [0], SymbolTiming(counts: [Int](repeating: 0, count: 100))] as [SymbolTiming])
    func whereNothingBeginsNothingIsTold(timing: SymbolTiming) throws {
        let same = try decode(frames, sentence, timing: timing) == decode(frames, nil)
        #expect(same)
    }

    @Test func aPaceCountsFromTheFrameThatComesNext() throws {
        var decoder = try SpeechDecoder(model, transcript: "")
        var audio = try frames.prefix(10).flatMap { try decoder.push($0) }
        try decoder.setTranscript(sentence, timing: timing)
        audio += try frames.dropFirst(10).flatMap { try decoder.push($0) } + decoder.finish()
        let same =
            try Array(audio.dropFirst(2 * 1280))
            == decode(frames, sentence, timing: SymbolTiming(counts: [Int](repeating: 0, count: 10) + timing.counts))
        #expect(same)
    }

    /// One text is followed, the next one paced, and so on; each frame is led by its own.
    @Test(arguments: [1, 2, 5]) func textsMayChangeAtAnyFrame(count: Int) throws {
        let changes: [Int: (text: String, timing: SymbolTiming?)] = [
            3: (sentence, timing), 9: (sentence, nil), 12: ("other words", [1, 2, 3, 4, 1]), 14: ("", nil),
            25: (sentence, timing),
        ]
        func decode(_ count: Int) throws -> [Float] {
            var decoder = try SpeechDecoder(model, transcript: "")
            var (audio, start): ([Float], Int) = ([], 0)
            while start < frames.count {
                if let (text, timing) = changes[start] {
                    try decoder.setTranscript(text, timing: timing)
                    #expect((decoder.transcriptMatch == nil) == (timing != nil || text.isEmpty))
                }
                let end = min(start + count, changes.keys.filter { $0 > start }.min() ?? frames.count, frames.count)
                audio += try decoder.push(frames: Array(frames[start..<end]))
                start = end
            }
            return audio + decoder.finish()
        }
        let same = try decode(count) == decode(40)
        #expect(same)
    }

    /// Of the shipped model, in which a text counts beside one code, and not beside eight.
    @Test(arguments: [1, 8]) func codesThatSayItAllAreDecodedAsWithoutText(codebooks: Int) throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden(), codebooks: codebooks)
        let text = "That is acting like a good fellow."
        let timing = SymbolTiming(counts: [Int](repeating: 1, count: TextSymbols(text).values.count + 1))
        var (plain, told) = (SpeechDecoder(model), try SpeechDecoder(model, transcript: text, timing: timing))
        let late = told.delay - plain.delay
        let wanted = try codes.flatMap { try plain.push($0) }
        let got = try codes.flatMap { try told.push($0) } + told.finish()
        let same = Array(got.dropFirst(late)) == wanted
        #expect(same == (codebooks == 8))
    }
}
