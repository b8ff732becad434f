// SPDX-License-Identifier: Apache-2.0

import Platform
public import Spectral
import SystemIO
public import Transcript

/// Every number that shapes the features and the networks; it travels inside of the weights' file.
public struct Configuration: Sendable, Codable, Equatable {
    public struct Mel: Sendable, Codable, Equatable {
        public let window: Int
        public let bands: Int
        public let low: Double
        public let high: Double
        public let floor: Double
        public let mean: Double
        public let scale: Double
    }

    /// In which numbers the features are computed. In double precision they are the same with every library for Fourier transforms.
    public enum Precision: String, Sendable, Codable {
        case single
        case double
    }

    public struct Features: Sendable, Codable, Equatable {
        /// Samples from one frame of features to the next.
        public let hop: Int
        /// A file that doesn't say means single.
        public let precision: Precision
        public let mel: Mel
        public let pitch: PitchSettings

        public init(from decoder: any Swift.Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            hop = try values.decode(Int.self, forKey: .hop)
            precision = try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .single
            mel = try values.decode(Mel.self, forKey: .mel)
            pitch = try values.decode(PitchSettings.self, forKey: .pitch)
        }
    }

    public struct Encoder: Sendable, Codable, Equatable {
        /// Frames of features that are read as one row.
        public let stack: Int
        public let channels: Int
        public let blocks: Int
        /// Rows that become one latent.
        public let downsample: Int
        public let trunkChannels: Int
        public let trunkBlocks: Int
        public let kernel: Int
        public let expansion: Int
    }

    public struct Quantizer: Sendable, Codable, Equatable {
        public let codebooks: Int
        public let codes: Int
        /// Of a latent.
        public let dimensions: Int
        /// Latents that one row of codes stands for; a file that doesn't say means one.
        public let stack: Int

        public init(from decoder: any Swift.Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            codebooks = try values.decode(Int.self, forKey: .codebooks)
            codes = try values.decode(Int.self, forKey: .codes)
            dimensions = try values.decode(Int.self, forKey: .dimensions)
            stack = try values.decodeIfPresent(Int.self, forKey: .stack) ?? 1
        }
    }

    public struct Decoder: Sendable, Codable, Equatable {
        public let trunkChannels: Int
        public let trunkBlocks: Int
        /// Frames of the synthesis that a latent becomes.
        public let upsample: Int
        public let channels: Int
        public let blocks: Int
        public let kernel: Int
        public let expansion: Int
    }

    public struct Synthesis: Sendable, Codable, Equatable {
        public let window: Int
        /// The highest frequency of a harmonic, in Hz.
        public let sourceHigh: Double
        public let logGainLow: Float
        public let logGainHigh: Float
    }

    public let name: String
    /// In Hz; audio of any other rate has to be resampled first.
    public let sampleRate: Int
    public let features: Features
    /// nil for a model whose codes say how loud a speaker is.
    public let level: LevelSettings?
    public let encoder: Encoder
    public let quantizer: Quantizer
    public let decoder: Decoder
    /// nil for a model that reads no text.
    public let text: TranscriptSettings?
    public let synthesis: Synthesis

    /// Samples in a token frame.
    public var frameSize: Int { features.hop * decoder.upsample * quantizer.stack }
    /// Token frames a second.
    public var frameRate: Double { Double(sampleRate) / Double(frameSize) }
    /// The same as a fraction in lowest terms, as token files keep it.
    public var frameRateFraction: (numerator: Int, denominator: Int) {
        var (divisor, rest) = (sampleRate, frameSize)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        return (sampleRate / divisor, frameSize / divisor)
    }
    /// Bits that a code takes.
    public var bitsPerCode: Int { Int.bitWidth - (quantizer.codes - 1).leadingZeroBitCount }
    /// Samples by which decoded audio lags what was encoded, beyond the token frame itself: the overlap-add's tail.
    public var delay: Int { synthesis.window - features.hop }

    init(json: String) throws(ModelError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Configuration.self, from: Data(json.utf8))
        } catch {
            throw .badConfiguration("it is not the JSON it should be")
        }
        try validate()
    }

    /// A file can hold any numbers; what follows relies on these.
    private func validate() throws(ModelError) {
        let sizes = [
            features.hop, features.mel.window, features.mel.bands, features.pitch.window, features.pitch.candidates,
            encoder.stack, encoder.channels, encoder.downsample, encoder.trunkChannels, encoder.kernel,
            encoder.expansion, quantizer.codebooks, quantizer.codes, quantizer.dimensions, quantizer.stack,
            decoder.trunkChannels, decoder.upsample, decoder.channels, decoder.kernel, decoder.expansion,
            synthesis.window,
        ]
        let pitch = features.pitch
        func require(_ holds: @autoclosure () -> Bool, or complaint: String) throws(ModelError) {
            if !holds() { throw .badConfiguration(complaint) }
        }
        try require(sizes.allSatisfy { (1...1 << 16).contains($0) }, or: "a size is not positive or absurdly large")
        try require(supportedSampleRates.contains(sampleRate), or: "the sample rate is out of range")
        let blocks = [encoder.blocks, encoder.trunkBlocks, decoder.blocks, decoder.trunkBlocks]
        try require(blocks.allSatisfy { (0...64).contains($0) }, or: "there are too many blocks, or fewer than none")
        try require(encoder.stack * encoder.downsample == decoder.upsample, or: "encoder and decoder differ in rate")
        // As token files keep them.
        let (most, rate) = (Int(UInt16.max), frameRateFraction)
        try require(
            rate.numerator <= most && rate.denominator <= most && quantizer.codebooks <= Int(UInt8.max),
            or: "a token file can't hold its frame rate, or so many codebooks")
        try require(
            features.mel.window % 2 == 0 && features.mel.window >= features.hop, or: "bad window of the mel features")
        try require(
            pitch.window >= features.hop && pitch.fft % 2 == 0 && pitch.fft >= 2 * pitch.window && pitch.fft <= 1 << 16,
            or: "bad window of the pitch features")
        try require(
            pitch.low > 0 && pitch.low < pitch.high && pitch.high * 4 < Double(sampleRate)
                && Double(sampleRate) / pitch.low + 2 < Double(pitch.window), or: "bad range of pitch")
        try require(
            pitch.reference > 0 && pitch.scale > 0 && features.mel.scale > 0 && features.mel.floor > 0,
            or: "a scale is not positive")
        try require(
            0 <= features.mel.low && features.mel.low < features.mel.high
                && features.mel.high * 2 <= Double(sampleRate), or: "bad range of the mel bands")
        try require(
            synthesis.window % 2 == 0 && synthesis.window % features.hop == 0
                && synthesis.window >= 3 * features.hop, or: "bad window of the synthesis")
        try require(
            synthesis.sourceHigh > 0 && synthesis.sourceHigh * 2 <= Double(sampleRate),
            or: "bad range of the harmonics")
        try require(
            synthesis.logGainLow < synthesis.logGainHigh && synthesis.logGainHigh < 40, or: "bad range of the gains")
        if let level {
            try require(features.precision == .double, or: "a level needs features in double precision")
            try require(level.isPossible(bands: features.mel.bands), or: "bad numbers of the level")
        }
        if let complaint = text?.complaint(
            upsample: decoder.upsample, stack: quantizer.stack, codebooks: quantizer.codebooks)
        {
            throw .badConfiguration(complaint)
        }
    }
}
