// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer
public import Transcript

/// Speech → tokens, live.
///
/// A value that owns the whole state of one stream: a copy goes on independently, a fresh one is a reset. The tokens
/// are the same however the audio is cut into pushes.
///
///     var encoder = SpeechEncoder(model)
///     for chunk in microphone { send(encoder.push(chunk)) }
///     send(encoder.finish().frames)
public struct SpeechEncoder: Sendable {
    /// What the end of a stream brings.
    public struct Ending: Sendable {
        /// The last frames.
        public var frames: [TokenFrame]
        /// When the symbols of the transcript are said in the stream, which `SpeechDecoder` takes with the transcript. nil if
        /// there was none, if it fits less than half of the letters heard, or if the model reads no text.
        public var timing: SymbolTiming?
        /// The share of the letters heard in the stream that the transcript accounts for, 0 to 1; nil without a transcript,
        /// with one that holds no letters, or if the model reads no text.
        public var transcriptMatch: Double?
    }

    let model: CodecModel
    let rule: ResidualQuantizer.Rule
    var features: FeatureExtractor
    var network: NetworkState
    /// nil if the model's codes say how loud a speaker is.
    var numbers: LevelNumbers?
    /// Samples short of a frame; so many of them have been clipped.
    private(set) var pending: [Float] = []
    private var clipped = 0
    private var sampleCount = 0
    /// nil without a transcript.
    var aligner: TranscriptAligner?

    /// An encoder that gives each frame one code of every codebook of the model.
    public init(_ model: CodecModel) { self.init(model, rule: model.quantizer.fullRule) }

    /// - Parameters:
    ///   - model: whose codes they are to be.
    ///   - codes: how many codes the frames get; nil gives each one code of every codebook.
    ///   - transcript: what is said, whose timing is then found. The tokens are the same with it and without.
    /// - Throws: `QuantizerError.impossibleNumber` if the model doesn't make so many codes.
    public init(_ model: CodecModel, codes: CodesPerFrame?, transcript: String? = nil) throws(QuantizerError) {
        self.init(model, rule: try codes.map(model.quantizer.rule) ?? model.quantizer.fullRule)
        aligner = transcript.flatMap { transcript in
            model.transcripts.map { TranscriptAligner(transcript, by: $0) }
        }
    }

    private init(_ model: CodecModel, rule: ResidualQuantizer.Rule) {
        (self.model, self.rule) = (model, rule)
        features = FeatureExtractor(model)
        network = model.encoder.initialState()
        numbers = model.configuration.level.map(LevelNumbers.init)
    }

    /// How many codes the frames have, which whoever packs them has to know.
    public var counts: CodeCounts { rule.counts }

    /// The number of the speaker's level in the last frame, as `TokenFrame.level`; nil if the codes themselves say how loud a speaker is.
    public var level: UInt8? { numbers?.number }

    /// Takes mono samples at the model's sample rate, −1 … 1, and returns each frame that they complete: its codes, and the
    /// speaker's level if the model sends it apart.
    ///
    /// Samples beyond full scale are clipped, and what is not a number counts as silence. Codes alone, `frame.codes`, are
    /// decoded at the nominal level.
    public mutating func push(_ audio: some Sequence<Float>) -> [TokenFrame] {
        pending.append(contentsOf: audio)
        var frames: [TokenFrame] = []
        encodeWholeFrames { codes, level, _ in frames.append(TokenFrame(codes: codes, level: level)) }
        return frames
    }

    /// The same for an audio thread: appends the codes of the frames to `codes`, one frame after the other. In steady state it
    /// allocates nothing, if `codes` has room.
    ///
    ///     codes.removeAll(keepingCapacity: true)
    ///     encoder.push(samples.span, appendingTo: &codes)
    ///
    /// A frame's first code tells how many it has: `counts.count(after:)`. `level` is the last frame's.
    public mutating func push(_ audio: Span<Float>, appendingTo codes: inout [UInt16]) {
        take(audio)
        encodeWholeFrames { frame, _, _ in codes.append(contentsOf: frame) }
    }

    /// The same without codes: the latents of each frame, [stack · dimensions], which the codes come near to. Codes and latents of one
    /// stream may be asked for by turns.
    public mutating func pushForLatents(_ audio: some Sequence<Float>) -> [[Float]] {
        pending.append(contentsOf: audio)
        var latents: [[Float]] = []
        analyzeWholeFrames { frame, _, _, _ in latents.append(Array(frame)) }
        return latents
    }

