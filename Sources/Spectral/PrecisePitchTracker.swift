// SPDX-License-Identifier: Apache-2.0

/// `PitchTracker` in double precision, of a transform that is no longer than the lags need.
package struct PrecisePitchTracker: Sendable {
    /// What all streams share.
    package struct Tables: Sendable {
        let settings: PitchSettings
        let sampleRate: Int
        let fft: any PreciseFFT
        let window: [Double]
        /// 1 over the autocorrelation of the window, which is 1 at lag 0, for each lag that is looked at.
        let correction: [Double]
        let (signals, spectra): (ValuePool, ValuePool)

        /// `fft` has as many points as `size` says.
        package init(settings: PitchSettings, sampleRate: Int, fft: any PreciseFFT) {
            precondition(fft.size >= Self.size(settings, sampleRate: sampleRate))
            (self.settings, self.sampleRate, self.fft) = (settings, sampleRate, fft)
            let window = Window.preciseHann(settings.window)
            var correlation = [Double](
                repeating: 0, count: PitchSearch.longestLag(settings, sampleRate: sampleRate) + 1)
            let (signals, spectra) = (ValuePool(count: fft.size), ValuePool(count: fft.size + 2))
            signals.withValues { signal in
                for i in 0..<fft.size { signal[i] = i < window.count ? window[i] : 0 }
                autocorrelate(signal, by: fft, through: spectra)
                for lag in correlation.indices { correlation[lag] = signal[lag] }
            }
            (self.window, self.signals, self.spectra) = (window, signals, spectra)
            correction = correlation.map { correlation[0] / $0 }
        }

        /// Points of the transform: those of the window and of the longest lag, so that nothing of either end reaches the other, and up
        /// to the next number for which a transform is fast.
        package static func size(_ settings: PitchSettings, sampleRate: Int) -> Int {
            let needed = settings.window + PitchSearch.longestLag(settings, sampleRate: sampleRate)
            return [2, 6, 10].map { base in
                var size = base
                while size < needed { size *= 2 }
                return size
            }.min() ?? needed
        }
    }

    private let tables: Tables
    private var framer: Framer
    private var correlation: [Double]
    private var search: PitchSearch

    package init(_ tables: Tables, hop: Int) {
        self.tables = tables
        framer = Framer(window: tables.window.count, hop: hop)
        correlation = tables.correction
        search = PitchSearch(settings: tables.settings, sampleRate: tables.sampleRate)
    }

    /// The next hop's samples → the pitch of the frame that they complete; `logF0`, in ln Hz, keeps its last value where there is no
    /// voice.
    package mutating func advance(_ samples: ArraySlice<Float>) -> (logF0: Double, isVoiced: Bool) {
        framer.advance(samples)
        let tables = tables
        let level = framer.frame.withUnsafeBufferPointer { frame in
            var (sum, energy) = (0.0, 0.0)
            for sample in frame { sum += Double(sample) }
            let mean = sum / Double(frame.count)
            tables.signals.withValues { signal in
                for i in 0..<frame.count {
                    let centred = Double(frame[i]) - mean
                    energy += centred * centred
                    signal[i] = centred * tables.window[i]
                }
                for i in frame.count..<tables.fft.size { signal[i] = 0 }
                autocorrelate(signal, by: tables.fft, through: tables.spectra)
                let scale = 1 / max(signal[0], 1e-12)
                for lag in correlation.indices { correlation[lag] = signal[lag] * scale * tables.correction[lag] }
            }
            return (energy / Double(frame.count)).squareRoot()
        }
        return search.advance(correlation, level: level)
    }
}

/// Replaces a signal by its autocorrelation.
private func autocorrelate(
    _ signal: UnsafeMutablePointer<Double>, by fft: any PreciseFFT, through spectra: ValuePool
) {
    spectra.withValues { spectrum in
        fft.forward(signal, into: spectrum)
        // Powers are real and the same on both sides of zero: forwards or backwards, their transform is the same.
        let (size, scale) = (fft.size, 1 / Double(fft.size))
        for bin in 0...size / 2 {
            let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
            let power = (real * real + imaginary * imaginary) * scale
            signal[bin] = power
            if bin > 0 { signal[size - bin] = power }
        }
        fft.forward(signal, into: spectrum)
        for lag in 0...size / 2 {
            signal[lag] = spectrum[2 * lag]
            if lag > 0 { signal[size - lag] = spectrum[2 * lag] }
        }
    }
}
