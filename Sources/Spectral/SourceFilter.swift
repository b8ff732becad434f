// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Makes a waveform from pulses and noise, each filtered in the frequency domain, frame by frame.
///
/// A pulse train carries the periodicity of the voice and its phase, so that a network need only say how each
/// frequency is to be scaled and turned (source–filter model; Fant 1960).
public struct SourceFilter: Sendable {
    /// What one frame is made of; the spectra have window / 2 + 1 bins.
    public struct Frame {
        public var frequency: Double
        public var pulseLogGain: ArraySlice<Float>
        public var pulsePhase: ArraySlice<Float>
        public var noiseLogGain: ArraySlice<Float>
        /// What all of the frame is multiplied by. Where it changes, the overlapping windows fade from one to the other.
        public var gain: Float

        public init(
            frequency: Double, pulseLogGain: ArraySlice<Float>, pulsePhase: ArraySlice<Float>,
            noiseLogGain: ArraySlice<Float>, gain: Float = 1
        ) {
            self.frequency = frequency
            self.pulseLogGain = pulseLogGain
            self.pulsePhase = pulsePhase
            self.noiseLogGain = noiseLogGain
            self.gain = gain
        }
    }

    private let fft: RealFFT
    private let hop: Int
    private let gains: sotto_gain_range
    private var pulses: HarmonicSource
    private var noise = NoiseSource()
    private var pulseSpectrum: ShortTimeSpectrum
    private var noiseSpectrum: ShortTimeSpectrum
    private var sum: OverlapAdd
    private var spectrum: [Float]
    private var signal: [Float]
    private var source: [Float] = []

    /// Samples by which the output lags the end of the newest frame.
    public var delay: Int { fft.size - hop }

    /// The window has the size of `fft`. Gains outside of `logGains` (natural logarithm), or of −87 … 87, are clamped.
    public init(fft: RealFFT, sampleRate: Int, hop: Int, sourceHigh: Double, logGains: ClosedRange<Float>) {
        self.fft = fft
        self.hop = hop
        gains = sotto_gain_range(low: max(logGains.lowerBound, -87), high: min(logGains.upperBound, 87))
        pulses = HarmonicSource(sampleRate: sampleRate, hop: hop, high: sourceHigh)
        pulseSpectrum = ShortTimeSpectrum(fft: fft, hop: hop)
        noiseSpectrum = pulseSpectrum
        sum = OverlapAdd(window: Window.hann(fft.size), hop: hop)
        spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        signal = [Float](repeating: 0, count: fft.size)
    }

    /// Appends to `output` the next hop's samples, made of one frame.
    public mutating func next(_ frame: Frame, appendingTo output: inout [Float]) {
        pulses.next(frequency: frame.frequency, into: &source)
        pulseSpectrum.advance(source[...])
        noise.next(hop, into: &source)
        noiseSpectrum.advance(source[...])
        filter(frame)
        fft.inverse(&spectrum, into: &signal)
        if frame.gain != 1 {
            for i in signal.indices { signal[i] *= frame.gain }
        }
        sum.add(signal, appendingTo: &output)
    }

    /// Sources → `spectrum`.
    private mutating func filter(_ frame: Frame) {
        let bins = fft.size / 2 + 1
        precondition(
            frame.pulseLogGain.count == bins && frame.pulsePhase.count == bins && frame.noiseLogGain.count == bins)
        frame.pulseLogGain.withUnsafeBufferPointer { gain in
            frame.pulsePhase.withUnsafeBufferPointer { phase in
                frame.noiseLogGain.withUnsafeBufferPointer { noiseGain in
                    sotto_filter(
                        instructionsInUse, gains, gain.baseAddress, phase.baseAddress, noiseGain.baseAddress,
                        pulseSpectrum.spectrum, noiseSpectrum.spectrum, bins, &spectrum)
                }
            }
        }
    }
}
