// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Platform
public import Quantizer
import Spectral
public import Transcript

/// Tokens → speech, live.
///
/// A value that owns the whole state of one stream: a copy goes on independently, a fresh one is a reset. Each frame
/// gives `frameSize` samples, which lag what was encoded by `delay`; see `DelayCompensatedDecoder` for recordings.
public struct SpeechDecoder: Sendable {
    /// As many frames a push are about as fast as it gets.
    package static let framesAtOnce = 16

    let model: CodecModel
    var network: NetworkState
    var synthesis: SourceFilter
    var concealment: Concealment
    var fadeIn: FadeIn
    var background: Background
    /// The last one, and how many codes its frame had.
    var latent: [Float]
    private var codeCount = 1
    /// The speaker's level in dB, and the one from the next frame with codes on, if that was told.
    var level = 0.0
    private var nextLevel: Double?
    /// Lost frames since the last one that came.
    var lostFrames = 0
    /// nil in a decoder that reads no text.
    var queue: LookaheadQueue?
    /// What the background sounds like in the pause that has been said last, and whether that goes on.
    var noise: ComfortNoise?
    var isPaused = false

    /// Whether the next frame of speech is a later one of its stream than the first, as for a receiver that joins mid-stream:
    /// speech then fades in over 720 ms, since its level can't be known before that. False once such a frame has been heard.
    public var joinsMidStream = false

    /// A decoder that reads no text.
    public init(_ model: CodecModel) {
        let c = model.configuration
        self.model = model
        network = model.decoder.initialState()
        synthesis = SourceFilter(
            fft: model.synthesisFFT, sampleRate: c.sampleRate, hop: c.features.hop, sourceHigh: c.synthesis.sourceHigh,
            logGains: c.synthesis.logGainLow...c.synthesis.logGainHigh)
        concealment = Concealment(sampleRate: c.sampleRate)
        fadeIn = FadeIn(c)
        background = Background(model)
        latent = [Float](repeating: 0, count: c.quantizer.dimensions)
    }

    /// A decoder that is conditioned on a transcript.
    ///
    /// It holds back as many token frames as the text is looked ahead (`TranscriptSettings.lookahead`), whether there is a
    /// text at the moment or not: it begins with that much silence, and `finish` gives the frames held back.
    ///
    /// The text may be any and of any length: it may begin before or after the speech does and go on beyond it, and speech
    /// that doesn't follow it is decoded much as without. In frames that are lost, time goes on in the text too.
    ///
    /// - Parameters:
    ///   - model: one that reads text.
    ///   - transcript: what is said from the first frame on; empty if that is not known yet.
    ///   - timing: when its symbols are said, as `SpeechEncoder.finish` found it; where the speaker is is then known and not
    ///     followed. nil if it isn't known; one that is of no such text is left aside.
    /// - Throws: `ModelError.readsNoText` if the model has no use for it (`CodecModel.readsText`).
    public init(_ model: CodecModel, transcript: String, timing: SymbolTiming? = nil) throws(ModelError) {
        guard let transcripts = model.transcripts else { throw .readsNoText }
        self.init(model)
        var queue = LookaheadQueue(transcripts)
        queue.setTranscript(transcript, timing: timing)
        self.queue = queue
    }

    /// Samples by which what comes out lags what was encoded, beyond the token frame itself.
    public var delay: Int {
        let c = model.configuration
        return c.delay + (queue == nil ? 0 : c.frameSize * (model.transcripts?.lookahead ?? 0))
    }

    /// Says what is said from the next frame on, and when if that is known; an empty text ends the one before.
    ///
    /// - Throws: `ModelError.madeWithoutTranscript` unless the decoder was made with a transcript, be it an empty one: the others
    ///   hold no frames back.
    public mutating func setTranscript(_ text: String, timing: SymbolTiming? = nil) throws(ModelError) {
        guard queue != nil else { throw .madeWithoutTranscript }
        queue?.setTranscript(text, timing: timing)
    }

    /// The share of the letters heard since the transcript was given that it accounts for, 0 to 1; nil without a
    /// transcript, with one that holds no letters, or where its timing is known.
    public var transcriptMatch: Double? { queue?.match }

    /// Says at which level the speaker speaks from the next frame with codes on, by its number, as `TokenFrame.level` tells it. Until it
    /// is said, it is the nominal one. Numbers beyond the model's are its highest one, and a model whose codes say how loud a speaker is
    /// takes no notice.
    public mutating func setLevel(_ number: UInt8) { nextLevel = model.configuration.level?.decibels(of: number) }

