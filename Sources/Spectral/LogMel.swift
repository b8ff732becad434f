// SPDX-License-Identifier: Apache-2.0

/// Natural logarithm of mel magnitudes, one vector every hop, from a Hann window that looks only back.
public struct LogMel: Sendable {
    private let filterbank: MelFilterbank
    private let floor: Float
    private var shortTime: ShortTimeSpectrum
    private var magnitudes: [Float]
    private var mel: [Float]

    public init(filterbank: MelFilterbank, fft: RealFFT, hop: Int, floor: Float) {
        self.filterbank = filterbank
        self.floor = floor
        shortTime = ShortTimeSpectrum(fft: fft, hop: hop)
        magnitudes = [Float](repeating: 0, count: fft.size / 2 + 1)
        mel = [Float](repeating: 0, count: filterbank.bands)
    }

    /// The next hop's samples → ln mel [bands], which stays until the next call.
    public mutating func advance(_ samples: ArraySlice<Float>) -> [Float] {
        shortTime.advance(samples)
        for bin in magnitudes.indices {
            let (real, imaginary) = (shortTime.spectrum[2 * bin], shortTime.spectrum[2 * bin + 1])
            magnitudes[bin] = (real * real + imaginary * imaginary).squareRoot()
        }
        filterbank.apply(magnitudes, into: &mel)
        for band in mel.indices { mel[band] = Float(preciseLog(Double(max(mel[band], floor)))) }
        return mel
    }
}
