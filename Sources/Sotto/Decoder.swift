// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer
import Spectral

/// Tokens → speech, live.
///
/// A value that owns the whole state of one stream: a copy goes on independently, a fresh one is a reset. Each frame
/// gives `frameSize` samples, which lag what was encoded by `Configuration.delay`; see `AlignedDecoder` for files.
public struct Decoder: Sendable {
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
        latent = try model.quantizer.decode(codes)
        return concealment.apply(isLost: false, to: synthesize())
    }

    /// Stands in for a frame that never came: the last one goes on, and fades after 120 ms. [frameSize] samples.
    public mutating func pushLost() -> [Float] {
        concealment.apply(isLost: true, to: synthesize())
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
        let audio = (0..<c.decoder.upsample).flatMap { _ in synthesis.next(frame) }
        return concealment.apply(isLost: false, to: audio)
    }

    private mutating func synthesize() -> [Float] {
        let output = model.decoder.forward(latent, state: &network)
        let bins = output.filters.columns / 3
        var audio: [Float] = []
        audio.reserveCapacity(model.configuration.frameSize)
        for (row, pitch) in output.pitch.enumerated() {
            let filters = output.filters.values
            let first = row * output.filters.columns
            audio += synthesis.next(
                SourceFilter.Frame(
                    frequency: model.configuration.features.pitch.frequency(feature: pitch),
                    pulseLogGain: filters[first..<first + bins],
                    pulsePhase: filters[first + bins..<first + 2 * bins],
                    noiseLogGain: filters[first + 2 * bins..<first + 3 * bins]))
        }
        return audio
    }
}
