// SPDX-License-Identifier: Apache-2.0

import Foundation
public import SystemIO

/// Why a file of audio, or raw samples, can't be used.
public enum AudioFileError: UserFacingError, Equatable {
    case empty(String)
    case notAudio(String, reason: String)
    /// It is a recording, but of a format that is not read here.
    case foreignFormat(String, format: String)
    case nothingButTags(String)
    /// It is of a format that is read, but all that is in it is damaged or was cut off.
    case nothingReadable(String, reason: String)
    case noSuchChannel(Int, of: Int)
    /// The library that decodes a format can't be set up, for want of memory.
    case noDecoder(String)
    case unsupportedRate(Int)
    case unsupportedChannels(Int)
    case unsupportedExtension(String)
    case floatInFLAC
    case rateInFLAC(Int)
    case resampler(String)

    public var kind: FailureKind {
        switch self {
        case .empty, .notAudio, .foreignFormat, .nothingButTags, .nothingReadable: .badData
        case .unsupportedRate, .unsupportedChannels, .unsupportedExtension, .floatInFLAC, .rateInFLAC, .noSuchChannel:
            .wrongUsage
        case .resampler, .noDecoder: .inputOutput
        }
    }

    public var description: String {
        switch self {
        case .empty(let path): "\(path) is empty; it should hold audio"
        case .notAudio(let path, let reason):
            "\(path) can't be read as audio: \(reason); WAV, FLAC, Ogg Vorbis, Opus, MP3 and AIFF can"
        case .foreignFormat(let path, let format):
            "\(path) is \(format), which can't be read here; convert it first: \(Self.conversion(of: path))"
        case .nothingButTags(let path): "\(path) holds titles and no audio"
        case .nothingReadable(let path, let reason): "nothing of \(path) can be read: \(reason)"
        case .noSuchChannel(let channel, let count):
            "there is no channel \(channel); the recording has \(count), counted from 1"
        case .noDecoder(let format): "\(format) can't be decoded: there is too little memory"
        case .unsupportedRate(let rate):
            "a sample rate of \(rate) Hz is not supported; "
                + "\(supportedSampleRates.lowerBound) to \(supportedSampleRates.upperBound) Hz are"
        case .unsupportedChannels(let count): "\(count) channels are not supported; 1 to 64 are"
        case .unsupportedExtension(let path): "\(path): audio is written as .wav or .flac; use one of these endings"
        case .floatInFLAC: "FLAC can't hold floating-point samples; write a .wav, or 16-bit samples"
        case .rateInFLAC(let rate): "FLAC can't hold a sample rate of \(rate) Hz; write a .wav"
        case .resampler(let reason): "the sample rate can't be converted: \(reason)"
        }
    }

    /// What to type, in a shell, so that a recording becomes one that can be read.
    private static func conversion(of path: String) -> String {
        guard path != ByteSource.standardInputName else { return "ffmpeg -i - -f wav -" }
        let stem = URL(filePath: path).deletingPathExtension().relativePath
        let target = path.hasSuffix(".wav") ? "\(stem)-converted.wav" : "\(stem).wav"
        return "ffmpeg -i \(quoted(path)) \(quoted(target))"
    }

    private static func quoted(_ path: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+,".utf8)
        if path.utf8.allSatisfy(plain.contains) { return path }
        return "'\(path.replacingOccurrences(of: "'", with: "'\\''"))'"
    }
}
