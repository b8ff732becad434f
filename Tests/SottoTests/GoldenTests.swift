// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
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

    /// The features agree to the last bit but one. What is rounded to 8 bits then may fall to the other side of a half by an order of
    /// summation, and from there on latents differ by less than rounding itself costs (4e-5 of their power, Docs/weights.md).
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
        #expect(distance(features, wantedFeatures) < 1e-6 * wantedFeatures.peak)
        #expect(power(of: latents, minus: wantedLatents) < 1e-5)
    }

    @Test(arguments: [CodesPerFrame.fixed(1), .fixed(2), .fixed(5), .fixed(8), .average(2), .average(4)])
    func tokensAgree(codes: CodesPerFrame) throws {
        let wanted: [Codes]
        switch codes {
        case .fixed(let count): wanted = try Fixture.codes(golden, codebooks: count)
        case .average(let mean): wanted = try Fixture.codes(golden, mean: mean)
        }
        // Those of the very latents are the same; of latents that differ a little, nearly all.
        let (latents, rule) = (try golden.values("latents"), try model.quantizer.rule(for: codes))
        let size = model.configuration.quantizer.dimensions
        var search = CodeSearch()
        let chosen = stride(from: 0, to: latents.count, by: size).map {
            model.quantizer.encode(latents[$0..<$0 + size], by: rule, with: &search)
        }
        #expect(chosen == wanted)
        var encoder = try SpeechEncoder(model, codes: codes)
        let found = encoder.codes(of: audio)
        #expect(found.count == wanted.count)
        #expect(zip(found, wanted).count { $0 != $1 } <= wanted.count / 20)
    }

    @Test func levelsAgree() throws {
        let wanted = try Fixture.spoken(golden).map(\.level)
        #expect(SpeechEncoder.frames(of: audio, by: model).map(\.level) == wanted)
        #expect(Set(wanted).count > 1)
    }

    @Test func waveformsAgree() throws {
        var longest = 0
        for codebooks in [1, 4, 8] {
            let wanted = try golden.values("decoded.\(codebooks)")
            var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
            let decoded = try Fixture.spoken(golden, codebooks: codebooks).flatMap { try decoder.push($0) }
            let agreement = WaveformAgreement(decoded, wanted)
            #expect(agreement.samples >= 1600 && agreement.loudness < 1, "\(codebooks): \(agreement)")
            longest = max(longest, agreement.samples)
        }
        #expect(longest >= 32_000)
    }

    /// The power of the difference as a share of that of `wanted`.
    private func power(of found: [Float], minus wanted: [Float]) -> Float {
        let off = zip(found, wanted).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return found.count == wanted.count ? off / wanted.reduce(0) { $0 + $1 * $1 } : .infinity
    }
}
