// SPDX-License-Identifier: Apache-2.0

#if FFTW
    import CFFTW
    import Synchronization

    /// Whoever makes plans or drops them waits for the others (FFTW manual, "Thread safety").
    let fftwPlanner = Mutex<Void>(())

    /// Fourier transforms of real signals of one size, through FFTW in single precision.
    ///
    /// Spectra are interleaved: real and imaginary part of bins 0 … size / 2, so `size + 2` values.
    /// The plans are immutable and shared by all streams.
    /// They are made with `FFTW_ESTIMATE`: plans chosen by timing round differently from run to run, and tokens must not.
    public final class RealFFT: Sendable {
        public let size: Int
        public var spectrumCount: Int { size + 2 }

        nonisolated(unsafe) private let forwardPlan: fftwf_plan?
        nonisolated(unsafe) private let inversePlan: fftwf_plan?

        public init(size: Int) {
            precondition(size > 1 && size % 2 == 0, "an FFT needs a positive even size")
            self.size = size
            var signal = [Float](repeating: 0, count: size)
            var spectrum = [Float](repeating: 0, count: size + 2)
            // The arrays given at execution are any Swift arrays, so the plans may not assume SIMD alignment.
            let flags = UInt32(FFTW_ESTIMATE) | UInt32(FFTW_UNALIGNED)
            (forwardPlan, inversePlan) = fftwPlanner.withLock { _ in
                signal.withUnsafeMutableBufferPointer { signal in
                    spectrum.withUnsafeMutableBytes { spectrum in
                        let bins = spectrum.baseAddress?.assumingMemoryBound(to: fftwf_complex.self)
                        return (
                            fftwf_plan_dft_r2c_1d(Int32(size), signal.baseAddress, bins, flags),
                            fftwf_plan_dft_c2r_1d(Int32(size), bins, signal.baseAddress, flags)
                        )
                    }
                }
            }
        }

        deinit {
            fftwPlanner.withLock { _ in
                fftwf_destroy_plan(forwardPlan)
                fftwf_destroy_plan(inversePlan)
            }
        }

        /// Transforms `signal` [size] into `spectrum` [size + 2].
        public func forward(_ signal: inout [Float], into spectrum: inout [Float]) {
            precondition(signal.count == size && spectrum.count == size + 2)
            signal.withUnsafeMutableBufferPointer { signal in
                spectrum.withUnsafeMutableBytes { spectrum in
                    fftwf_execute_dft_r2c(
                        forwardPlan, signal.baseAddress,
                        spectrum.baseAddress?.assumingMemoryBound(to: fftwf_complex.self))
                }
            }
        }

        /// Transforms `spectrum` [size + 2] back into `signal` [size], scaled so that it undoes `forward`.
        /// What `spectrum` holds afterwards is undefined: FFTW works in it.
        public func inverse(_ spectrum: inout [Float], into signal: inout [Float]) {
            precondition(signal.count == size && spectrum.count == size + 2)
            signal.withUnsafeMutableBufferPointer { signal in
                spectrum.withUnsafeMutableBytes { spectrum in
                    fftwf_execute_dft_c2r(
                        inversePlan, spectrum.baseAddress?.assumingMemoryBound(to: fftwf_complex.self),
                        signal.baseAddress)
                }
            }
            let scale = 1 / Float(size)
            for i in signal.indices { signal[i] *= scale }
        }
    }
#else
    /// The package is built without its trait `FFTW`.
    public typealias RealFFT = OwnFFT
#endif
