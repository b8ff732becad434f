// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import Spectral
import TestSupport
import Testing

/// The speaker's level, told apart from the codes.
@Suite struct LevelTests {
    let model: CodecModel
    let golden: SafetensorsFile
    let audio: [Float]
    let frames: [TokenFrame]

    init() throws {
        model = try LevelFixture.model()
        golden = try LevelFixture.golden()
        audio = try LevelFixture.audio()
        frames = try LevelFixture.frames()
    }

    private var padded: [Float] {
        audio + [Float](repeating: 0, count: frames.count * model.configuration.frameSize - audio.count)
    }

    // MARK: As PyTorch has it

    @Test func featuresAndLatentsAgree() throws {
        var extractor = FeatureExtractor(model)
        var (state, found, memory) = (
            model.encoder.initialState(), FeatureExtractor.Features(), EncoderNetwork.Memory()
        )
        extractor.advance(padded[...], into: &found)
        let features = found.rows
        let wanted = try golden.values("features")
        // Rounded once, of numbers that differ in the last bits of double precision.
        #expect(zip(features.values, wanted).count { $0 != $1 } <= 2 && features.values.count == wanted.count)
        #expect(distance(features.values, wanted) < 1e-6 * wanted.peak)
        model.encoder.forward(features, state: &state, memory: &memory)
        let latents = memory.latents.values
        let wantedLatents = try golden.values("latents")
        #expect(distance(latents, wantedLatents) < 1e-4 * wantedLatents.peak)
    }

    @Test func codesAndNumbersAgree() throws {
        #expect(SpeechEncoder.frames(of: audio, by: model) == frames)
        #expect(Set(frames.map(\.level)).count > 3)
        let slow = try LevelFixture.model("level-model-6hz")
        #expect(SpeechEncoder.frames(of: audio, by: slow) == (try LevelFixture.frames("6hz.")))
    }

    @Test func speechAgrees() throws {
        let wanted = try golden.values("decoded")
        var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
        let decoded = try frames.flatMap { try decoder.push($0) }
        #expect(decoded.count == audio.count && distance(decoded, wanted) < 1e-3 * wanted.peak)
    }

    // MARK: Encoding

    @Test(arguments: 0..<20 as Range<UInt64>) func nothingDependsOnChunks(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var (encoder, found, start) = (SpeechEncoder(model), [TokenFrame](), 0)
        while start < audio.count {
            let end = min(audio.count, start + Int.random(in: 0...6000, using: &random))
            found += encoder.push(audio[start..<end])
            start = end
        }
        #expect(found + encoder.finish().frames == frames)

        var codes: [UInt16] = []
        encoder.push(audio.span, appendingTo: &codes)
        let whole = frames.prefix(audio.count / model.configuration.frameSize)
        #expect(codes == whole.flatMap(\.codes) && encoder.level == whole.last?.level)
    }

    /// Once there was a voice, the same codes at any loudness, and numbers that are as many steps lower as it is softer; but where a
    /// number is held by the slack, the other may have gone to its neighbour.
    @Test(arguments: [-4, -2, 2]) func softerSpeechHasTheSameCodesAndLowerNumbers(steps: Int) throws {
        let gain = preciseGain(decibels: Double(steps) * 1.5)
        // Silence is the same at any loudness.
        let loud = try [Float](repeating: 0, count: 12_800) + Fixture.sample("campfire").prefix(80_000).map { 0.5 * $0 }
        let wanted = SpeechEncoder.frames(of: loud, by: model)
        let found = SpeechEncoder.frames(of: loud.map { Float(Double($0) * gain) }, by: model)
        let voiced = try #require(wanted.firstIndex { $0.level != 40 })
        var (frames, exact) = (0, 0)
        for (before, after) in zip(wanted, found).dropFirst(voiced + 8) {
            #expect(after.codes == before.codes)
            let off = Int(after.level ?? 0) - Int(before.level ?? 0) - steps
            #expect(abs(off) <= 1)
            (frames, exact) = (frames + 1, exact + (off == 0 ? 1 : 0))
        }
        #expect(frames > 40 && exact * 10 >= frames * 7)
    }

    @Test func aModelWhoseCodesSayItTellsNoLevel() throws {
        let model = try TextFixture.model()
        let frames = SpeechEncoder.frames(of: Array(audio.prefix(8000)), by: model)
        #expect(frames.allSatisfy { $0.level == nil })
        // Who tells it one all the same is not heard.
        var (plain, told) = (SpeechDecoder(model), SpeechDecoder(model))
        told.setLevel(50)
        #expect(try plain.push(frames[0].codes) == told.push(frames[0].codes))
    }

    @Test func asynchronousSequencesSpeakAtTheLevel() async throws {
        let (audio, model) = (audio, model)
        func microphone() -> AsyncStream<[Float]> {
            AsyncStream { continuation in
                for start in stride(from: 0, to: audio.count, by: 1000) {
                    continuation.yield(Array(audio[start..<min(start + 1000, audio.count)]))
                }
                continuation.finish()
            }
        }
        var (found, played, nominal): ([TokenFrame], [Float], [Float]) = ([], [], [])
        for await frame in microphone().encoded(by: model) { found.append(frame) }
        for try await samples in microphone().encoded(by: model).decoded(by: model) { played += samples }
        let codes = microphone().encoded(by: model).map { TokenFrame(codes: $0.codes) }
        for try await samples in codes.decoded(by: model) { nominal += samples }
        let (wanted, plain) = (try decode(frames), try decode(at(nil)))
        #expect(found == frames && played == wanted && nominal == plain)
    }