    /// Ends the stream: what was held back, [n · frameSize] samples. The decoder is then as new, without a transcript.
    public mutating func finish() -> [Float] {
        var audio: [Float] = []
        finish(appendingTo: &audio)
        return audio
    }

    /// As `finish()`, but appends the samples to `audio`.
    package mutating func finish(appendingTo audio: inout [Float]) {
        guard let transcripts = model.transcripts, queue != nil else {
            self = SpeechDecoder(model)
            return
        }
        // The letter classifier hears the last latent go on, as it did when it was trained.
        var memory = takeMemory()
        for _ in 0..<transcripts.lookahead {
            memory.given.append(stack, like: latent)
            memory.given.append(heard(isLost: false))
        }
        advance(&memory, appendingTo: &audio)
        self = SpeechDecoder(model)
        queue = LookaheadQueue(transcripts)
    }

    /// Decodes a frame of one code up to as many as the model has codebooks: [frameSize] samples.
    ///
    /// - Throws: `QuantizerError` if there are none, too many, or one is out of range; the stream is then as it was.
    public mutating func push(_ codes: some Collection<UInt16>) throws(QuantizerError) -> [Float] {
        var audio: [Float] = []
        audio.reserveCapacity(model.configuration.frameSize)
        try push(Array(codes).span, appendingTo: &audio)
        return audio
    }

    /// The same for an audio thread: appends the samples to `audio`. In steady state it allocates nothing, if `audio` has room.
    ///
    ///     audio.removeAll(keepingCapacity: true)
    ///     try decoder.push(codes.span, appendingTo: &audio)
    ///
    /// - Throws: as `push(_:)`; nothing is then appended.
    public mutating func push(_ codes: Span<UInt16>, appendingTo audio: inout [Float]) throws(QuantizerError) {
        var memory = takeMemory()
        try memory.given.append(codes, by: model.quantizer)
        take(codes.count, &memory)
        advance(&memory, appendingTo: &audio)
    }

    /// Decodes a frame as the encoder told it, at the speaker's level: [frameSize] samples.
    ///
    /// - Throws: as for codes alone.
    public mutating func push(_ frame: TokenFrame) throws(QuantizerError) -> [Float] {
        let before = nextLevel
        if let level = frame.level { setLevel(level) }
        do { return try push(frame.codes) } catch {
            nextLevel = before
            throw error
        }
    }

    /// Several frames at once, nil for one that never came: the same samples as one by one, in less time.
    ///
    /// - Throws: as for a single frame.
    package mutating func push(frames: [Codes?]) throws(QuantizerError) -> [Float] {
        var memory = takeMemory()
        for codes in frames {
            if let codes {
                try memory.given.append(codes.span, by: model.quantizer)
            } else {
                memory.given.append(stack, like: latent)
            }
        }
        for codes in frames {
            if let codes { take(codes.count, &memory) } else { memory.given.append(heard(isLost: true)) }
        }
        var audio: [Float] = []
        audio.reserveCapacity(frames.count * model.configuration.frameSize)
        advance(&memory, appendingTo: &audio)
        return audio
    }

    /// A frame of so many codes, whose latents have been given, came.
    mutating func take(_ codes: Int, _ memory: inout DecodingMemory) {
        memory.given.append(heard(codes: codes))
    }

    /// A frame of so many codes that came.
    mutating func heard(codes: Int) -> HeardFrame {
        codeCount = codes
        takeLevel()
        return heard(isLost: false)
    }

    mutating func takeLevel() { (level, nextLevel) = (nextLevel ?? level, nil) }

    /// A frame of as many codes as the last one.
    func heard(isLost: Bool, level: Double? = nil) -> HeardFrame {
        let level = level ?? self.level
        return HeardFrame(
            codes: codeCount, isLost: isLost, gain: level == 0 ? 1 : Float(preciseGain(decibels: level)))
    }

    var stack: Int { model.configuration.quantizer.stack }

    /// Memory in which no frames have been given yet; `advance` puts it back.
    func takeMemory() -> DecodingMemory {
        var memory = model.decodingMemory.take() ?? DecodingMemory()
        memory.given.removeAll(dimensions: model.configuration.quantizer.dimensions)
        return memory
    }
}
