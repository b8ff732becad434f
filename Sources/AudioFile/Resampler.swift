// SPDX-License-Identifier: Apache-2.0

import CSoxr
import Foundation
import SystemIO

/// Converts the sample rate of a mono stream with libsoxr's high quality, aligned in time with its input.
public struct Resampler: ~Copyable {
    private let ratio: Double
    /// nil when there is nothing to convert.
    private let converter: OpaquePointer?
    private var taken = 0
    private var given = 0

    /// - Throws: `AudioFileError` for rates out of range.
    public init(from input: Int, to output: Int) throws(AudioFileError) {
        for rate in [input, output] where !supportedSampleRates.contains(rate) { throw .unsupportedRate(rate) }
        let converter = input == output ? nil : try Self.makeConverter(from: input, to: output)
        self.converter = converter
        ratio = Double(output) / Double(input)
    }

    deinit { soxr_delete(converter) }

    /// The next samples → those that they complete at the other rate.
    public mutating func process(_ samples: [Float]) throws(AudioFileError) -> [Float] {
        taken += samples.count
        guard converter != nil else { return samples }
        let converted = try run(samples, room: Int(Double(samples.count) * ratio) + 64)
        given += converted.count
        return converted
    }

    /// The end of the stream, so that as much came out as went in: round(count · to / from) samples.
    public mutating func finish() throws(AudioFileError) -> [Float] {
        guard converter != nil else { return [] }
        let missing = Int((Double(taken) * ratio).rounded()) - given
        var rest: [Float] = []
        while rest.count < missing {
            let more = try run(nil, room: 4096)
            if more.isEmpty { break }
            rest += more
        }
        rest = Array(rest.prefix(max(0, missing)))
        return rest + [Float](repeating: 0, count: max(0, missing - rest.count))
    }

    private static func makeConverter(from input: Int, to output: Int) throws(AudioFileError) -> OpaquePointer? {
        var failure: soxr_error_t?
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var threads = soxr_runtime_spec(1)
        let converter = soxr_create(Double(input), Double(output), 1, &failure, &format, &quality, &threads)
        if let failure { throw .resampler(String(cString: failure)) }
        return converter
    }

    /// No samples end the stream.
    private func run(_ samples: [Float]?, room: Int) throws(AudioFileError) -> [Float] {
        var output = [Float](repeating: 0, count: room)
        var (used, total) = (0, 0)
        let count = samples?.count ?? 0
        repeat {
            var (consumed, made) = (0, 0)
            if total == output.count { output += [Float](repeating: 0, count: room) }
            let failure = output.withUnsafeMutableBufferPointer { output in
                let place = output.baseAddress.map { $0 + total }
                guard let samples else { return soxr_process(converter, nil, 0, nil, place, room - total, &made) }
                return samples.withUnsafeBufferPointer { input in
                    soxr_process(
                        converter, input.baseAddress.map { $0 + used }, count - used, &consumed, place,
                        output.count - total, &made)
                }
            }
            if let failure { throw .resampler(String(cString: failure)) }
            used += consumed
            total += made
        } while used < count
        return Array(output[..<total])
    }
}
