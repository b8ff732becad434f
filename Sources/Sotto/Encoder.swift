// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer

/// The codes of one token frame, coarsest first: any prefix of them is a valid, coarser coding.
public typealias Codes = [UInt16]

/// Speech → tokens, live.
///
/// A value that owns the whole state of one stream: a copy goes on independently, a fresh one is a reset. The tokens
/// are the same however the audio is cut into pushes.
///
///     var encoder = Encoder(try Model.load())
///     for chunk in microphone { send(encoder.push(chunk)) }
///     send(encoder.finish())
public struct Encoder: Sendable {
    private let model: Model
    private let codebooks: Int
    private let isVariable: Bool
    private var features: FeatureExtractor
    private var network: EncoderNetwork.State
    private var search = CodeSearch()
    private var pending: [Float] = []
    private var sampleCount = 0
    /// nil without a transcript.
    private var aligner: TranscriptAligner?

    /// The pace of the transcript in the stream that `finish` ended last: for each of its frames how many of the transcript's
    /// symbols begin in it, and one more for the end of them all; `Decoder` takes it with the transcript. nil if there was
    /// none, if it fits less than half of the letters heard, or if the model reads no text.
    public private(set) var pace: [Int]?
    /// The share of the letters heard in that stream that the transcript accounts for, 0 to 1; nil without a transcript,
    /// with one that holds no letters, or if the model reads no text.
    public private(set) var transcriptMatch: Double?

    /// - Parameters:
    ///   - codebooks: how many codes a frame gets, from 1 to as many as the model has, which `nil` stands for. They are the
    ///     best of that many: the first two of eight are a coding too, but not as near as two chosen to be two.
    ///   - isVariable: whether frames that need it get more codes and others fewer, and speech as it is read in books
    ///     `codebooks` of them in the mean. The same codes then say more.
    ///   - transcript: what is said, whose `pace` is then found. The tokens are the same with it and without.
    public init(_ model: Model, codebooks: Int? = nil, isVariable: Bool = false, transcript: String? = nil) {
        self.model = model
        let all = model.configuration.quantizer.codebooks
        self.codebooks = codebooks ?? all
        precondition((1...all).contains(self.codebooks), "the model has codebooks 1 to \(all)")
        self.isVariable = isVariable
        features = FeatureExtractor(model)
        network = model.encoder.initialState()
        aligner = transcript.flatMap { TranscriptAligner($0, by: model) }
    }

    /// How many codes the frames have, which whoever packs them has to know.
    public var counts: CodeCounts { model.quantizer.counts(codebooks: codebooks, isVariable: isVariable) }

    /// Takes mono samples at the model's rate, −1 … 1, and returns the codes of each frame that they complete.
    ///
    /// Samples beyond full scale are clipped, and what is not a number counts as silence.
    public mutating func push(_ audio: some Sequence<Float>) -> [Codes] {
        let before = pending.count
        pending.append(contentsOf: audio)
        for i in before..<pending.count { pending[i] = pending[i].isFinite ? min(max(pending[i], -1), 1) : 0 }
        sampleCount += pending.count - before
        return encodeWholeFrames()
    }

    /// Ends the stream: the last samples, with silence after them, as far as the decoder needs it to reach them all. The
    /// encoder is then as new, without a transcript, save that it tells the `pace` found.
    public mutating func finish() -> [Codes] {
        guard sampleCount > 0 else {
            self = Encoder(model, codebooks: codebooks, isVariable: isVariable)
            return []
        }
        let frame = model.configuration.frameSize
        let missing = -(sampleCount + model.configuration.delay) % frame
        let codes = push(repeatElement(0, count: model.configuration.delay + (missing + frame) % frame))
        let found = aligner?.pace()
        self = Encoder(model, codebooks: codebooks, isVariable: isVariable)
        (pace, transcriptMatch) = (found?.counts, found?.match)
        return codes
    }

    private mutating func encodeWholeFrames() -> [Codes] {
        let size = model.configuration.frameSize
        var codes: [Codes] = []
        var start = 0
        while pending.count - start >= size {
            let count = min((pending.count - start) / size, Decoder.framesAtOnce) * size
            // Together they are faster; their tokens are the same as one by one.
            var latents = model.encoder.forward(features.advance(pending[start..<start + count]), state: &network)
            aligner?.push(latents, isLost: [Bool](repeating: false, count: count / size))
            latents.reshape(rows: count / size, columns: model.quantizer.dimensions)
            for row in 0..<latents.rows {
                codes.append(
                    model.quantizer.encode(
                        latents.row(row), codebooks: codebooks, isVariable: isVariable, with: &search))
            }
            start += count
        }
        pending.removeFirst(start)
        return codes
    }
}
