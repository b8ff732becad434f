// SPDX-License-Identifier: Apache-2.0

import Sotto
import Testing
import Transcript

/// The words' model that ships, and a recording by it.
enum WordFixture {
    static let path = Fixture.path("Models/sotto-16k-words.safetensors")
    /// What is said in the sample "campfire".
    static let text = "That is acting like a good fellow, and they all formed a circle round the fire."

    static func words() throws -> WordModel { try WordModel(path: path) }

    static func spoken(
        _ model: CodecModel, _ words: WordModel, sample: String = "campfire", text: String = text, codes: Int = 4
    ) throws -> SpokenWords {
        var encoder = try WordEncoder(model, words: words, codes: codes, transcript: text)
        encoder.push(try Fixture.sample(sample))
        return try encoder.finish()
    }

    static func decoded(
        _ spoken: SpokenWords, _ model: CodecModel, _ words: WordModel, sampleCount: Int? = nil
    ) throws -> [Float] {
        var decoder = try WordDecoder(spoken, by: model, words: words, sampleCount: sampleCount)
        var audio: [Float] = []
        while let samples = decoder.read() { audio += samples }
        return audio
    }

    /// [frames, dimensions]
    static func latents(_ spoken: SpokenWords, _ words: WordModel) throws -> [Float] {
        var (latents, values) = (try WordLatents(spoken, by: words), [Float]())
        while let some = latents.next() { values += some.values }
        return values
    }
}
