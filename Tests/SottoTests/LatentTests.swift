// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import Testing

/// What the encoder makes of speech before codes are chosen for it, and back.
@Suite struct LatentTests {
    let model: CodecModel
    let speech: [Float]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
    }

    @Test func codesAreChosenForTheseLatents() throws {
        var (coder, analyzer, search) = (SpeechEncoder(model), SpeechEncoder(model), CodeSearch())
        let codes = coder.codes(of: speech)
        let latents = analyzer.pushForLatents(speech) + analyzer.finishForLatents()
        let chosen = latents.map { model.quantizer.encode($0[...], by: model.quantizer.fullRule, with: &search) }
        #expect(chosen == codes)
    }

    @Test func latentsAreTheSameInPieces() {
        var (whole, pieces) = (SpeechEncoder(model), SpeechEncoder(model))
        let wanted = whole.pushForLatents(speech) + whole.finishForLatents()
        var got = stride(from: 0, to: speech.count, by: 777).flatMap {
            pieces.pushForLatents(speech[$0..<min($0 + 777, speech.count)])
        }
        got += pieces.finishForLatents()
        #expect(got == wanted)
    }

    @Test func latentsThatCodesStandForSoundAsTheseCodes() throws {
        let codes = try Fixture.codes(Fixture.golden())
        func arrivals(_ arrival: (Codes) throws -> Arrival) rethrows -> [Arrival] {
            try codes.enumerated().map { [9, 20, 21, 30, 31, 32, 33, 34].contains($0) ? .lost(1) : try arrival($1) }
        }
        var (byCodes, byLatents) = (SpeechDecoder(model), SpeechDecoder(model))
        let wanted = try byCodes.push(arrivals { .codes($0) })
        let got = try byLatents.push(arrivals { .latents(try model.quantizer.decode($0)) })
        let same = got == wanted
        #expect(same)
    }

    @Test(arguments: [[], [Float](repeating: 0, count: 34)]) func latentsOfAnotherSizeAreRefused(_ values: [Float]) {
        var decoder = SpeechDecoder(model)
        #expect(throws: QuantizerError.wrongLatentSize(values.count, dimensions: 33)) {
            try decoder.push([.latents(values)])
        }
    }

    @Test(arguments: [Float.infinity, 1001, -1e30]) func latentsOfNoSpeechAreRefused(_ value: Float) {
        var decoder = SpeechDecoder(model)
        #expect(throws: QuantizerError.impossibleLatent(value)) {
            try decoder.push([.latents([Float](repeating: 0, count: 32) + [value])])
        }
    }
}