    // MARK: Decoding

    private func decode(_ frames: [TokenFrame]) throws -> [Float] {
        var decoder = SpeechDecoder(model)
        return try frames.flatMap { try decoder.push($0) }
    }

    private func at(_ level: UInt8?) -> [TokenFrame] { frames.map { TokenFrame(codes: $0.codes, level: level) } }

    @Test func theOutputHasTheGainOfTheNumber() throws {
        let nominal = try decode(at(nil))
        #expect(try decode(at(40)) == nominal)
        let louder = try decode(at(44))
        #expect(distance(louder, nominal.map { $0 * 1.9952623 }) < 1e-5 * louder.peak)
        // Numbers beyond the model's are its highest.
        #expect(try decode(at(200)) == decode(at(63)))
    }

    /// Where the level changes, the overlapping windows fade from one gain to the other.
    @Test func aChangeDoesNotClick() throws {
        let half = frames.count / 2
        let (soft, loud) = (try decode(at(36)), try decode(at(44)))
        let changing = try decode(Array(at(36).prefix(half) + at(44).dropFirst(half)))
        let size = model.configuration.frameSize
        let change = half * size
        let window = model.configuration.synthesis.window
        #expect(changing.prefix(change) == soft.prefix(change))
        #expect(distance(changing.dropFirst(change + window), loud.dropFirst(change + window)) == 0)
        func steepest(_ audio: [Float]) -> Float { zip(audio, audio.dropFirst()).map { abs($0 - $1) }.max() ?? 0 }
        #expect(steepest(Array(changing[change..<change + window])) <= 1.05 * steepest(loud))
    }

    /// What is lost keeps the level of before, and what comes after it has its own.
    @Test(arguments: [1, 3, 6]) func lossesKeepTheLevel(count: Int) throws {
        var (one, other) = (SpeechDecoder(model), SpeechDecoder(model))
        let codes = frames.map(\.codes)
        let heard: [Arrival] = [.level(44), .codes(codes[0]), .codes(codes[1])]
        _ = try (one.push(heard), other.push(heard))
        // Told before the loss or after it: it holds from the next frame that comes.
        let before = try one.push([.level(30), .lost(count), .codes(codes[5]), .codes(codes[6])])
        let after = try other.push([.lost(count), .level(30), .codes(codes[5]), .codes(codes[6])])
        #expect(before == after)
        var nominal = SpeechDecoder(model)
        let size = model.configuration.frameSize
        _ = try nominal.push([.codes(codes[0]), .codes(codes[1])])
        let wanted = try nominal.push([.lost(count), .codes(codes[5]), .codes(codes[6])])
        let last = after.suffix(size - 480)
        #expect(distance(last, wanted.suffix(size - 480).map { $0 * 0.17782794 }) < 1e-5 * wanted.peak)
    }

    /// A decoder that holds frames back for a transcript's sake holds their levels back with them.
    @Test func levelsGoWithTheirFrames() throws {
        let plain = try decode(frames)
        var reading = try SpeechDecoder(model, transcript: "")
        let late = reading.delay - SpeechDecoder(model).delay
        let audio = try frames.flatMap { try reading.push($0) } + reading.finish()
        #expect(Array(audio.dropFirst(late)) == plain)
    }

    /// The background's noise is as loud as it is, whatever the speaker's level.
    @Test func pausesAreOfNoLevel() throws {
        func pause(_ level: UInt8) throws -> [Float] {
            var decoder = SpeechDecoder(model)
            return try decoder.push([.level(level), .noise(ComfortNoise(level: 80)), .paused(3)])
        }
        #expect(try pause(30) == pause(50))
    }

    // MARK: Configurations

    @Test func impossibleNumbersAreRefused() throws {
        let path = LevelFixture.path("level-model")
        for (old, new) in [
            ("\"bands\":[8,57]", "\"bands\":[8,97]"), ("\"bands\":[8,57]", "\"bands\":[8]"),
            ("\"memory\":300", "\"memory\":0"), ("\"step\":1.5", "\"step\":999"), ("\"steps\":64", "\"steps\":0"),
            ("\"middle\":40", "\"middle\":64"), ("\"slack\":1.0", "\"slack\":-1"),
        ] {
            let refusal = try CodecModel.refusal(of: path, replacing: old, with: new)
            #expect(refusal?.contains("bad numbers of the level") == true, "\(new): \(refusal ?? "taken")")
        }
        let single = try CodecModel.refusal(of: path, replacing: "\"double\"", with: "\"single\"")
        #expect(single?.contains("double precision") == true)
        let none = try CodecModel.refusal(of: path, replacing: "\"double\"", with: "\"triple\"")
        #expect(none?.contains("not the JSON") == true)
    }

    /// What gives codes and numbers their meaning names them.
    @Test func theLevelIsPartOfTheIdentity() throws {
        let file = try SafetensorsFile(path: LevelFixture.path("level-model"))
        let json = try #require(file.metadata["config"])
        func codes(_ json: String) -> String {
            ModelDigests(of: Weights(of: file, over: nil), configuration: json, inParts: false).codes
        }
        let (here, other) = (codes(json), codes(json.replacing("\"slack\":1.0", with: "\"slack\":1.5")))
        #expect(here == file.metadata["codes_sha256"] && other != here)
    }
}
