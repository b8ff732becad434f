// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What every stream's `PreciseMel` shares: transform, window and filters of `MelFilterbank`, in double precision.
package struct PreciseMelTables: Sendable {
    let fft: any PreciseFFT
    let window: [Double]
    let filters: [(first: Int, weights: [Double])]
    let (signals, spectra): (ValuePool, ValuePool)
    package var bands: Int { filters.count }

    /// The window has the size of `fft`.
    package init(fft: any PreciseFFT, sampleRate: Int, bands: Int, low: Double, high: Double) {
        self.fft = fft
        window = Window.preciseHann(fft.size)
        (signals, spectra) = (ValuePool(count: fft.size), ValuePool(count: fft.size + 2))
        filters = MelFilterbank.filters(
            sampleRate: sampleRate, fftSize: fft.size, bands: bands, low: low, high: high)
    }
}

/// Mel magnitudes in double precision, one vector every hop, from a Hann window that looks only back.
package struct PreciseMel: Sendable {
    private let tables: PreciseMelTables
    private var framer: Framer

    package init(_ tables: PreciseMelTables, hop: Int) {
        self.tables = tables
        framer = Framer(window: tables.window.count, hop: hop)
    }

    /// The next hop's samples; appends their mel magnitudes [bands] to `mel`.
    package mutating func advance(_ samples: ArraySlice<Float>, appendingTo mel: inout [Double]) {
        framer.advance(samples)
        let (tables, size) = (tables, tables.window.count)
        tables.spectra.withValues { spectrum in
            tables.signals.withValues { windowed in
                framer.frame.withUnsafeBufferPointer { frame in
                    tables.window.withUnsafeBufferPointer { window in
                        for i in 0..<size { windowed[i] = Double(frame[i]) * window[i] }
                    }
                }
                tables.fft.forward(windowed, into: spectrum)
            }
            // In place: bin k is read before what takes its room is written.
            for bin in 0...size / 2 {
                let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
                spectrum[bin] = (real * real + imaginary * imaginary).squareRoot()
            }
            for filter in tables.filters {
                var sum = 0.0
                for (offset, weight) in filter.weights.enumerated() { sum += weight * spectrum[filter.first + offset] }
                mel.append(sum)
            }
        }
    }
}

/// The natural logarithm of a positive number, with the same bits everywhere.
package func preciseLog(_ x: Double) -> Double { sotto_log_double(x) }

/// e to the power of `x`, with the same bits everywhere; what is beyond −700 … 700 counts as that, and what is no number as −700.
package func preciseExp(_ x: Double) -> Double { sotto_exp_double(x > -700 ? min(x, 700) : -700) }

/// The factor of the amplitude that so many dB are, −6000 to 6000, with the same bits everywhere; 1 of 0.
package func preciseGain(decibels: Double) -> Double { sotto_exp_double(decibels * 0.115129254649702284) }
