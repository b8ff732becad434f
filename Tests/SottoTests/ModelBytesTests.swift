// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import SottoModels
import Testing

/// Models whose weights lie in memory.
@Suite struct ModelBytesTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: Fixture.path("Models/\(name).safetensors"))))
    }

    @Test func theyAreThoseOfTheFiles() throws {
        let (usual, other) = (try bytes("sotto-16k"), try bytes("sotto-16k-6hz"))
        let model = try CodecModel(bytes: usual.span.bytes)
        let file = try Fixture.model()
        #expect(model.identity == file.identity && model.configuration == file.configuration)
        let built = try CodecModel(bytes: other.span.bytes, base: usual.span.bytes)
        #expect(built.identity == (try CodecModel(path: Fixture.path("Models/sotto-16k-6hz.safetensors"))).identity)
        // A base that isn't needed is left aside.
        #expect(try CodecModel(bytes: usual.span.bytes, base: other.span.bytes).identity == file.identity)
        #expect(try CodecModel.embedded().identity == file.identity)
        #expect(try CodecModel.embedded(.sotto16k6Hz).identity == built.identity)
        let single = try CodecModel(path: Fixture.path("Models/sotto-16k-single.safetensors"))
        #expect(try CodecModel.embedded(.sotto16kSingle).identity == single.identity)
    }

    @Test func theyGoOnWhenTheBytesAreGone() throws {
        var usual = try bytes("sotto-16k")
        let model = try CodecModel(bytes: usual.span.bytes)
        for index in usual.indices { usual[index] = 0xFF }
        var (encoder, other) = (SpeechEncoder(model), SpeechEncoder(try Fixture.model()))
        let speech = try Fixture.speech().prefix(16000)
        #expect(encoder.push(speech) == other.push(speech))
    }

    @Test func aModelWithoutItsBaseIsRefused() throws {
        let (usual, other) = (try bytes("sotto-16k"), try bytes("sotto-16k-6hz"))
        #expect(throws: ModelError.noBase("sotto-16k.safetensors")) { try CodecModel(bytes: other.span.bytes) }
        #expect(throws: ModelError.otherBase("the weights", base: "the base's weights")) {
            try CodecModel(bytes: other.span.bytes, base: other.span.bytes)
        }
        var damaged = usual
        damaged[damaged.count - 1] ^= 1
        #expect(throws: ModelError.damaged("the weights", base: nil)) { try CodecModel(bytes: damaged.span.bytes) }
    }

    @Test(arguments: [0, 7, 8, 1000, 16_000_000]) func tornWeightsAreRefusedByName(count: Int) throws {
        let whole = try bytes("sotto-16k")
        let torn = Array(whole.prefix(count))
        #expect(torn.count < whole.count)
        let error = #expect(throws: WeightsError.self) { try CodecModel(bytes: torn.span.bytes) }
        #expect(error.map { "\($0)".hasPrefix("the weights can't be used") } == true)
    }
}
