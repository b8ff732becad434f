// SPDX-License-Identifier: Apache-2.0

/// Raw samples as pipes carry them: interleaved channels, little-endian.
public enum PCMFormat: String, Sendable, CaseIterable {
    /// 16-bit integers.
    case s16le
    /// 32-bit floating point, full scale at ±1.
    case f32le
    /// 8 bits of G.711, A-law.
    case alaw
    /// 8 bits of G.711, µ-law.
    case mulaw

    public var bytesPerSample: Int {
        switch self {
        case .s16le: 2
        case .f32le: 4
        case .alaw, .mulaw: 1
        }
    }

    fileprivate var law: G711? {
        switch self {
        case .s16le, .f32le: nil
        case .alaw: .alaw
        case .mulaw: .mulaw
        }
    }

    /// Rounded, and clipped to what 16 bits hold; zero if it is not a number.
    static func int16(_ sample: Float) -> Int16 {
        sample.isNaN ? 0 : Int16(min(max((sample * 32768).rounded(), -32768), 32767))
    }

    /// Whether 16 bits can't hold it.
    static func isClipped(_ sample: Float) -> Bool {
        let scaled = (sample * 32768).rounded()
        return scaled > 32767 || scaled < -32768
    }
}

/// Bytes in any chunking → mono samples.
public struct PCMDecoder: Sendable {
    private let format: PCMFormat
    private let channels: Int
    private var pending: [UInt8] = []
    private var mixer = ChannelMixer(channel: nil)
    private var head: [UInt8] = []
    /// What the bytes begin like if it is a file instead of raw samples, such as "WAV"; its header is taken for samples.
    public private(set) var container: String?

    /// Bytes of a sample that has not come whole.
    public var danglingBytes: Int { pending.count }

    /// What is odd about all samples so far, each one line.
    public func warnings(name: String) -> [String] {
        mixer.warnings(name: name) + (mixer.isCancelled ? ["the channels of \(name) cancel each other out"] : [])
    }

    public init(format: PCMFormat, channels: Int) throws(AudioFileError) {
        guard (1...64).contains(channels) else { throw .unsupportedChannels(channels) }
        self.format = format
        self.channels = channels
    }

    /// The average of the channels of each whole sample; what is not finite counts as zero.
    public mutating func push(_ bytes: [UInt8]) -> [Float] {
        lookAtStart(bytes)
        pending += bytes
        let width = format.bytesPerSample
        let count = pending.count / (width * channels) * channels
        let table = format.law?.samples ?? []
        let samples = pending.withUnsafeBytes { bytes in
            (0..<count).map { index -> Float in
                switch format {
                case .s16le:
                    let raw = bytes.loadUnaligned(fromByteOffset: index * width, as: Int16.self)
                    return Float(Int16(littleEndian: raw)) / 32768
                case .f32le:
                    let raw = bytes.loadUnaligned(fromByteOffset: index * width, as: UInt32.self)
                    return Float(bitPattern: UInt32(littleEndian: raw))
                case .alaw, .mulaw: return Float(table[Int(bytes[index])]) / 32768
                }
            }
        }
        pending.removeFirst(count * width)
        return mixer.mix(samples, channels: channels)
    }

    private mutating func lookAtStart(_ bytes: [UInt8]) {
        let wanted = 12
        guard head.count < wanted else { return }
        head += bytes.prefix(wanted - head.count)
        if head.count == wanted { container = AudioContainer.name(ofFileThatBegins: head) }
    }
}

/// Mono samples → bytes, the same in every channel.
public struct PCMEncoder: Sendable {
    private let format: PCMFormat
    private let channels: Int
    /// Samples so far that were too loud for the format, and are clipped.
    public private(set) var clipped = 0

    public init(format: PCMFormat, channels: Int) throws(AudioFileError) {
        guard (1...64).contains(channels) else { throw .unsupportedChannels(channels) }
        self.format = format
        self.channels = channels
    }

    public mutating func encode(_ samples: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * channels * format.bytesPerSample)
        let table = format.law?.codes ?? []
        for sample in samples {
            let bits: UInt32
            switch format {
            case .s16le: bits = UInt32(UInt16(bitPattern: PCMFormat.int16(sample)))
            case .f32le: bits = sample.bitPattern
            case .alaw, .mulaw: bits = UInt32(table[Int(PCMFormat.int16(sample)) + 32768])
            }
            if format != .f32le, PCMFormat.isClipped(sample) { clipped += 1 }
            for _ in 0..<channels { append(bits, to: &bytes) }
        }
        return bytes
    }

    /// The low bytes of a sample, lowest first.
    private func append(_ bits: UInt32, to bytes: inout [UInt8]) {
        for byte in 0..<format.bytesPerSample { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
}