    /// The same, with the background's noise in those frames that are of a pause, nil in those of speech.
    public mutating func push(
        _ audio: some Sequence<Float>, detecting pauses: inout PauseDetector
    ) -> [(frame: TokenFrame, pause: ComfortNoise?)] {
        pending.append(contentsOf: audio)
        var frames: [(frame: TokenFrame, pause: ComfortNoise?)] = []
        encodeWholeFrames { codes, level, samples in
            frames.append((TokenFrame(codes: codes, level: level), pauses.advance(samples)))
        }
        return frames
    }

    mutating func take(_ audio: Span<Float>) {
        audio.withUnsafeBufferPointer { pending.append(contentsOf: $0) }
    }

    /// Samples that have been encoded.
    mutating func drop(_ count: Int) {
        pending.removeFirst(count)
        clipped -= count
    }

    /// Clips what was appended to `pending` since the last call.
    mutating func clip() {
        for i in clipped..<pending.count { pending[i] = pending[i].isFinite ? min(max(pending[i], -1), 1) : 0 }
        sampleCount += pending.count - clipped
        clipped = pending.count
    }

    /// Ends the stream: the last samples, with silence after them, as far as the decoder needs it to reach them all. The
    /// encoder is then as new, without a transcript.
    public mutating func finish() -> Ending {
        defer { self = SpeechEncoder(model, rule: rule) }
        guard sampleCount > 0 else { return Ending(frames: []) }
        let frames = push(silenceAtEnd)
        let found = aligner?.timing()
        return Ending(frames: frames, timing: found?.timing, transcriptMatch: found?.match)
    }

    /// `finish` without codes: the latents of the last frames.
    public mutating func finishForLatents() -> [[Float]] {
        defer { self = SpeechEncoder(model, rule: rule) }
        return sampleCount > 0 ? pushForLatents(silenceAtEnd) : []
    }

    /// What the decoder needs to reach the last samples, as whole frames.
    private var silenceAtEnd: Repeated<Float> {
        let frame = model.configuration.frameSize
        let missing = -(sampleCount + model.configuration.delay) % frame
        return repeatElement(0, count: model.configuration.delay + (missing + frame) % frame)
    }

    /// Calls `body` for each whole frame with its codes, the number of the speaker's level and its samples, in order.
    mutating func encodeWholeFrames(
        _ body: (_ codes: Codes, _ level: UInt8?, _ samples: ArraySlice<Float>) -> Void
    ) {
        let (quantizer, rule) = (model.quantizer, rule)
        analyzeWholeFrames { latents, level, samples, search in
            body(quantizer.encode(latents, by: rule, with: &search), level, samples)
        }
    }

    /// Calls `body` for each whole frame with its latents, the number of the speaker's level and its samples, in order.
    private mutating func analyzeWholeFrames(
        _ body: (
            _ latents: ArraySlice<Float>, _ level: UInt8?, _ samples: ArraySlice<Float>, _ search: inout CodeSearch
        ) -> Void
    ) {
        clip()
        let (size, stack) = (model.configuration.frameSize, model.configuration.quantizer.stack)
        guard pending.count >= size else { return }
        var memory = model.encodingMemory.take() ?? EncodingMemory()
        defer { model.encodingMemory.putBack(memory) }
        var start = 0
        while pending.count - start >= size {
            let frames = min((pending.count - start) / size, SpeechDecoder.framesAtOnce)
            // Together they are faster; their tokens are the same as one by one.
            features.advance(pending[start..<start + frames * size], into: &memory.features)
            model.encoder.forward(memory.features.rows, state: &network, memory: &memory.network)
            var latents = memory.network.latents
            aligner?.push(latents, isLost: [Bool](repeating: false, count: frames))
            latents.reshape(rows: frames, columns: model.quantizer.dimensions)
            for row in 0..<frames {
                let first = start + row * size
                // A frame has the level of its last latent.
                let level = numbers?.next(memory.features.levels[(row + 1) * stack - 1])
                body(latents.row(row), level, pending[first..<first + size], &memory.search)
            }
            start += frames * size
        }
        drop(start)
    }
}
