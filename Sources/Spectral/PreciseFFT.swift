// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Fourier transforms of real signals of one size in double precision. What two libraries make of a signal then differs so
/// little that it is the same number once it is rounded to single precision.
///
/// Spectra are interleaved: real and imaginary part of bins 0 … size / 2, so `size + 2` values. All buffers come from
/// a `ValuePool`. Immutable, shared by all streams.
package protocol PreciseFFT: Sendable {
    var size: Int { get }

    /// Transforms `signal` [size] into `spectrum` [size + 2]. What `signal` holds afterwards is undefined.
    func forward(_ signal: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>)

    /// Transforms `spectrum` [size + 2] back into `signal` [size], scaled so that it undoes `forward`. What `spectrum` holds
    /// afterwards is undefined.
    func inverse(_ spectrum: UnsafeMutablePointer<Double>, into signal: UnsafeMutablePointer<Double>)
}

/// FFTW's, or without the package's trait `FFTW` our own.
package func makePreciseFFT(size: Int) -> any PreciseFFT {
    #if FFTW
        PreciseFFTW(size: size)
    #else
        OwnPreciseFFT(size: size)
    #endif
}

/// Our own: see `OwnFFT`.
package final class OwnPreciseFFT: PreciseFFT {
    package let size: Int
    private let tables: FFTTables

    package init(size: Int) {
        self.size = size
        tables = FFTTables(size: size)
    }

    package func forward(_ signal: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>) {
        tables.work.withValues { sotto_fft_forward_double(tables.pointer, signal, spectrum, $0) }
    }

    package func inverse(_ spectrum: UnsafeMutablePointer<Double>, into signal: UnsafeMutablePointer<Double>) {
        tables.work.withValues { sotto_fft_inverse_double(tables.pointer, spectrum, signal, $0) }
    }
}

#if FFTW
    import CFFTW
    import Synchronization

    /// FFTW's, with plans that are made without timing: see `RealFFT`.
    package final class PreciseFFTW: PreciseFFT {
        package let size: Int
        nonisolated(unsafe) private let forwardPlan: fftw_plan?
        nonisolated(unsafe) private let inversePlan: fftw_plan?

        package init(size: Int) {
            precondition(size > 1 && size % 2 == 0, "an FFT needs a positive even size")
            self.size = size
            (forwardPlan, inversePlan) = fftwPlanner.withLock { _ in
                ValuePool(count: size).withValues { signal in
                    ValuePool(count: size + 2).withValues { spectrum in
                        let (count, flags) = (Int32(size), UInt32(FFTW_ESTIMATE) | UInt32(FFTW_DESTROY_INPUT))
                        return (
                            fftw_plan_dft_r2c_1d(count, signal, Self.bins(spectrum), flags),
                            fftw_plan_dft_c2r_1d(count, Self.bins(spectrum), signal, flags)
                        )
                    }
                }
            }
        }

        deinit {
            fftwPlanner.withLock { _ in
                fftw_destroy_plan(forwardPlan)
                fftw_destroy_plan(inversePlan)
            }
        }

        package func forward(_ signal: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>) {
            fftw_execute_dft_r2c(forwardPlan, signal, Self.bins(spectrum))
        }

        package func inverse(_ spectrum: UnsafeMutablePointer<Double>, into signal: UnsafeMutablePointer<Double>) {
            fftw_execute_dft_c2r(inversePlan, Self.bins(spectrum), signal)
            let scale = 1 / Double(size)
            for i in 0..<size { signal[i] *= scale }
        }

        private static func bins(_ spectrum: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<fftw_complex> {
            UnsafeMutableRawPointer(spectrum).assumingMemoryBound(to: fftw_complex.self)
        }
    }
#endif
