// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Fourier transforms of real signals of one size, of our own: computed in double precision and rounded once, so that they are as
/// near to the definition as single precision tells. FFTW is about twice as fast and passes its licence on to binaries.
///
/// Spectra are interleaved: real and imaginary part of bins 0 … size / 2, so `size + 2` values. Shared by all streams.
public final class OwnFFT: Sendable {
    public let size: Int
    public var spectrumCount: Int { size + 2 }

    private let tables: FFTTables

    public init(size: Int) {
        self.size = size
        tables = FFTTables(size: size)
    }

    /// Transforms `signal` [size] into `spectrum` [size + 2].
    public func forward(_ signal: inout [Float], into spectrum: inout [Float]) {
        precondition(signal.count == size && spectrum.count == size + 2)
        tables.work.withValues { work in
            sotto_fft_forward(tables.pointer, signal, &spectrum, work)
        }
    }

    /// Transforms `spectrum` [size + 2] back into `signal` [size], scaled so that it undoes `forward`.
    public func inverse(_ spectrum: inout [Float], into signal: inout [Float]) {
        precondition(signal.count == size && spectrum.count == size + 2)
        tables.work.withValues { work in
            sotto_fft_inverse(tables.pointer, spectrum, &signal, work)
        }
    }
}

/// What our own transforms of one size are computed with, in single and in double precision alike.
final class FFTTables: Sendable {
    // Nobody writes to the tables.
    nonisolated(unsafe) let pointer: OpaquePointer
    private nonisolated(unsafe) let room: UnsafeMutableRawPointer
    /// [2 · size]
    let work: ValuePool

    init(size: Int) {
        precondition(size > 1 && size % 2 == 0, "an FFT needs a positive even size")
        room = .allocate(byteCount: sotto_fft_room(size), alignment: 64)
        pointer = sotto_fft_prepare(room, size)
        work = ValuePool(count: 2 * size)
    }

    deinit { room.deallocate() }
}
