// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import Testing
import Transcript

/// A small model that reads text, and what PyTorch makes of a transcript with it (Training/fixtures/make_text_fixtures.py).
enum TextFixture {
    static let modelPath = Fixture.path("Tests/SottoTests/Fixtures/text-model.safetensors")

    static func model() throws -> CodecModel { try CodecModel(path: modelPath) }

    static func golden() throws -> SafetensorsFile {
        try SafetensorsFile(path: Fixture.path("Tests/SottoTests/Fixtures/text-golden.safetensors"))
    }

    /// The transcript that the golden vectors belong to.
    static func sentence() throws -> String { try #require(try golden().metadata["text"]) }

    static func codes() throws -> [Codes] {
        let all = try golden().values("codes")
        return stride(from: 0, to: all.count, by: 2).map { [UInt16(all[$0]), UInt16(all[$0 + 1])] }
    }

    /// The settings that the golden shares of a sure listener were made with.
    static func follower() throws -> TranscriptSettings.Follower {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            TranscriptSettings.Follower.self, from: Data(try #require(try golden().metadata["follower"]).utf8))
    }

    static func letters() throws -> TranscriptHMM {
        // Blanks are common and letters all alike.
        TranscriptHMM(try follower(), prior: [0.5] + [Float](repeating: 0.5 / 29, count: 29))
    }

    /// What a sure listener hears of a text: each symbol in three rows.
    static func heard(_ text: String) -> [[Float]] {
        TextSymbols(text).values.flatMap { symbol in
            var likely = [Float](repeating: 0.05, count: 30)
            likely[Int(symbol)] = 1
            return [[Float]](repeating: likely, count: 3)
        }
    }
}
