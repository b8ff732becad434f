// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Transcript

/// Speech by the word → speech, a part at a time.
///
///     var decoder = try WordDecoder(spoken, by: model, words: words)
///     while let samples = decoder.read() { play(samples) }
public struct WordDecoder: Sendable {
    private var latents: WordLatents
    private var decoder: SpeechDecoder
    private var isOver = false
    private var (toSkip, remaining): (Int, Int)

    /// How many frames the speech has, and how many of them have been made.
    public var frameCount: Int { latents.frameCount }
    public var position: Int { latents.position }

    /// - Parameters:
    ///   - spoken: what is to be spoken.
    ///   - model: whose latents the words' model knows.
    ///   - words: the words' model that it was coded by.
    ///   - sampleCount: how long the speech is at the model's sample rate; nil plays every frame to its end.
    /// - Throws: `WordError.otherBase` if the two models don't belong together, `.impossibleNumber` if a word can't have so many codes,
    ///   `.impossible` if there is no such speech.
    public init(
        _ spoken: SpokenWords, by model: CodecModel, words: WordModel, sampleCount: Int? = nil
    ) throws(WordError) {
        try words.require(base: model)
        latents = try WordLatents(spoken, by: words)
        do {
            decoder = try SpeechDecoder(model, transcript: spoken.transcript, timing: spoken.timing)
        } catch { throw .otherBase(words.name, model: model.configuration.name) }
        if let level = spoken.level { decoder.setLevel(level) }
        (toSkip, remaining) = (decoder.delay, max(0, sampleCount ?? .max))
    }

    /// The next samples, at the model's sample rate; nil when the speech is over.
    public mutating func read() -> [Float]? {
        guard !isOver else { return nil }
        let audio: [Float]
        if let some = latents.next() {
            audio = decoder.push(latents: some, codes: 1)
        } else {
            (audio, isOver) = (decoder.finish(), true)
        }
        let skipped = min(toSkip, audio.count)
        let wanted = audio.dropFirst(skipped).prefix(remaining)
        (toSkip, remaining) = (toSkip - skipped, remaining - wanted.count)
        return Array(wanted)
    }
}

/// The latents of speech by the word, a part at a time.
package struct WordLatents: Sendable {
    private let words: WordModel
    private let timeline: WordTimeline
    private let voice: [UInt8]?
    /// The first codes of each word and pause.
    private let codes: [[UInt8]]
    private var state: WordPredictor.State

    package var frameCount: Int { timeline.frameCount }
    package var position: Int { state.frame }

    /// - Throws: as `WordDecoder`.
    package init(_ spoken: SpokenWords, by words: WordModel) throws(WordError) {
        guard let timeline = WordTimeline(TextSymbols(spoken.transcript).values, timing: spoken.timing) else {
            throw .impossible("no such transcript has such a timing")
        }
        try words.require(codesPerWord: spoken.codesPerWord)
        (self.words, self.timeline, voice) = (words, timeline, spoken.voice)
        codes = spoken.codes(of: timeline)
        guard codes.allSatisfy(words.coder.codebooks.have) else {
            throw .impossible("a code is none of the words' model's")
        }
        state = words.predictor.initialState()
    }

    /// [frames, dimensions]; nil when all have been made.
    package mutating func next() -> Matrix? {
        let (network, predictor, timeline, voice, codes) = (words.network, words.predictor, timeline, voice, codes)
        return predictor.next(timeline, state: &state) { frames, scratch in
            network.known(frames, of: timeline, voice: voice, &scratch)
        } vector: { [words] segment in
            predictor.vector(
                codes[segment], isPause: timeline.segments[segment].symbols == nil, by: words.coder.codebooks)
        }.map(network.unscaled)
    }
}

extension SpeechDecoder {
    /// Frames whose latents [frames, dimensions] were predicted, each conditioned on the transcript as one of so many codes.
    fileprivate mutating func push(latents: Matrix, codes: Int) -> [Float] {
        var (memory, audio) = (takeMemory(), [Float]())
        memory.given.append(latents: latents.values[...])
        for _ in 0..<latents.rows { take(codes, &memory) }
        advance(&memory, appendingTo: &audio)
        return audio
    }
}
