// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// Short-time objective intelligibility of degraded speech, about 0 … 1.
///
/// STOI: Taal, Hendriks, Heusdens, Jensen, "An Algorithm for Intelligibility Prediction of Time-Frequency Weighted
/// Noisy Speech", 2011. ESTOI: Jensen, Taal, "An Algorithm for Predicting the Intelligibility of Speech Masked by
/// Modulated Noise Maskers", 2016. Both work at 10 kHz on frames of 25.6 ms in 15 third-octave bands from 150 Hz.
public struct Intelligibility: Sendable {
    public var stoi: Double
    public var estoi: Double

    private static let rate = 10_000
    private static let frame = 256
    private static let hop = 128
    private static let fftSize = 512
    private static let bands = 15
    /// Frames that are compared at once: 384 ms.
    private static let segment = 30
    /// Frames this many dB under the loudest one are silence.
    private static let dynamicRange = 40.0
    /// −15 dB: the lower bound of the signal-to-distortion ratio of a band.
    private static let clip = 1 + pow(10, 15.0 / 20)

    /// - Parameters: signals of one length, already aligned.
    /// - Returns: nil if there are fewer than 30 frames of speech to compare.
    public init?(reference: [Float], degraded: [Float], sampleRate: Int) {
        let resampler = PolyphaseResampler(from: sampleRate, to: Self.rate)
        let count = min(reference.count, degraded.count)
        let (x, y) = Self.withoutSilence(
            resampler.process(Array(reference.prefix(count))), resampler.process(Array(degraded.prefix(count))))
        let fft = RealFFT(size: Self.fftSize)
        let (a, b) = (Self.bandMagnitudes(x, fft), Self.bandMagnitudes(y, fft))
        guard a.count >= Self.segment else { return nil }
        let segments = (Self.segment...a.count).map { end in
            (Self.transposed(a[end - Self.segment..<end]), Self.transposed(b[end - Self.segment..<end]))
        }
        stoi = segments.map { Self.correlation($0, $1) }.mean ?? 0
        estoi = segments.map { Self.extendedCorrelation($0, $1) }.mean ?? 0
    }

    private static let window = (1...frame).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frame + 1)) }

    /// Windowed frames; the last one that would fit exactly is left out, as in the authors' code.
    private static func frames(_ signal: [Double]) -> [[Double]] {
        stride(from: 0, to: signal.count - frame, by: hop).map { start in
            (0..<frame).map { signal[start + $0] * window[$0] }
        }
    }

    private static func withoutSilence(_ x: [Double], _ y: [Double]) -> (x: [Double], y: [Double]) {
        let (xFrames, yFrames) = (frames(x), frames(y))
        let levels = xFrames.map { 20 * log10($0.reduce(0) { $0 + $1 * $1 }.squareRoot() + .ulpOfOne) }
        let loudest = levels.max() ?? 0
        let kept = levels.indices.filter { loudest - dynamicRange - levels[$0] < 0 }
        func join(_ frames: [[Double]]) -> [Double] {
            var signal = [Double](repeating: 0, count: kept.isEmpty ? 0 : (kept.count - 1) * hop + frame)
            for (place, index) in kept.enumerated() {
                for i in 0..<frame { signal[place * hop + i] += frames[index][i] }
            }
            return signal
        }
        return (join(xFrames), join(yFrames))
    }

    /// First and last-but-one bin of each band, from the bins nearest to its edges.
    private static let bandBins: [Range<Int>] = (0..<bands).map { band in
        let width = Double(rate) / Double(fftSize)
        let edges = [-1.0, 1.0].map { side in
            Int((150 * pow(2, (2 * Double(band) + side) / 6) / width).rounded(.toNearestOrAwayFromZero))
        }
        return edges[0]..<edges[1]
    }

    /// [frames][bands]
    private static func bandMagnitudes(_ signal: [Double], _ fft: RealFFT) -> [[Double]] {
        var padded = [Float](repeating: 0, count: fftSize)
        var spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        return frames(signal).map { frame in
            for i in frame.indices { padded[i] = Float(frame[i]) }
            fft.forward(&padded, into: &spectrum)
            return bandBins.map { bins in
                bins.reduce(0.0) { sum, bin in
                    let (real, imaginary) = (Double(spectrum[2 * bin]), Double(spectrum[2 * bin + 1]))
                    return sum + real * real + imaginary * imaginary
                }.squareRoot()
            }
        }
    }

    /// [frames][bands] → [bands][frames]
    private static func transposed(_ rows: ArraySlice<[Double]>) -> [[Double]] {
        (0..<bands).map { band in rows.map { $0[band] } }
    }

    private static func correlation(_ x: [[Double]], _ y: [[Double]]) -> Double {
        let each = zip(x, y).map { x, y in
            let scale = BLAS.norm(x) / (BLAS.norm(y) + .ulpOfOne)
            let clipped = zip(x, y).map { min($1 * scale, $0 * clip) }
            return BLAS.dot(normalized(x), normalized(clipped))
        }
        return each.mean ?? 0
    }

    private static func extendedCorrelation(_ x: [[Double]], _ y: [[Double]]) -> Double {
        func columns(_ rows: [[Double]]) -> [[Double]] {
            let rows = rows.map(normalized)
            return (0..<segment).map { column in normalized(rows.map { $0[column] }) }
        }
        return zip(columns(x), columns(y)).map(BLAS.dot).mean ?? 0
    }

    private static func normalized(_ values: [Double]) -> [Double] {
        let mean = values.mean ?? 0
        let centred = values.map { $0 - mean }
        let length = BLAS.norm(centred) + .ulpOfOne
        return centred.map { $0 / length }
    }
}
