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
}

#if FFTW
    import CFFTW
    import Synchronization

    /// FFTW's, with a plan that is made without timing: see `RealFFT`.
    package final class PreciseFFTW: PreciseFFT {
        package let size: Int
        nonisolated(unsafe) private let plan: fftw_plan?

        package init(size: Int) {
            precondition(size > 1 && size % 2 == 0, "an FFT needs a positive even size")
            self.size = size
            plan = fftwPlanner.withLock { _ in
                ValuePool(count: size).withValues { signal in
                    ValuePool(count: size + 2).withValues { spectrum in
                        fftw_plan_dft_r2c_1d(
                            Int32(size), signal, Self.bins(spectrum),
                            UInt32(FFTW_ESTIMATE) | UInt32(FFTW_DESTROY_INPUT))
                    }
                }
            }
        }

        deinit { fftwPlanner.withLock { _ in fftw_destroy_plan(plan) } }

        package func forward(_ signal: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>) {
            fftw_execute_dft_r2c(plan, signal, Self.bins(spectrum))
        }

        private static func bins(_ spectrum: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<fftw_complex> {
            UnsafeMutableRawPointer(spectrum).assumingMemoryBound(to: fftw_complex.self)
        }
    }
#endif
