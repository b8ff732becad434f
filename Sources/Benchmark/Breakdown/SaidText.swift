// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import SottoStreams

/// When a recording's transcript is said, as the model hears it in its own codes.
struct SaidText: Sendable, Codable {
    /// What it depends on besides the recording and its transcript.
    var model: String
    var words: [WordTiming]
    /// None if the transcript isn't what is said.
    var letters: [SaidSound]
}

/// Finds when transcripts are said.
struct TextFinder: Sendable {
    private let model: CodecModel
    private let identity: String

    /// - Returns: nil if the model reads no text.
    init?(_ model: CodecModel) {
        guard model.readsText else { return nil }
        self.model = model
        identity = model.identity.map { String($0, radix: 16) }.joined(separator: " ")
    }

    /// - Throws: if the recording can't be read.
    func find(_ clip: Clip, knowing earlier: SaidText?) throws -> SaidText? {
        guard let text = clip.text else { return nil }
        if let earlier, earlier.model == identity { return earlier }
        let audio = try Audio.read(clip.path)
        var encoder = SpeechEncoder(model)
        let frames = encoder.push(audio) + encoder.finish().frames
        let (found, letters) = try model.alignLetters(
            frames.map(\.codes), with: text, seconds: Double(audio.count) / Double(Audio.rate))
        let fit = TranscriptFit(match: found.match, of: text)
        guard !fit.isBad, !fit.isMostlyOther else {
            return SaidText(model: identity, words: [], letters: [])
        }
        return SaidText(
            model: identity, words: found.words,
            letters: letters.map { SaidSound(label: $0.letter, start: $0.start, end: $0.end) })
    }
}
