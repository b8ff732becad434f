// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto

/// Small models that tell the speaker's level apart, and what PyTorch makes of speech with them
/// (Training/fixtures/make_level_fixtures.py).
enum LevelFixture {
    static func path(_ name: String) -> String { Fixture.path("Tests/SottoTests/Fixtures/\(name).safetensors") }

    static func model(_ name: String = "level-model") throws -> CodecModel { try CodecModel(path: path(name)) }

    static func golden() throws -> SafetensorsFile { try SafetensorsFile(path: path("level-golden")) }

    static func audio() throws -> [Float] { try golden().values("audio") }

    /// The frames that PyTorch tells; of the model of 6.25 Hz with the prefix "6hz.".
    static func frames(_ prefix: String = "") throws -> [TokenFrame] {
        let (codes, levels) = (try golden().values("\(prefix)codes"), try golden().values("\(prefix)volume"))
        let books = codes.count / levels.count
        return levels.indices.map { frame in
            TokenFrame(
                codes: codes[frame * books..<(frame + 1) * books].map { UInt16($0) }, level: UInt8(levels[frame]))
        }
    }
}

extension SpeechEncoder {
    /// All frames of a recording.
    static func frames(of audio: [Float], by model: CodecModel) -> [TokenFrame] {
        var encoder = SpeechEncoder(model)
        return encoder.push(audio) + encoder.finish().frames
    }
}
