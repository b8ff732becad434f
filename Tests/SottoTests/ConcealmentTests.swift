// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TestSupport
import Testing

@Suite struct ConcealmentTests {
    let model: CodecModel
    let codes: [Codes]

    init() throws {
        model = try Fixture.model()
        codes = try Fixture.codes(Fixture.golden())
    }

    @Test func theVoiceGoesOnFor120MillisecondsThenFadesIn80() throws {
        var decoder = SpeechDecoder(model)
        for frame in codes.prefix(20) { _ = try decoder.push(frame) }
        var held = decoder
        let audio = (0..<4).flatMap { _ in decoder.pushLost() }
        // What the voice would be without any fade: each frame is the first that is lost.
        let voice = held.pushLost()
        #expect(Array(audio.prefix(1280)) == voice)
        #expect(audio[..<1920].peak > 0)
        #expect(audio[3200...].peak == 0)
        #expect(audio[3040..<3200].peak <= audio[1280..<1920].peak * 0.1 + 0.01)
    }

    /// The steepest step at and around the seams is no steeper than what the speech itself holds.
    @Test(arguments: [1, 2, 3, 5, 20], [6, 13, 20, 27]) func neitherEdgeClicks(length: Int, start: Int) throws {
        var (whole, decoder) = (SpeechDecoder(model), SpeechDecoder(model))
        let speech = try codes.flatMap { try whole.push($0) }
        var audio: [Float] = []
        for (number, frame) in codes.enumerated() {
            let isLost = (start..<start + length).contains(number)
            audio += isLost ? decoder.pushLost() : try decoder.push(frame)
        }
        #expect(Array(audio[..<(start * 1280)]) == Array(speech[..<(start * 1280)]))
        let loudest = steepest(speech[...])
        for edge in [start, start + length] where edge < codes.count {
            #expect(steepest(audio[edge * 1280 - 2..<edge * 1280 + 480]) <= loudest)
        }
        // Elsewhere the voice may come back louder than it was, but not burst.
        #expect(steepest(audio[...]) <= 2 * loudest)
    }

    @Test func aFrameThatComesAgainIsHeardAtOnce() throws {
        var decoder = SpeechDecoder(model)
        for frame in codes.prefix(20) { _ = try decoder.push(frame) }
        for _ in 0..<10 { _ = decoder.pushLost() }
        let audio = try decoder.push(codes[24])
        #expect(audio[..<8].peak < 0.01, "it rises from silence")
        #expect(audio[320...].peak > 0)
    }

    @Test func lossesAreConcealedAlikeInEveryCopy() throws {
        var random = SeededGenerator(seed: 4)
        var first = SpeechDecoder(model)
        for frame in codes.prefix(9) { _ = try first.push(frame) }
        var second = first
        for frame in codes.dropFirst(9) {
            let isLost = Int.random(in: 0..<3, using: &random) == 0
            let heard = isLost ? first.pushLost() : try first.push(frame)
            #expect(try heard == (isLost ? second.pushLost() : second.push(frame)))
        }
    }

    @Test(arguments: [1, 2, 3], [6, 13, 20, 27]) func whatComesNextIsInWhatWasLost(length: Int, start: Int) throws {
        var (whole, held, bridged) = (SpeechDecoder(model), SpeechDecoder(model), SpeechDecoder(model))
        let speech = try codes.flatMap { try whole.push($0) }
        for frame in codes[..<start] { #expect(try held.push(frame) == bridged.push(frame)) }
        let end = start + length
        var audio = try (0..<length).flatMap { _ in held.pushLost() } + held.push(codes[end])
        var bridge = try bridged.push(codes[end], afterLosing: length)
        #expect(bridge.count == audio.count && bridge != audio)
        for frame in codes[(end + 1)...] {
            audio += try held.push(frame)
            bridge += try bridged.push(frame)
        }
        #expect(bridge.allSatisfy(\.isFinite) && steepest(bridge[...]) <= 2 * steepest(speech[...]))
        for edge in [0, length] {
            #expect(steepest(bridge[max(0, edge * 1280 - 2)..<edge * 1280 + 480]) <= steepest(speech[...]))
        }
    }

    /// The way there is in the latents, so that the closer the gap's ends are, the less is made up.
    @Test func betweenTwoFramesAlikeNothingIsMadeUp() throws {
        var (whole, bridged) = (SpeechDecoder(model), SpeechDecoder(model))
        for frame in codes[..<13] + [codes[12]] { #expect(try whole.push(frame) == bridged.push(frame)) }
        let audio = try (0..<3).flatMap { _ in try whole.push(codes[12]) }
        // Before the voice would fade they are the same.
        #expect(try distance(bridged.push(codes[12], afterLosing: 2)[..<1920], audio[..<1920]) < 1e-4)
    }

    @Test(arguments: [0, 4, 20]) func noLossAndLongOnesAreAsEver(length: Int) throws {
        var (held, bridged) = (SpeechDecoder(model), SpeechDecoder(model))
        for frame in codes[..<20] { #expect(try held.push(frame) == bridged.push(frame)) }
        let audio = try (0..<length).flatMap { _ in held.pushLost() } + held.push(codes[20])
        #expect(try bridged.push(codes[20], afterLosing: length) == audio)
    }

    @Test func codesThatAreNoneChangeNothing() throws {
        var decoder = SpeechDecoder(model)
        for frame in codes[..<9] { _ = try decoder.push(frame) }
        var untouched = decoder
        #expect(throws: QuantizerError.self) { try decoder.push([5000], afterLosing: 1) }
        #expect(throws: QuantizerError.self) { try decoder.push([5000], afterLosing: 9) }
        #expect(try decoder.push(codes[9]) == untouched.push(codes[9]))
    }

    private func steepest(_ audio: ArraySlice<Float>) -> Float {
        zip(audio, audio.dropFirst()).map { abs($1 - $0) }.max() ?? 0
    }
}
