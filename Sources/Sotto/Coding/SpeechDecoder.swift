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

    /// Frames that can be made of those on both sides.
    static let longestBridge = 3
    /// Lost frames in a row after which there is silence and the networks stand still: the voice has faded by then, one frame
    /// of silence has run through the windows, and what one latent does to a network by going on and on is no good start for
    /// the speech that comes next.
    private static let longestEcho = longestBridge + 1
    /// Latents of zeros, which is about the average latent, that a network runs on before it joins a stream. Each value up to
    /// 16 brings its state nearer to one it knows; without them speech comes in 10 dB louder still.
    private static let warmUp = 16

    let model: CodecModel
    private var network: DecoderNetwork.State
    private var synthesis: SourceFilter
    private var concealment: Concealment
    private var fadeIn: FadeIn
    private var background: Background
    /// The last one, and how many codes its frame had.
    private var latent: [Float]
    private var codeCount = 1
    /// The speaker's level in dB, and the one from the next frame with codes on, if that was told.
    private var level = 0.0
    private var nextLevel: Double?
    /// Lost frames since the last one that came.
    private var lostFrames = 0
    /// nil in a decoder that reads no text.
    private var queue: LookaheadQueue?
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

    /// Says at which level the speaker speaks from the next frame with codes on, by its number, as `SpokenFrame.level` tells it. Until it
    /// is said, it is the nominal one. Numbers beyond the model's are its highest one, and a model whose codes say how loud a speaker is
    /// takes no notice.
    public mutating func setLevel(_ number: UInt8) { nextLevel = model.configuration.level?.decibels(of: number) }

    /// Ends the stream: what was held back, [n · frameSize] samples. The decoder is then as new, without a transcript.
    public mutating func finish() -> [Float] {
        guard let transcripts = model.transcripts, queue != nil else {
            self = SpeechDecoder(model)
            return []
        }
        // The letter classifier hears the last latent go on, as it did when it was trained.
        let ahead = transcripts.lookahead
        let audio = advance(
            Matrix(repeating: latent, rows: ahead * transcripts.stack),
            [HeardFrame](repeating: heard(isLost: false), count: ahead))
        self = SpeechDecoder(model)
        queue = LookaheadQueue(transcripts)
        return audio
    }

    /// Decodes a frame of one code up to as many as the model has codebooks: [frameSize] samples.
    ///
    /// - Throws: `QuantizerError` if there are none, too many, or one is out of range; the stream is then as it was.
    public mutating func push(_ codes: some Collection<UInt16>) throws(QuantizerError) -> [Float] {
        try push(frames: [Array(codes)])
    }

    /// Decodes a frame as the encoder told it, at the speaker's level: [frameSize] samples.
    ///
    /// - Throws: as for codes alone.
    public mutating func push(_ frame: SpokenFrame) throws(QuantizerError) -> [Float] {
        if let level = frame.level { setLevel(level) }
        return try push(frame.codes)
    }

    /// Stands in for a frame that never came: the last one goes on, and fades after 120 ms. [frameSize] samples. After four
    /// of them the networks stand still: what is lost from there on is silence that costs next to nothing.
    package mutating func pushLost() -> [Float] {
        advance(Matrix(repeating: latent, rows: model.configuration.quantizer.stack), [heard(isLost: true)])
    }

    /// Decodes a frame that shows, by coming, that `count` frames before it never will: these are made of what was before and of
    /// what comes now. [(count + 1) · frameSize] samples, the last `frameSize` of them the frame's own.
    ///
    /// Of losses so long that the voice has faded meanwhile, each frame is as `pushLost` makes it.
    ///
    /// - Throws: `QuantizerError` as for any frame; the stream is then as it was.
    package mutating func push(
        _ codes: some Collection<UInt16>, afterLosing count: Int
    ) throws(QuantizerError) -> [Float] {
        try bridge(count, to: model.quantizer.decode(codes), codes: codes.count)
    }

    /// The same with a frame's latents [stack · dimensions], for which no codes stand.
    package mutating func push(latents: [Float], afterLosing count: Int) throws(QuantizerError) -> [Float] {
        try model.quantizer.check(latents: latents)
        return bridge(count, to: latents, codes: model.quantizer.codebooks)
    }

    private mutating func bridge(_ count: Int, to next: [Float], codes: Int) -> [Float] {
        let q = model.configuration.quantizer
        guard (1...Self.longestBridge).contains(count) else {
            let audio = pushLost(count)
            (latent, codeCount) = (Array(next.suffix(q.dimensions)), codes)
            takeLevel()
            return audio
                + advance(Matrix(rows: q.stack, columns: q.dimensions, values: next), [heard(isLost: false)])
        }
        let steps = count * q.stack + 1
        var values: [Float] = []
        for step in 1..<steps {
            let share = Float(step) / Float(steps)
            values += zip(latent, next).map { $0 + share * ($1 - $0) }
        }
        let before = level
        takeLevel()
        var frames = (1...count).map { frame in
            let share = Double(frame) / Double(count + 1)
            return heard(isLost: true, level: before + share * (level - before))
        }
        (latent, codeCount) = (Array(next.suffix(q.dimensions)), codes)
        frames.append(heard(isLost: false))
        return advance(
            Matrix(rows: (count + 1) * q.stack, columns: q.dimensions, values: values + next), frames)
    }

    /// Several frames at once, nil for one that never came: the same samples as one by one, in less time.
    ///
    /// - Throws: as for a single frame.
    package mutating func push(frames: [Codes?]) throws(QuantizerError) -> [Float] {
        let latents = try model.latents(of: frames, after: &latent)
        let heard = frames.map { codes in
            if let codes {
                codeCount = codes.count
                takeLevel()
            }
            return self.heard(isLost: codes == nil)
        }
        return advance(latents, heard)
    }

    private mutating func takeLevel() { (level, nextLevel) = (nextLevel ?? level, nil) }

    /// A frame of as many codes as the last one.
    private func heard(isLost: Bool, level: Double? = nil) -> HeardFrame {
        let level = level ?? self.level
        return HeardFrame(
            codes: codeCount, isLost: isLost, gain: level == 0 ? 1 : Float(preciseGain(decibels: level)))
    }

    /// A frame in which nobody speaks: the background's noise, as loud as the frames before the pause gave it back, which is
    /// lower than it was. [frameSize] samples. The networks stand still meanwhile.
    ///
    /// - Parameter isLost: whether nothing has been heard of the sender for so long that the pause may be over; the noise then
    ///   fades as the voice of lost frames does.
    package mutating func pushNoise(_ noise: ComfortNoise, isLost: Bool = false) -> [Float] {
        lostFrames = isLost ? lostFrames + 1 : 0
        let frame = lostFrames > Self.longestEcho ? LookaheadQueue.Frame.silence : .noise(noise, isLost: isLost)
        var audio: [Float] = []
        if let ready = queue?.push([frame]) {
            play(ready, appendingTo: &audio)
        } else if case .silence = frame {
            beSilent(frames: 1, appendingTo: &audio)
        } else {
            synthesize(noise, isLost: isLost, appendingTo: &audio)
        }
        return audio
    }

    /// Frames in, latents [n · stack, dimensions], and as many frames of samples out.
    private mutating func advance(_ latents: Matrix, _ frames: [HeardFrame]) -> [Float] {
        var audio: [Float] = []
        audio.reserveCapacity(frames.count * model.configuration.frameSize)
        var start = 0
        while start < frames.count {
            let isSilent = frames[start].isLost && hasNothingToEcho
            var end = start
            repeat {
                lostFrames = frames[end].isLost ? lostFrames + 1 : 0
                end += 1
            } while end < frames.count && isSilent == (frames[end].isLost && hasNothingToEcho)
            if isSilent {
                beSilent(frames: end - start, appendingTo: &audio)
            } else if end - start == frames.count {
                speak(latents, frames, appendingTo: &audio)
            } else {
                let (stack, columns) = (model.configuration.quantizer.stack, latents.columns)
                let values = latents.values[start * stack * columns..<end * stack * columns]
                speak(
                    Matrix(rows: (end - start) * stack, columns: columns, values: Array(values)),
                    Array(frames[start..<end]), appendingTo: &audio)
            }
            start = end
        }
        return audio
    }

    /// Whether what is lost now is silence: all that could go on has faded, or nothing has been heard of the stream yet.
    private var hasNothingToEcho: Bool { lostFrames >= Self.longestEcho || joinsMidStream && noise == nil }

    private mutating func speak(_ latents: Matrix, _ frames: [HeardFrame], appendingTo audio: inout [Float]) {
        var stacked = latents
        stacked.reshape(rows: frames.count, columns: model.quantizer.dimensions)
        let queued =
            queue == nil ? [] : frames.indices.map { LookaheadQueue.Frame.speech(stacked.row($0), frames[$0]) }
        if let ready = queue?.push(queued) {
            play(ready, appendingTo: &audio)
        } else {
            synthesize(latents, frames, appendingTo: &audio)
        }
    }

    /// Frames that are lost after others, when all has faded.
    private mutating func beSilent(frames: Int, appendingTo audio: inout [Float]) {
        if let ready = queue?.push([LookaheadQueue.Frame](repeating: .silence, count: frames)) {
            play(ready, appendingTo: &audio)
        } else {
            playSilence(frames: frames, appendingTo: &audio)
        }
    }

    private mutating func playSilence(frames: Int, appendingTo audio: inout [Float]) {
        fadeIn.stayAway(frames: frames)
        audio += repeatElement(0, count: frames * model.configuration.frameSize)
    }

    /// Frames of speech go through the networks together, as far as they follow each other.
    private mutating func play(_ ready: [LookaheadQueue.Ready], appendingTo audio: inout [Float]) {
        var run = LookaheadQueue.Run()
        for (frame, vectors) in ready {
            if case .speech(let latents, let heard) = frame {
                run.append(latents, heard, vectors: vectors)
                continue
            }
            synthesize(run, appendingTo: &audio)
            run = LookaheadQueue.Run()
            if case .noise(let noise, let isLost) = frame {
                synthesize(noise, isLost: isLost, appendingTo: &audio)
            } else {
                playSilence(frames: 1, appendingTo: &audio)
            }
        }
        synthesize(run, appendingTo: &audio)
    }

    private mutating func synthesize(_ noise: ComfortNoise, isLost: Bool, appendingTo audio: inout [Float]) {
        let c = model.configuration
        let (start, bins) = (audio.count, c.synthesis.window / 2 + 1)
        let silent = [Float](repeating: c.synthesis.logGainLow, count: bins)
        let phase = [Float](repeating: 0, count: bins)
        background.begin(noise)
        for _ in 0..<c.frameSize / c.features.hop {
            synthesis.next(
                SourceFilter.Frame(
                    frequency: c.features.pitch.reference, pulseLogGain: silent[...], pulsePhase: phase[...],
                    noiseLogGain: ComfortNoise.logGains(decibels: background.next(), bins: bins - 1)[...]),
                appendingTo: &audio)
        }
        concealment.apply(isLost: isLost, to: &audio, in: start..<audio.count)
    }

    private mutating func join() {
        let dimensions = model.configuration.quantizer.dimensions
        model.decoder.forward(Matrix(rows: Self.warmUp, columns: dimensions), text: nil, state: &network)
        fadeIn.start()
        joinsMidStream = false
    }

    private mutating func synthesize(_ run: LookaheadQueue.Run, appendingTo audio: inout [Float]) {
        let columns = model.configuration.quantizer.dimensions
        synthesize(
            Matrix(rows: run.latents.count / columns, columns: columns, values: run.latents), run.frames,
            text: run.vectors, appendingTo: &audio)
    }

    private mutating func synthesize(
        _ latents: Matrix, _ frames: [HeardFrame], text vectors: Matrix? = nil, appendingTo audio: inout [Float]
    ) {
        guard latents.rows > 0 else { return }
        if joinsMidStream { join() }
        model.decoder.forward(latents, text: vectors, state: &network)
        let columns = network.output.filters.columns
        let bins = columns / 3
        let (start, size) = (audio.count, model.configuration.frameSize)
        let hops = size / model.configuration.features.hop
        for row in 0..<network.output.filters.rows {
            let frame = frames[row / hops]
            if row % hops == 0 { fadeIn.beginFrame(isLost: frame.isLost) }
            let filters = network.output.filters.row(row)
            let first = filters.startIndex
            var (pulses, noise) = (filters[first..<first + bins], filters[first + 2 * bins..<first + columns])
            if let gain = fadeIn.next() {
                for i in pulses.indices { pulses[i] += gain }
                for i in noise.indices { noise[i] += gain }
            }
            if let floor = background.remainder() {
                let gains = ComfortNoise.logGains(decibels: floor, bins: bins - 1)
                // As loud as it is, whatever the speaker's level.
                let apart = log(frame.gain)
                for (i, gain) in zip(noise.indices, gains) { noise[i] = max(noise[i], gain - apart) }
            }
            synthesis.next(
                SourceFilter.Frame(
                    frequency: model.configuration.features.pitch.frequency(feature: network.output.pitch[row, 0]),
                    pulseLogGain: pulses, pulsePhase: filters[first + bins..<first + 2 * bins], noiseLogGain: noise,
                    gain: frame.gain),
                appendingTo: &audio)
        }
        for (index, frame) in frames.enumerated() {
            let first = start + index * size
            concealment.apply(isLost: frame.isLost, to: &audio, in: first..<first + size)
            background.hear(audio[first..<first + size], isLost: frame.isLost)
        }
    }
}
