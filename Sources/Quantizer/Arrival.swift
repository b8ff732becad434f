// SPDX-License-Identifier: Apache-2.0

/// What arrives for the frames of a stream, or lies in a file, in their order: the one word for it that parsers, receivers and
/// decoders share.
public enum Arrival: Hashable, Sendable {
    /// A frame of speech.
    case codes(Codes)
    /// A frame of speech as its latents, which no codes stand for: `ResidualQuantizer.dimensions` values.
    case latents([Float])
    /// So many frames that never came.
    case lost(Int)
    /// A frame of a pause, whose background sounds like this from here on.
    case noise(ComfortNoise)
    /// So many more frames of the pause.
    case paused(Int)
    /// No frame, but the number of the level at which a speaker speaks from the next frame with codes on, for models that tell it
    /// apart from the codes.
    case level(UInt8)

    /// Whether it is a frame of speech that is there.
    package var isSpeech: Bool {
        switch self {
        case .codes, .latents: true
        case .lost, .noise, .paused, .level: false
        }
    }

    /// How many frames it stands for.
    public var frameCount: Int {
        switch self {
        case .codes, .latents, .noise: 1
        case .lost(let count), .paused(let count): count
        case .level: 0
        }
    }
}

/// The level and colour of a background noise, as it is sent in place of codes while nobody speaks.
public struct ComfortNoise: Hashable, Sendable {
    public static let bands = 16
    /// For each band, −2 × its power density in dB, 0 dB being that of white noise of variance 1: 0 to −127.5 dB.
    public var levels: [UInt8] { Self.lanes.map { bandLevels[$0] } }
    /// The same, one in each lane.
    package let bandLevels: SIMD16<UInt8>

    private static let lanes = 0..<bands

    /// - Returns: nil unless `levels` are `bands`.
    public init?(levels: [UInt8]) {
        guard levels.count == Self.bands else { return nil }
        bandLevels = SIMD16(levels)
    }

    package init(bandLevels: SIMD16<UInt8>) { self.bandLevels = bandLevels }

    /// The mean difference of two noises in dB.
    public func distance(to other: ComfortNoise) -> Float {
        Self.lanes.reduce(0) { $0 + abs(Float(bandLevels[$1]) - Float(other.bandLevels[$1])) / 2 } / Float(Self.bands)
    }
}
