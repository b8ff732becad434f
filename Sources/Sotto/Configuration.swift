// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Spectral

/// Every number that shapes the features and the networks; it travels inside of the weights' file.
public struct Configuration: Sendable, Codable, Equatable {
    public struct Mel: Sendable, Codable, Equatable {
        public var window: Int
        public var bands: Int
        public var low: Double
        public var high: Double
        public var floor: Float
        public var mean: Float
        public var scale: Float
    }

    public struct Features: Sendable, Codable, Equatable {
        /// Samples from one frame of features to the next.
        public var hop: Int
        public var mel: Mel
        public var pitch: PitchSettings
    }

    public struct Encoder: Sendable, Codable, Equatable {
        /// Frames of features that are read as one row.
        public var stack: Int
        public var channels: Int
        public var blocks: Int
        /// Rows that become one token frame.
        public var downsample: Int
        public var trunkChannels: Int
        public var trunkBlocks: Int
        public var kernel: Int
        public var expansion: Int
    }

    public struct Quantizer: Sendable, Codable, Equatable {
        public var codebooks: Int
        public var codes: Int
        public var dimensions: Int
    }

    public struct Decoder: Sendable, Codable, Equatable {
        public var trunkChannels: Int
        public var trunkBlocks: Int
        /// Frames of the synthesis in a token frame.
        public var upsample: Int
        public var channels: Int
        public var blocks: Int
        public var kernel: Int
        public var expansion: Int
    }

    public struct Synthesis: Sendable, Codable, Equatable {
        public var window: Int
        /// The highest frequency of a harmonic, in Hz.
        public var sourceHigh: Double
        public var logGainLow: Float
        public var logGainHigh: Float
    }

    public var name: String
    /// In Hz; audio of any other rate has to be resampled first.
    public var sampleRate: Int
    public var features: Features
    public var encoder: Encoder
    public var quantizer: Quantizer
    public var decoder: Decoder
    public var synthesis: Synthesis

    /// Samples in a token frame.
    public var frameSize: Int { features.hop * decoder.upsample }
    /// Token frames a second.
    public var frameRate: Double { Double(sampleRate) / Double(frameSize) }
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
            encoder.expansion, quantizer.codebooks, quantizer.codes, quantizer.dimensions, decoder.trunkChannels,
            decoder.upsample, decoder.channels, decoder.kernel, decoder.expansion, synthesis.window,
        ]
        let pitch = features.pitch
        let rules: [(holds: Bool, otherwise: String)] = [
            (sizes.allSatisfy { (1...1 << 16).contains($0) }, "a size is not positive or absurdly large"),
            ((8000...192_000).contains(sampleRate), "the sample rate is not 8000 to 192000 Hz"),
            ((0...64).contains(encoder.blocks) && (0...64).contains(encoder.trunkBlocks), "too many blocks"),
            ((0...64).contains(decoder.blocks) && (0...64).contains(decoder.trunkBlocks), "too many blocks"),
            (encoder.stack * encoder.downsample == decoder.upsample, "encoder and decoder differ in frame rate"),
            (features.mel.window % 2 == 0 && features.mel.window >= features.hop, "bad window of the mel features"),
            (pitch.window >= features.hop && pitch.fft >= 2 * pitch.window, "bad window of the pitch features"),
            (pitch.fft % 2 == 0 && pitch.fft <= 1 << 16, "bad FFT size of the pitch features"),
            (pitch.low > 0 && pitch.low < pitch.high && pitch.high * 4 < Double(sampleRate), "bad range of pitch"),
            (Double(sampleRate) / pitch.low + 2 < Double(pitch.fft / 2), "the pitch window is too short"),
            (pitch.reference > 0 && pitch.scale > 0 && features.mel.scale > 0, "a scale is not positive"),
            (0 <= features.mel.low && features.mel.low < features.mel.high, "bad range of the mel bands"),
            (features.mel.high * 2 <= Double(sampleRate) && features.mel.floor > 0, "bad range of the mel bands"),
            (synthesis.window % features.hop == 0, "the window of the synthesis is not a multiple of the hop"),
            (synthesis.window % 2 == 0 && synthesis.window >= 3 * features.hop, "bad window of the synthesis"),
            (synthesis.sourceHigh > 0 && synthesis.sourceHigh * 2 <= Double(sampleRate), "bad range of the harmonics"),
            (synthesis.logGainLow < synthesis.logGainHigh && synthesis.logGainHigh < 40, "bad range of the gains"),
        ]
        if let broken = rules.first(where: { !$0.holds }) { throw .badConfiguration(broken.otherwise) }
    }
}
