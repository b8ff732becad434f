// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer
import Spectral

/// Tokens → speech, live.
///
/// A value that owns the whole state of one stream: a copy goes on independently, a fresh one is a reset. Each frame
/// gives `frameSize` samples, which lag what was encoded by `Configuration.delay`; see `AlignedDecoder` for files.
public struct Decoder: Sendable {
    /// As many frames a push are about as fast as it gets.
    public static let framesAtOnce = 16

    private let model: Model
    private var network: DecoderNetwork.State
    private var synthesis: SourceFilter
    private var concealment: Concealment
    private var latent: [Float]

    public init(_ model: Model) {
        let c = model.configuration
        self.model = model
        network = model.decoder.initialState()
        synthesis = SourceFilter(
            fft: model.synthesisFFT, sampleRate: c.sampleRate, hop: c.features.hop, sourceHigh: c.synthesis.sourceHigh,
            logGains: c.synthesis.logGainLow...c.synthesis.logGainHigh)
        concealment = Concealment(sampleRate: c.sampleRate)
        latent = [Float](repeating: 0, count: c.quantizer.dimensions)
    }

    /// Decodes a frame of one code up to as many as the model has codebooks: [frameSize] samples.
    ///
    /// - Throws: `QuantizerError` if there are none, too many, or one is out of range; the stream is then as it was.
    public mutating func push(_ codes: some Collection<UInt16>) throws(QuantizerError) -> [Float] {
        try push(frames: [Array(codes)])
    }

    /// Stands in for a frame that never came: the last one goes on, and fades after 120 ms. [frameSize] samples.
    public mutating func pushLost() -> [Float] {
        synthesize(Matrix(rows: 1, columns: latent.count, values: latent), isLost: [true])
    }

    /// Several frames at once, nil for one that never came: the same samples as one by one, in less time.
    ///
    /// - Throws: as for a single frame.
    public mutating func push(frames: [Codes?]) throws(QuantizerError) -> [Float] {
        var (last, latents) = (latent, [Float]())
        for codes in frames {
            if let codes { last = try model.quantizer.decode(codes) }
            latents += last
        }
        latent = last
        return synthesize(
            Matrix(rows: frames.count, columns: last.count, values: latents), isLost: frames.map { $0 == nil })
    }

    /// A frame in which nobody speaks: the background's noise, joined to what was before without a seam. [frameSize]
    /// samples. The networks stand still meanwhile.
    public mutating func pushNoise(_ noise: ComfortNoise) -> [Float] {
        let c = model.configuration
        let bins = c.synthesis.window / 2 + 1
        let silent = [Float](repeating: c.synthesis.logGainLow, count: bins)
        let frame = SourceFilter.Frame(
            frequency: c.features.pitch.reference, pulseLogGain: silent[...],
            pulsePhase: [Float](repeating: 0, count: bins)[...], noiseLogGain: noise.logGains(bins: bins - 1)[...])
        var audio: [Float] = []
        for _ in 0..<c.decoder.upsample { synthesis.next(frame, appendingTo: &audio) }
        concealment.apply(isLost: false, to: &audio, in: audio.indices)
        return audio
    }

    /// Tells the decoder what is being said from the next frame on; nil takes it away.
    ///
    /// The text may be any and of any length: it may begin before or after the speech does and go on beyond it, and speech
    /// that doesn't follow it is decoded much as without. Nothing is delayed by it, since where it is said is told from
    /// what was heard so far. Lost frames are passed over as long as they last.
    ///
    /// - Throws: `ModelError.readsNoText` if there is a text and the model has no use for it (`Model.readsText`).
    public mutating func setTranscript(_ text: String?) throws(ModelError) {
        guard let text else {
            network.text?.guide = nil
            return
        }
        guard let path = model.decoder.text else { throw .readsNoText }
        let guide = TextSymbols(text).values.isEmpty ? nil : path.guide(text)
        if guide != nil, network.text == nil { network.text = TextPath.State(listener: path.listener.initialState()) }
        network.text?.guide = guide
    }

    /// The share of the letters heard since the transcript was given that it accounts for, 0 to 1; nil without a
    /// transcript or with one that holds no letters.
    public var transcriptMatch: Double? { network.text?.guide?.match }

    private mutating func synthesize(_ latents: Matrix, isLost: [Bool]) -> [Float] {
        model.decoder.forward(latents, isLost: isLost, state: &network)
        let columns = network.output.filters.columns
        let bins = columns / 3
        let size = model.configuration.frameSize
        var audio: [Float] = []
        audio.reserveCapacity(latents.rows * size)
        for row in 0..<network.output.filters.rows {
            let filters = network.output.filters.row(row)
            let first = filters.startIndex
            synthesis.next(
                SourceFilter.Frame(
                    frequency: model.configuration.features.pitch.frequency(feature: network.output.pitch[row, 0]),
                    pulseLogGain: filters[first..<first + bins],
                    pulsePhase: filters[first + bins..<first + 2 * bins],
                    noiseLogGain: filters[first + 2 * bins..<first + columns]), appendingTo: &audio)
        }
        for (frame, lost) in isLost.enumerated() {
            concealment.apply(isLost: lost, to: &audio, in: frame * size..<(frame + 1) * size)
        }
        return audio
    }
}
