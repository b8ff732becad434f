// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import TestSupport
import Testing
import Transcript

@Suite struct TextDecodingTests {
    let model: CodecModel
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
        var decoder = try text.map { try SpeechDecoder(model, transcript: $0) } ?? SpeechDecoder(model)
        return try frames.flatMap { try decoder.push(frames: [$0]) } + decoder.finish()
    }

    /// Of the shipped model, in which a text counts beside one code, and not beside eight.
    @Test(arguments: [1, 8]) func codesThatSayItAllAreDecodedAsWithoutText(codebooks: Int) throws {
        let model = try Fixture.model()
        let codes = try Fixture.codes(Fixture.golden(), codebooks: codebooks)
        var (plain, told) = (
            SpeechDecoder(model), try SpeechDecoder(model, transcript: "That is acting like a good fellow.")
        )
        let late = told.delay - plain.delay
        let wanted = try codes.flatMap { try plain.push($0) }
        let got = try codes.flatMap { try told.push($0) } + told.finish()
        let same = Array(got.dropFirst(late)) == wanted
        #expect(same == (codebooks == 8))
    }

    @Test func theListenerAgreesWithPyTorch() throws {
        let listener = try #require(model.transcripts).classifier
        var state = listener.initialState()
        let logits = try codes.flatMap { codes in
            let latent = try model.quantizer.decode(codes)
            return listener.logits(Matrix(rows: 1, columns: latent.count, values: latent), state: &state).values
        }
        let wanted = try golden.values("logits")
        #expect(distance(logits, wanted) < 1e-4 * wanted.peak)
    }

    @Test func sharesAgreeWithPyTorch() throws {
        let text = try #require(model.transcripts)
        let (logits, wanted) = (try golden.values("logits"), try golden.values("share"))
        let rows = text.classifier.emissions(Matrix(rows: logits.count / 30, columns: 30, values: logits)).likely
        let symbols = TextSymbols(sentence).values
        #expect(try symbols == golden.values("symbols").map { UInt8($0) })
        var follower = ForwardTracker(symbols, model: text.hmm)
        let shares = (0..<rows.rows).flatMap { row in
            follower.step(rows.row(row))
            return follower.share
        }
        #expect(distance(shares, wanted) < 1e-4)
    }

    /// Of a text that takes several chunks.
    @Test func theTextEncoderAgreesWithPyTorch() throws {
        let encoder = try #require(model.transcripts).encoder
        let symbols = TextSymbols(String(repeating: sentence + " ", count: 4)).values
        let wanted = try golden.values("encoded")
        #expect(wanted.count == (2 * symbols.count + 1) * 12)
        for state in 0...2 * symbols.count {
            let place = TextEncoder.place(of: state)
            let got = encoder.encode(chunk: place.chunk, of: symbols).row(place.row)
            #expect(distance(got, wanted[state * 12..<(state + 1) * 12]) < 1e-4 * wanted.peak, "state \(state)")
        }
    }

    @Test func textVectorsAgreeWithPyTorch() throws {
        let text = try #require(model.transcripts)
        let (logits, wanted) = (try golden.values("logits"), try golden.values("vectors"))
        let heard = text.classifier.emissions(Matrix(rows: logits.count / 30, columns: 30, values: logits))
        var guide = TrackedPosition(TextSymbols(sentence).values, model: text.hmm)
        var got = Matrix(rows: heard.likely.rows, columns: 12)
        for row in 0..<got.rows {
            guide.step(heard.likely.row(row), letters: heard.letters[row])
            guide.mix(into: &got, row: row, weight: 0.5, encoder: text.encoder)
        }
        // What guides a frame was said two frames later; the last two are guided by what is then heard.
        let known = got.values[(8 * 12)...]
        #expect(distance(known, wanted.prefix(known.count)) < 1e-4 * wanted.peak)
    }

    @Test func theWaveformAgreesWithPyTorch() throws {
        let wanted = try golden.values("audio")
        var decoder = try DelayCompensatedDecoder(model, sampleCount: wanted.count, transcript: sentence)
        let decoded = try codes.flatMap { try decoder.push($0) } + decoder.finish()
        #expect(distance(decoded, wanted) < 1e-3 * wanted.peak)
        #expect(distance(decoded, try decode(codes, nil).dropFirst(320)) > 0.01 * wanted.peak)
    }

    @Test(arguments: [2, 3, 7, 16, 40]) func framesTogetherSoundAsOneByOne(count: Int) throws {
        let all: [Codes?] = frames(40).enumerated().map { $0 % 11 == 5 || (20..<24).contains($0) ? nil : $1 }
        let text = String(repeating: sentence + " ", count: 5)
        var grouped = try SpeechDecoder(model, transcript: text)
        let got =
            try stride(from: 0, to: all.count, by: count).flatMap {
                try grouped.push(frames: Array(all[$0...].prefix(count)))
            } + grouped.finish()
        let wanted = try decode(all, text)
        #expect(wanted.count == 42 * 1280)
        let same = got == wanted
        #expect(same)
    }

    @Test func copiesGoOnAlike() throws {
        let all = frames(20)
        var decoder = try SpeechDecoder(model, transcript: "")
        for (number, frame) in all.enumerated() {
            if number == 5 { try decoder.setTranscript(sentence) }
            var copy = decoder
            let heard = try copy.push(frame)
            #expect(try decoder.push(frame) == heard)
        }
        #expect((0...1).contains(try #require(decoder.transcriptMatch)))
        let rest = decoder.finish()
        #expect(rest.count == 2 * model.configuration.frameSize && decoder.finish().allSatisfy { $0 == 0 })
    }

    /// It holds frames back for all its life, and is otherwise the plain decoder.
    @Test(arguments: ["", " … ", "🙂"]) func aTextWithoutLettersIsNoText(text: String) throws {
        var decoder = try SpeechDecoder(model, transcript: text)
        #expect(decoder.transcriptMatch == nil)
        #expect(decoder.delay == 320 + 2 * 1280)
        let heard = try codes.flatMap { try decoder.push($0) } + decoder.finish()
        #expect(heard.prefix(2 * 1280).allSatisfy { $0 == 0 })
        #expect(try Array(heard.dropFirst(2 * 1280)) == decode(codes, nil))
    }

    /// Each frame is guided by its own text, however many frames are taken together and wherever texts change.
    @Test(arguments: [1, 2, 5]) func textsMayChangeAtAnyFrame(count: Int) throws {
        let all = frames(30, seed: 4)
        let changes = [3: sentence, 9: "", 10: "other words", 11: sentence, 25: "the end"]
        func decode(_ count: Int) throws -> [Float] {
            var decoder = try SpeechDecoder(model, transcript: "")
            var (audio, start): ([Float], Int) = ([], 0)
            while start < all.count {
                if let text = changes[start] { try decoder.setTranscript(text) }
                let end = changes.keys.filter { $0 > start }.min() ?? all.count
                audio += try decoder.push(frames: Array(all[start..<min(start + count, end)]))
                start = min(start + count, end)
            }
            return audio + decoder.finish()
        }
        let (got, wanted) = (try decode(count), try decode(30))
        let same = got == wanted
        #expect(same)
        // Before the first text there is none: the frames before it are those of the plain decoder.
        var plain = SpeechDecoder(model)
        let untold = try plain.push(frames: all)
        #expect(Array(got[2560..<2560 + 3 * 1280]) == Array(untold[..<(3 * 1280)]))
        #expect(distance(got[2560 + 3 * 1280..<2560 + 9 * 1280], untold[3 * 1280..<9 * 1280]) > 0)
    }

    @Test func noiseStandsWhereItWasPut() throws {
        let noise = ComfortNoise(level: 90)
        let all = frames(12, seed: 2)
        var (told, untold) = (try SpeechDecoder(model, transcript: ""), SpeechDecoder(model))
        var (heard, wanted): ([Float], [Float]) = ([], [])
        for (number, frame) in all.enumerated() {
            let isPause = [4, 5, 9].contains(number)
            heard += isPause ? told.pushNoise(noise) : try told.push(frame)
            wanted += isPause ? untold.pushNoise(noise) : try untold.push(frame)
        }
        heard += told.finish()
        #expect(Array(heard.dropFirst(2560)) == wanted)
    }

    @Test(arguments: [
        "That's all she, the tree", "That's all she, will need. That's all she, will need.", "nothing of the kind", "'",
        "одно предложение", String(repeating: "all work and no play ", count: 5000),
        String(repeating: "x", count: 100_000), "x\u{0}y", "👩‍👩‍👧 a",
    ])
    func anyTextDecodes(text: String) throws {
        let audio = try decode(codes, text)
        #expect(audio.count == (codes.count + 2) * model.configuration.frameSize)
        #expect(audio.allSatisfy { $0.isFinite })
    }

    @Test func aModelThatReadsNoTextSaysSo() throws {
        let plain = try LevelFixture.model("plain-model")
        #expect(!plain.readsText)
        #expect(throws: ModelError.readsNoText) { try SpeechDecoder(plain, transcript: "text") }
        #expect(throws: ModelError.readsNoText) { try plain.align([], with: "text") }
    }
}
