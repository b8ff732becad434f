// SPDX-License-Identifier: Apache-2.0

/// Causal pitch: candidates from the autocorrelation divided by that of the window (Boersma 1993, eq. 9), joined by a
/// Viterbi search that decides at once, without looking ahead.
public struct PitchTracker: Sendable {
    /// The pitch of one frame; `logF0`, in ln Hz, keeps its last value where there is no voice.
    public struct Pitch: Sendable, Equatable {
        public var logF0: Float
        public var isVoiced: Bool
    }

    private let fft: RealFFT
    private let window: [Float]
    /// Autocorrelation of the window over that at lag 0, for each lag that is looked at.
    private let windowCorrelation: [Double]

    private var framer: Framer
    private var padded: [Float]
    private var spectrum: [Float]
    private var correlation: [Double]
    private var search: PitchSearch

    /// `fft` must have the size that the settings name.
    public init(settings: PitchSettings, sampleRate: Int, hop: Int, fft: RealFFT) {
        precondition(fft.size == settings.fft && settings.fft >= settings.window * 2)
        self.fft = fft
        window = Window.hann(settings.window)
        framer = Framer(window: settings.window, hop: hop)
        padded = [Float](repeating: 0, count: fft.size)
        spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        search = PitchSearch(settings: settings, sampleRate: sampleRate)
        padded.replaceSubrange(0..<window.count, with: window)
        Self.autocorrelate(&padded, through: &spectrum, fft: fft)
        let atZero = Double(padded[0])
        let longest = PitchSearch.longestLag(settings, sampleRate: sampleRate)
        windowCorrelation = padded[0...longest].map { Double($0) / atZero }
        correlation = windowCorrelation
    }

    /// The next hop's samples → the pitch of the frame that they complete.
    public mutating func advance(_ samples: ArraySlice<Float>) -> Pitch {
        framer.advance(samples)
        var sum = 0.0
        for sample in framer.frame { sum += Double(sample) }
        let mean = sum / Double(framer.frame.count)
        var energy = 0.0
        for (i, sample) in framer.frame.enumerated() {
            let centred = Double(sample) - mean
            energy += centred * centred
            padded[i] = Float(centred) * window[i]
        }
        for i in framer.frame.count..<padded.count { padded[i] = 0 }
        Self.autocorrelate(&padded, through: &spectrum, fft: fft)
        let atZero = max(Double(padded[0]), 1e-12)
        for lag in correlation.indices { correlation[lag] = Double(padded[lag]) / atZero / windowCorrelation[lag] }
        let found = search.advance(correlation, level: (energy / Double(framer.frame.count)).squareRoot())
        return Pitch(logF0: Float(found.logF0), isVoiced: found.isVoiced)
    }

    private static func autocorrelate(_ signal: inout [Float], through spectrum: inout [Float], fft: RealFFT) {
        fft.forward(&signal, into: &spectrum)
        for bin in 0...fft.size / 2 {
            let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
            spectrum[2 * bin] = real * real + imaginary * imaginary
            spectrum[2 * bin + 1] = 0
        }
        fft.inverse(&spectrum, into: &signal)
    }
}
