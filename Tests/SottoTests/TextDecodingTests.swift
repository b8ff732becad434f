// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import TestSupport
import Testing

@Suite struct TextDecodingTests {
    let model: Model
    let golden: SafetensorsFile
    let codes: [Codes]
    let sentence: String

    init() throws {
        model = try TextFixture.model()
        golden = try TextFixture.golden()
        codes = try TextFixture.codes()
        sentence = try TextFixture.sentence()
    }

    /// Tokens of no particular speech.
    private func frames(_ count: Int, seed: UInt64 = 1) -> [Codes] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in (0..<2).map { _ in UInt16.random(in: 0..<16, using: &random) } }
    }

    private func decode(_ frames: [Codes?], _ text: String?) throws -> [Float] {
        var decoder = Decoder(model)
        try decoder.setTranscript(text)
        return try frames.flatMap { try decoder.push(frames: [$0]) }
    }

    @Test func theListenerAgreesWithPyTorch() throws {
        let listener = try #require(model.decoder.text).listener
        var state = listener.initialState()
        let logits = try codes.flatMap { codes in
            let latent = try model.quantizer.decode(codes)
            return listener.logits(Matrix(rows: 1, columns: latent.count, values: latent), state: &state).values
        }
        let wanted = try golden.values("logits")
        #expect(distance(logits, wanted) < 1e-4 * wanted.peak)
    }

    @Test func sharesAgreeWithPyTorch() throws {
        let text = try #require(model.decoder.text)
        let (logits, wanted) = (try golden.values("logits"), try golden.values("share"))
        let rows = text.listener.heard(Matrix(rows: logits.count / 30, columns: 30, values: logits)).likely
        let symbols = TextSymbols(sentence).values
        #expect(try symbols == golden.values("symbols").map { UInt8($0) })
        var follower = LetterFollower(symbols, model: text.letters)
        let shares = (0..<rows.rows).flatMap { row in
            follower.step(rows.row(row))
            return follower.share
        }
        #expect(distance(shares, wanted) < 1e-4)
    }

    @Test func textVectorsAgreeWithPyTorch() throws {
        let text = try #require(model.decoder.text)
        let (logits, wanted) = (try golden.values("logits"), try golden.values("vectors"))
        let heard = text.listener.heard(Matrix(rows: logits.count / 30, columns: 30, values: logits))
        var guide = text.guide(sentence)
        let got = guide.advance(heard, isLost: heard.letters.map { _ in false }, encoder: text.encoder)
        #expect(distance(got.values, wanted) < 1e-4 * wanted.peak)
    }

    @Test func theWaveformAgreesWithPyTorch() throws {
        let wanted = try golden.values("audio")
        var decoder = AlignedDecoder(model, sampleCount: wanted.count)
        try decoder.setTranscript(sentence)
        let decoded = try codes.flatMap { try decoder.push($0) }
        #expect(distance(decoded, wanted) < 1e-3 * wanted.peak)
        #expect(distance(decoded, try decode(codes, nil).dropFirst(320)) > 0.01 * wanted.peak)
    }

    @Test(arguments: [2, 3, 7, 16, 40]) func framesTogetherSoundAsOneByOne(count: Int) throws {
        let all: [Codes?] = frames(40).enumerated().map { $0 % 11 == 5 || (20..<24).contains($0) ? nil : $1 }
        let text = String(repeating: sentence + " ", count: 5)
        var grouped = Decoder(model)
        try grouped.setTranscript(text)
        let got = try stride(from: 0, to: all.count, by: count).flatMap {
            try grouped.push(frames: Array(all[$0...].prefix(count)))
        }
        let wanted = try decode(all, text)
        let same = got == wanted
        #expect(same)
    }

    @Test func copiesGoOnAlike() throws {
        let all = frames(20)
        var decoder = Decoder(model)
        for (number, frame) in all.enumerated() {
            if number == 5 { try decoder.setTranscript(sentence) }
            var copy = decoder
            let heard = try copy.push(frame)
            #expect(try decoder.push(frame) == heard)
        }
        #expect((0...1).contains(try #require(decoder.transcriptMatch)))
    }

    @Test(arguments: ["", " … ", "🙂"]) func aTextWithoutLettersIsNoText(text: String) throws {
        var (told, untold) = (Decoder(model), Decoder(model))
        try told.setTranscript(text)
        #expect(told.transcriptMatch == nil)
        for frame in codes { #expect(try told.push(frame) == untold.push(frame)) }
    }

    @Test func takingTheTextAwayBringsThePlainDecoderBack() throws {
        var (told, untold) = (Decoder(model), Decoder(model))
        try told.setTranscript(sentence)
        try told.setTranscript(nil)
        #expect(told.transcriptMatch == nil)
        for frame in codes { #expect(try told.push(frame) == untold.push(frame)) }
    }

    @Test(arguments: [
        "'", "одно предложение", String(repeating: "all work and no play ", count: 5000),
        String(repeating: "x", count: 100_000), "x\u{0}y", "👩‍👩‍👧 a",
    ])
    func anyTextDecodes(text: String) throws {
        let audio = try decode(codes, text)
        #expect(audio.count == codes.count * model.configuration.frameSize)
        #expect(audio.allSatisfy { $0.isFinite })
    }

    @Test func aModelThatReadsNoTextSaysSo() throws {
        let plain = try Fixture.model()
        guard !plain.readsText else { return }
        var decoder = Decoder(plain)
        #expect(throws: ModelError.readsNoText) { try decoder.setTranscript("text") }
        #expect(throws: ModelError.readsNoText) { try plain.align([], with: "text") }
        #expect(throws: Never.self) { try decoder.setTranscript(nil) }
    }
}
