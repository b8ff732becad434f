// SPDX-License-Identifier: Apache-2.0

/// The short-time Fourier transform of a stream: Hann-windowed frames that look only back, one every hop.
public struct ShortTimeSpectrum: Sendable {
    private let fft: RealFFT
    private let window: [Float]
    private var framer: Framer
    private var windowed: [Float]
    /// Of the newest frame: interleaved real and imaginary parts, [window + 2].
    public private(set) var spectrum: [Float]

    /// The window has the size of `fft`.
    public init(fft: RealFFT, hop: Int) {
        self.fft = fft
        window = Window.hann(fft.size)
        framer = Framer(window: fft.size, hop: hop)
        windowed = [Float](repeating: 0, count: fft.size)
        spectrum = [Float](repeating: 0, count: fft.spectrumCount)
    }

    /// Moves on by one hop; `samples` holds exactly the hop's new samples.
    public mutating func advance(_ samples: ArraySlice<Float>) {
        framer.advance(samples)
        for i in windowed.indices { windowed[i] = framer.frame[i] * window[i] }
        fft.forward(&windowed, into: &spectrum)
    }
}
