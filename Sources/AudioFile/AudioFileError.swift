// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a file of audio, or raw samples, can't be used.
public enum AudioFileError: UserFacingError, Equatable {
    case empty(String)
    case notAudio(String, reason: String)
    case unsupportedRate(Int)
    case unsupportedChannels(Int)
    case unsupportedExtension(String)
    case floatInFLAC
    case resampler(String)

    public var kind: FailureKind {
        switch self {
        case .empty, .notAudio: .badData
        case .unsupportedRate, .unsupportedChannels, .unsupportedExtension, .floatInFLAC: .wrongUsage
        case .resampler: .inputOutput
        }
    }

    public var description: String {
        switch self {
        case .empty(let path): "\(path) is empty; it should hold audio"
        case .notAudio(let path, let reason):
            "\(path) can't be read as audio (\(reason)); WAV, FLAC, Ogg Vorbis, Opus, MP3 and AIFF can"
        case .unsupportedRate(let rate):
            "a sample rate of \(rate) Hz is not supported; "
                + "\(supportedSampleRates.lowerBound) to \(supportedSampleRates.upperBound) Hz are"
        case .unsupportedChannels(let count): "\(count) channels are not supported; 1 to 64 are"
        case .unsupportedExtension(let path): "\(path): audio is written as .wav or .flac; use one of these endings"
        case .floatInFLAC: "FLAC can't hold floating-point samples; write a .wav or leave --float out"
        case .resampler(let reason): "the sample rate can't be converted: \(reason)"
        }
    }
}
