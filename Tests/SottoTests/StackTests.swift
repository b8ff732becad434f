// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Quantizer
import Sotto
import TestSupport
import Testing
import Transcript

/// The model of 6.25 frames a second: two latents a row of codes, over the weights of the usual one.
@Suite struct StackTests {
    /// What the clip says.
    static let text = "That is acting like a good fellow"

    let model: CodecModel
    let golden: SafetensorsFile
    let audio: [Float]
    let frames: [Codes]

    init() throws {
        model = try CodecModel(path: Fixture.path("Models/sotto-16k-6hz.safetensors"))
        golden = try SafetensorsFile(path: Fixture.path("Tests/SottoTests/Fixtures/golden-6hz.safetensors"))
        audio = Array(try Fixture.speech().prefix(20_480))
        frames = try Fixture.codes(golden)
    }

    private func encode(_ audio: [Float], atOnce: Int, codes: CodesPerFrame? = nil) throws -> [Codes] {
        var encoder = try SpeechEncoder(model, codes: codes)
        return stride(from: 0, to: audio.count, by: atOnce).flatMap { encoder.push(audio[$0...].prefix(atOnce)).codes }
            + encoder.finish().frames.codes
    }

    @Test func theNumbers() throws {
        let c = model.configuration
        #expect(c.frameRate == 6.25 && c.frameRateFraction == (25, 4) && c.frameSize == 2560 && c.delay == 320)
        #expect(try SpeechDecoder(model, transcript: "").delay == 320 + 2560, "two latents are one frame")
    }

    @Test(arguments: [1, 2, 5, 8]) func tokensAgreeWithPyTorch(codebooks: Int) throws {
        let wanted = try Fixture.codes(golden, codebooks: codebooks)
        #expect(try encode(audio, atOnce: audio.count, codes: .fixed(codebooks)) == wanted)
    }

    @Test(arguments: [2, 4]) func variableTokensAgreeWithPyTorch(mean: Int) throws {
        let wanted = try Fixture.codes(golden, mean: mean)
        #expect(try encode(audio, atOnce: audio.count, codes: .average(mean)) == wanted)
    }

    @Test func waveformAgreesWithPyTorch() throws {
        let wanted = try golden.values("decoded.8")
        var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
        let agreement = WaveformAgreement(try Fixture.spoken(golden).flatMap { try decoder.push($0) }, wanted)
        #expect(agreement.samples >= 1600 && agreement.loudness < 1, "\(agreement)")
    }

    @Test func whatATranscriptDoesAgreesWithPyTorch() throws {
        let text = Self.text
        let timing = SymbolTiming(counts: try golden.values("text.pace").map { Int($0) })
        for (name, timing) in [("audio", nil), ("paced", timing)] {
            let wanted = try golden.values("text.\(name)")
            let told = try model.decode(frames.map { Array($0.prefix(1)) }, text, timing: timing)
            // Both begin before the first sample that was encoded.
            let decoded = told.dropFirst(model.configuration.delay).prefix(wanted.count)
            let agreement = WaveformAgreement(Array(decoded), wanted)
            #expect(agreement.samples >= 1600 && agreement.loudness < 1, "\(name): \(agreement)")
        }
    }

    @Test(arguments: [1, 160, 1280, 2559, 2561, 7000]) func tokensAreTheSameInAnyChunks(atOnce: Int) throws {
        let same = try encode(audio, atOnce: atOnce) == frames
        #expect(same)
    }

    @Test(arguments: [2, 3, 16]) func framesTogetherSoundAsOneByOne(atOnce: Int) throws {
        let text = Self.text
        let lossy = frames.enumerated().map { $0 % 4 == 2 ? nil : $1 }
        for text in [nil, text] {
            let same = try model.decode(lossy, text, atOnce: atOnce) == model.decode(lossy, text)
            #expect(same)
        }
    }

    /// The last latent goes on in a lost frame, not the last frame's two.
    @Test func aLostFrameIsHeldAndTheVoiceComesBack() throws {
        let lossy = frames.enumerated().map { $0 == 4 ? nil : $1 }
        let (whole, held) = (try model.decode(frames), try model.decode(lossy))
        let lost = 4 * 2560..<5 * 2560
        #expect(held.count == whole.count && held[..<lost.lowerBound] == whole[..<lost.lowerBound])
        #expect(held[lost].prefix(1280).peak > 0.1 * whole[lost].peak)
    }

    @Test func theEncoderTellsThePaceOfEachFrame() throws {
        let text = Self.text
        var encoder = try SpeechEncoder(model, codes: .fixed(1), transcript: text)
        let start = encoder.push(audio).codes
        let ending = encoder.finish()
        let (codes, counts) = (start + ending.frames.codes, try #require(ending.timing).counts)
        #expect(counts.count == codes.count && counts.reduce(0, +) <= TextSymbols(text).values.count + 1)
        let alignment = try model.align(codes, with: text)
        let seconds = Double(codes.count) / 6.25
        #expect(alignment.words.allSatisfy { ($0.end ?? 0) <= seconds })
    }

    @Test func pausesAreFoundInAsManyFrames() throws {
        let silent = audio + [Float](repeating: 0, count: 16_000)
        let noises = model.pauses(in: silent)
        let pauses = noises.suffix(3).count { $0 != nil }
        #expect(pauses == 3)
        var decoder = SpeechDecoder(model)
        #expect(decoder.pushNoise(ComfortNoise(level: 90)).count == 2560)
    }
}
