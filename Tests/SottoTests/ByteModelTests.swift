// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import TestSupport
import Testing

/// A small model of random weights of 8 bits, and what PyTorch makes of speech with it (Training/fixtures/make_byte_fixtures.py).
@Suite struct ByteModelTests {
    private static let path = Fixture.path("Tests/SottoTests/Fixtures/byte-model.safetensors")
    private let model: CodecModel
    private let golden: SafetensorsFile
    private let audio: [Float]

    init() throws {
        model = try CodecModel(path: Self.path)
        golden = try SafetensorsFile(path: Fixture.path("Tests/SottoTests/Fixtures/byte-golden.safetensors"))
        audio = Array(try Fixture.speech().prefix(32_000))
    }

    private var codes: [Codes] {
        get throws {
            let all = try golden.values("codes")
            return stride(from: 0, to: all.count, by: 2).map { [UInt16(all[$0]), UInt16(all[$0 + 1])] }
        }
    }

    @Test func latentsAndCodesAgree() throws {
        let size = model.configuration.frameSize
        let wanted = try golden.values("latents")
        let count = try codes.count
        let padded = audio + [Float](repeating: 0, count: count * size - audio.count)
        var (extractor, state, latents) = (FeatureExtractor(model), model.encoder.initialState(), [Float]())
        var (features, memory) = (FeatureExtractor.Features(), EncoderNetwork.Memory())
        for frame in 0..<count {
            extractor.advance(padded[frame * size..<(frame + 1) * size], into: &features)
            model.encoder.forward(features.rows, state: &state, memory: &memory)
            latents += memory.latents.values
        }
        #expect(distance(latents, wanted) < 0.01 * wanted.peak)

        var encoder = try SpeechEncoder(model, codes: .fixed(2))
        let found = encoder.codes(of: audio)
        #expect(zip(found, try codes).count { $0 != $1 } <= 1 && found.count == count)
    }

    @Test func waveformAgrees() throws {
        let wanted = try golden.values("decoded")
        var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
        let decoded = try codes.flatMap { try decoder.push($0) }
        #expect(distance(decoded, wanted) < 0.02 * wanted.peak)
    }

    @Test(arguments: [1, 159, 2000, 9999]) func streamsGiveWhatTheWholeGives(limit: Int) throws {
        var random = SeededGenerator(seed: 9)
        var (whole, stream) = (SpeechEncoder(model), SpeechEncoder(model))
        let wanted = whole.codes(of: audio)
        var (found, start): ([Codes], Int) = ([], 0)
        while start < audio.count {
            let end = min(audio.count, start + Int.random(in: 1...limit, using: &random))
            found += stream.push(audio[start..<end]).codes
            start = end
        }
        #expect(found + stream.finish().frames.codes == wanted)
        let frames: [Codes?] = wanted.map { $0 }
        let decoded = try model.decode(frames)
        for count in [2, 3, 8, 25] { #expect(try model.decode(frames, atOnce: count) == decoded) }
    }

    @Test func memoryAndFileAreAlike() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.path)))
        let inMemory = try CodecModel(bytes: bytes.span.bytes)
        #expect(inMemory.identity == model.identity && inMemory.codesIdentity == model.codesIdentity)
        #expect(try inMemory.decode(codes) == model.decode(codes))
    }

    @Test func anyOneFlippedBitIsRefused() throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator(seed: 18)
        let whole = try Data(contentsOf: URL(filePath: Self.path))
        try expectFlippedBitsAreRefused(in: whole, folder: folder, using: &random)
    }

    @Test(arguments: ["encoder", "quantizer", "decoder"]) func digestsOfPartsAreAllThereOrNone(part: String) throws {
        let folder = try TemporaryFolder()
        var bytes = try Data(contentsOf: URL(filePath: Self.path))
        let name = try #require(bytes.range(of: Data("\(part)_sha256".utf8)))
        bytes[name.lowerBound] ^= 1
        let path = try folder.write("partless.safetensors", bytes)
        #expect(throws: ModelError.notSotto(path)) { try CodecModel(path: path) }
    }
}
