// SPDX-License-Identifier: Apache-2.0

/// Raw samples as pipes carry them: interleaved channels, little-endian.
public enum PCMFormat: String, Sendable, CaseIterable {
    /// 16-bit integers.
    case s16le
    /// 32-bit floating point, full scale at ±1.
    case f32le

    public var bytesPerSample: Int { self == .s16le ? 2 : 4 }

    /// Rounded, and clipped to what 16 bits hold; zero if it is not a number.
    static func int16(_ sample: Float) -> Int16 {
        sample.isNaN ? 0 : Int16(min(max((sample * 32768).rounded(), -32768), 32767))
    }
}

/// Bytes in any chunking → mono samples.
public struct PCMDecoder: Sendable {
    private let format: PCMFormat
    private let channels: Int
    private var pending: [UInt8] = []

    /// Bytes of a sample that has not come whole.
    public var danglingBytes: Int { pending.count }

    public init(format: PCMFormat, channels: Int) throws(AudioFileError) {
        guard (1...64).contains(channels) else { throw .unsupportedChannels(channels) }
        self.format = format
        self.channels = channels
    }

    /// The mean of the channels of each whole sample; what is not finite counts as zero.
    public mutating func push(_ bytes: [UInt8]) -> [Float] {
        pending += bytes
        let width = format.bytesPerSample
        let count = pending.count / (width * channels)
        let samples = pending.withUnsafeBytes { bytes in
            (0..<count).map { frame in
                var sum: Float = 0
                for channel in 0..<channels {
                    let offset = (frame * channels + channel) * width
                    switch format {
                    case .s16le:
                        let raw = bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self)
                        sum += Float(Int16(littleEndian: raw)) / 32768
                    case .f32le:
                        let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                        let sample = Float(bitPattern: UInt32(littleEndian: raw))
                        sum += sample.isFinite ? sample : 0
                    }
                }
                return sum / Float(channels)
            }
        }
        pending.removeFirst(count * width * channels)
        return samples
    }
}

/// Mono samples → bytes, the same in every channel.
public struct PCMEncoder: Sendable {
    private let format: PCMFormat
    private let channels: Int

    public init(format: PCMFormat, channels: Int) throws(AudioFileError) {
        guard (1...64).contains(channels) else { throw .unsupportedChannels(channels) }
        self.format = format
        self.channels = channels
    }

    public func encode(_ samples: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * channels * format.bytesPerSample)
        for sample in samples {
            for _ in 0..<channels {
                switch format {
                case .s16le:
                    append(UInt32(UInt16(bitPattern: PCMFormat.int16(sample))), to: &bytes)
                case .f32le:
                    append(sample.bitPattern, to: &bytes)
                }
            }
        }
        return bytes
    }

    /// The low bytes of a sample, lowest first.
    private func append(_ bits: UInt32, to bytes: inout [UInt8]) {
        for byte in 0..<format.bytesPerSample { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
}
