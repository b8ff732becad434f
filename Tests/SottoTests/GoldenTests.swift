// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Sotto
import Testing

/// The Swift model against the PyTorch one, stage by stage, with the shipped weights on a real clip.
@Suite struct GoldenTests {
    let model: CodecModel
    let golden: SafetensorsFile
    let audio: [Float]

    init() throws {
        model = try Fixture.model()
        golden = try Fixture.golden()
        audio = try Fixture.speech()
    }

    /// The clip as the encoder pads it, in token frames.
    var frames: [ArraySlice<Float>] {
        let size = model.configuration.frameSize
        let count = (audio.count + model.configuration.delay + size - 1) / size
        let padded = audio + [Float](repeating: 0, count: count * size - audio.count)
        return (0..<count).map { padded[$0 * size..<($0 + 1) * size] }
    }

    @Test func featuresAndLatentsAgree() throws {
        var extractor = FeatureExtractor(model)
        var (state, found, memory) = (
            model.encoder.initialState(), FeatureExtractor.Features(), EncoderNetwork.Memory()
        )
        var features: [Float] = []
        var latents: [Float] = []
        for frame in frames {
            extractor.advance(frame, into: &found)
            features += found.rows.values
            model.encoder.forward(found.rows, state: &state, memory: &memory)
            latents += memory.latents.values
        }
        let (wantedFeatures, wantedLatents) = (try golden.values("features"), try golden.values("latents"))
        #expect(distance(features, wantedFeatures) < 1e-4 * wantedFeatures.peak)
        #expect(distance(latents, wantedLatents) < 1e-4 * wantedLatents.peak)
    }

    @Test(arguments: [1, 2, 5, 8]) func tokensAgree(codebooks: Int) throws {
        try expectTokens(
            of: try SpeechEncoder(model, codes: .fixed(codebooks)), Fixture.codes(golden, codebooks: codebooks))
    }

    @Test(arguments: [2, 4]) func variableTokensAgree(mean: Int) throws {
        try expectTokens(of: try SpeechEncoder(model, codes: .average(mean)), Fixture.codes(golden, mean: mean))
    }

    private func expectTokens(of encoder: SpeechEncoder, _ wanted: [Codes]) {
        var encoder = encoder
        let codes = encoder.codes(of: audio)
        #expect(codes.count == wanted.count)
        let different = zip(codes, wanted).count { $0 != $1 }
        #expect(Double(different) <= 0.001 * Double(wanted.count))
    }

    @Test(arguments: [1, 4, 8]) func waveformAgrees(codebooks: Int) throws {
        let wanted = try golden.values("decoded.\(codebooks)")
        var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
        var decoded: [Float] = []
        for codes in try Fixture.codes(golden) { decoded += try decoder.push(Array(codes.prefix(codebooks))) }
        #expect(decoded.count == audio.count)
        #expect(distance(decoded, wanted) < 1e-3 * wanted.peak)
    }
}
