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
    var network: DecoderNetwork.State
    private var synthesis: SourceFilter
    private var concealment: Concealment
    private var fadeIn: FadeIn
    private var background: Background
    /// The last one, and how many codes its frame had.
    var latent: [Float]
    private var codeCount = 1
    /// The speaker's level in dB, and the one from the next frame with codes on, if that was told.
    private var level = 0.0
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
        if let level = frame.level { setLevel(level) }
        return try push(frame.codes)
    }

    /// Stands in for a frame that never came: the last one goes on, and fades after 120 ms. [frameSize] samples. After four
    /// of them the networks stand still: what is lost from there on is silence that costs next to nothing.
    package mutating func pushLost() -> [Float] {
        var audio: [Float] = []
        pushLost(1, appendingTo: &audio)
        return audio
    }

    /// So many frames that never came.
    mutating func pushLost(_ count: Int, appendingTo audio: inout [Float]) {
        for _ in 0..<max(0, count) {
            var memory = takeMemory()
            memory.given.append(stack, like: latent)
            memory.given.append(heard(isLost: true))
            advance(&memory, appendingTo: &audio)
        }
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
        var audio: [Float] = []
        try push(Array(codes), afterLosing: count, appendingTo: &audio)
        return audio
    }

    mutating func push(
        _ codes: Codes, afterLosing count: Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        var memory = takeMemory()
        try memory.given.append(codes.span, by: model.quantizer)
        bridge(count, codes: codes.count, &memory, appendingTo: &audio)
    }

    /// The same with a frame's latents [stack · dimensions], for which no codes stand.
    mutating func push(
        latents: [Float], afterLosing count: Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        try model.quantizer.check(latents: latents)
        var memory = takeMemory()
        memory.given.append(latents: latents[...])
        bridge(count, codes: model.quantizer.codebooks, &memory, appendingTo: &audio)
    }

    /// So many lost frames and the one whose latents are given.
    private mutating func bridge(
        _ count: Int, codes: Int, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if (1...Self.longestBridge).contains(count) {
            let before = level
            takeLevel()
            memory.given.prepend(count * stack, from: latent)
            for frame in 1...count {
                let share = Double(frame) / Double(count + 1)
                memory.given.append(heard(isLost: true, level: before + share * (level - before)))
            }
        } else {
            pushLost(count, appendingTo: &audio)
        }
        take(codes, &memory)
        advance(&memory, appendingTo: &audio)
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
        var audio: [Float] = []
        pushNoise(noise, isLost: isLost, appendingTo: &audio)
        return audio
    }

    mutating func pushNoise(_ noise: ComfortNoise, isLost: Bool = false, appendingTo audio: inout [Float]) {
        lostFrames = isLost ? lostFrames + 1 : 0
        let frame = lostFrames > Self.longestEcho ? LookaheadQueue.Frame.silence : .noise(noise, isLost: isLost)
        var memory = takeMemory()
        defer { model.decodingMemory.putBack(memory) }
        if let ready = queue?.push([frame]) {
            play(ready, &memory, appendingTo: &audio)
        } else if case .silence = frame {
            beSilent(frames: 1, &memory, appendingTo: &audio)
        } else {
            synthesize(noise, isLost: isLost, &memory, appendingTo: &audio)
        }
    }

    private var stack: Int { model.configuration.quantizer.stack }

    /// Memory in which no frames have been given yet; `advance` puts it back.
    func takeMemory() -> DecodingMemory {
        var memory = model.decodingMemory.take() ?? DecodingMemory()
        memory.given.removeAll(dimensions: model.configuration.quantizer.dimensions)
        return memory
    }

    /// The frames given go in, and as many frames of samples come out.
    mutating func advance(_ memory: inout DecodingMemory, appendingTo audio: inout [Float]) {
        defer { model.decodingMemory.putBack(memory) }
        guard let last = memory.given.lastLatent else { return }
        latent.replaceSubrange(latent.indices, with: last)
        var start = 0
        while start < memory.given.count {
            let isSilent = memory.given.frames[start].isLost && hasNothingToEcho
            var end = start
            repeat {
                lostFrames = memory.given.frames[end].isLost ? lostFrames + 1 : 0
                end += 1
            } while end < memory.given.count && isSilent == (memory.given.frames[end].isLost && hasNothingToEcho)
            if isSilent {
                beSilent(frames: end - start, &memory, appendingTo: &audio)
            } else {
                speak(start..<end, &memory, appendingTo: &audio)
            }
            start = end
        }
    }

    /// Whether what is lost now is silence: all that could go on has faded, or nothing has been heard of the stream yet.
    private var hasNothingToEcho: Bool { lostFrames >= Self.longestEcho || joinsMidStream && noise == nil }

    /// Some of the frames given.
    private mutating func speak(
        _ frames: Range<Int>, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if queue != nil {
            let given = memory.given
            let ready = queue?.push(frames.map { .speech(Array(given.latents(of: $0))[...], given.frames[$0]) })
            play(ready ?? [], &memory, appendingTo: &audio)
            return
        }
        memory.spoken.removeAll(dimensions: latent.count)
        for frame in frames {
            memory.spoken.append(latents: memory.given.latents(of: frame))
            memory.spoken.append(memory.given.frames[frame])
        }
        synthesize(&memory, appendingTo: &audio)
    }

    /// Frames that are lost after others, when all has faded.
    private mutating func beSilent(
        frames: Int, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if let ready = queue?.push([LookaheadQueue.Frame](repeating: .silence, count: frames)) {
            play(ready, &memory, appendingTo: &audio)
        } else {
            playSilence(frames: frames, appendingTo: &audio)
        }
    }

    private mutating func playSilence(frames: Int, appendingTo audio: inout [Float]) {
        fadeIn.stayAway(frames: frames)
        audio += repeatElement(0, count: frames * model.configuration.frameSize)
    }

    /// Frames of speech go through the networks together, as far as they follow each other.
    private mutating func play(
        _ ready: [LookaheadQueue.Ready], _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        memory.spoken.removeAll(dimensions: latent.count)
        for (frame, vectors) in ready {
            if case .speech(let latents, let heard) = frame {
                memory.spoken.append(latents: latents)
                memory.spoken.append(heard, vectors: vectors)
                continue
            }
            synthesize(&memory, appendingTo: &audio)
            memory.spoken.removeAll(dimensions: latent.count)
            if case .noise(let noise, let isLost) = frame {
                synthesize(noise, isLost: isLost, &memory, appendingTo: &audio)
            } else {
                playSilence(frames: 1, appendingTo: &audio)
            }
        }
        synthesize(&memory, appendingTo: &audio)
    }

    private mutating func synthesize(
        _ noise: ComfortNoise, isLost: Bool, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        let c = model.configuration
        let (start, bins) = (audio.count, c.synthesis.window / 2 + 1)
        // No pulses: as low as they get, in phase.
        memory.filters.removeAll(keepingCapacity: true)
        for _ in 0..<bins { memory.filters.append(c.synthesis.logGainLow) }
        for _ in 0..<bins { memory.filters.append(0) }
        background.begin(noise)
        for _ in 0..<c.frameSize / c.features.hop {
            model.noiseBands.logGains(decibels: background.next(), into: &memory.noiseGains)
            synthesis.next(
                SourceFilter.Frame(
                    frequency: c.features.pitch.reference, pulseLogGain: memory.filters[..<bins],
                    pulsePhase: memory.filters[bins...], noiseLogGain: memory.noiseGains[...]),
                appendingTo: &audio)
        }
        concealment.apply(isLost: isLost, to: &audio, in: start..<audio.count)
    }

    private mutating func join(_ memory: inout DecodingMemory) {
        model.decoder.forward(
            Matrix(rows: Self.warmUp, columns: latent.count), text: nil, state: &network, memory: &memory.network)
        fadeIn.start()
        joinsMidStream = false
    }

    /// What goes through the networks together.
    private mutating func synthesize(_ memory: inout DecodingMemory, appendingTo audio: inout [Float]) {
        guard memory.spoken.count > 0 else { return }
        if joinsMidStream { join(&memory) }
        model.decoder.forward(
            memory.spoken.latents, text: memory.spoken.vectors, state: &network, memory: &memory.network)
        render(memory.spoken.frames.indices, &memory, appendingTo: &audio)
    }

    /// What the network says of some of the frames that went through it together, as samples.
    mutating func render(
        _ frames: Range<Int>, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        let (start, size) = (audio.count, model.configuration.frameSize)
        let hops = size / model.configuration.features.hop
        for index in frames {
            let frame = memory.spoken.frames[index]
            fadeIn.beginFrame(isLost: frame.isLost)
            for row in index * hops..<(index + 1) * hops {
                synthesize(hop: row, of: frame, &memory, appendingTo: &audio)
            }
        }
        for (place, index) in frames.enumerated() {
            let (first, isLost) = (start + place * size, memory.spoken.frames[index].isLost)
            concealment.apply(isLost: isLost, to: &audio, in: first..<first + size)
            background.hear(audio[first..<first + size], isLost: isLost)
        }
    }

    /// One row of what the network says, less what fades in and no less than what is left of a pause's noise.
    private mutating func synthesize(
        hop row: Int, of frame: HeardFrame, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        memory.filters.removeAll(keepingCapacity: true)
        memory.filters.append(contentsOf: memory.network.filters.row(row))
        let bins = memory.filters.count / 3
        if let gain = fadeIn.next() {
            for i in 0..<bins { memory.filters[i] += gain }
            for i in 2 * bins..<3 * bins { memory.filters[i] += gain }
        }
        if let floor = background.remainder() {
            model.noiseBands.logGains(decibels: floor, into: &memory.noiseGains)
            // As loud as it is, whatever the speaker's level.
            let apart = log(frame.gain)
            for i in 0..<bins {
                memory.filters[2 * bins + i] = max(memory.filters[2 * bins + i], memory.noiseGains[i] - apart)
            }
        }
        synthesis.next(
            SourceFilter.Frame(
                frequency: model.configuration.features.pitch.frequency(feature: memory.network.pitch[row, 0]),
                pulseLogGain: memory.filters[..<bins], pulsePhase: memory.filters[bins..<2 * bins],
                noiseLogGain: memory.filters[(2 * bins)...], gain: frame.gain),
            appendingTo: &audio)
    }
}
