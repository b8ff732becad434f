// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
public import Quantizer
public import Sotto
import SottoStreams
import SystemIO
import TokenFile

/// What a system made of one recording.
public struct CodedClip: Sendable {
    /// At 16 kHz.
    public var audio: [Float]
    /// Bits of the speech alone, without what frames them; nil if nothing was written.
    public var payloadBits: Int?
    public var fileBytes: Int?
    /// What the transcript takes in a token file, beyond `fileBytes`; nil if there is none.
    public var textBits: Int?
    /// Bits of the speech and of the transcript that its decoder was given; nil if it was given none.
    public var toldBits: Int?
    /// [frames][codes of the frame], nil if the system has no tokens.
    public var codes: [[UInt16]]?
    public var encodeSeconds: Double?
    public var decodeSeconds: Double?
    /// Milliseconds of each frame, encode and decode together.
    public var frameMilliseconds: [Double] = []
    /// Samples by which the audio is known to lag; nil if it has to be found.
    public var knownDelay: Int?
}

/// Anything that codes speech and gives it back: to put a variant beside the others, add a conforming value.
public protocol CodecSystem: Sendable {
    var name: String { get }
    /// Differs whenever `code` would make something else of the same recording.
    func fingerprint(clip: String) -> String
    /// `audio` is at 16 kHz; `transcript` is there for systems that use one.
    func code(_ audio: [Float], clip: String, transcript: String?) throws -> CodedClip
    /// Codes `audio` once, so that everything is loaded before anything is timed.
    ///
    /// - Returns: the most memory that a process took which only encoded or decoded, in bytes; nil if it is not known.
    func warmUp(_ audio: [Float]) throws -> Int?
}

/// The codec itself at some number of codes, in this process.
public struct SottoSystem: CodecSystem {
    public let name: String
    let model: CodecModel
    private let path: String
    private let codes: CodesPerFrame
    /// Whether encoder and decoder are given each clip's transcript.
    let usesTranscript: Bool
    /// The same as two commands, whose memory can be compared with that of others.
    private let commands: CommandSystem

    /// - Parameters:
    ///   - path: the file of the model's weights.
    ///   - codes: how many codes the frames get.
    ///   - usesTranscript: whether encoder and decoder are given each clip's transcript, which the model has to be able to read.
    ///   - program: the path of `sotto`.
    public init(
        _ model: CodecModel, path: String, codes: CodesPerFrame, usesTranscript: Bool = false, program: String
    ) {
        (self.model, self.path, self.codes) = (model, path, codes)
        self.usesTranscript = usesTranscript
        let isAverage = if case .average = codes { true } else { false }
        name = "sotto-\(codes.number)\(isAverage ? "-average" : "")\(usesTranscript ? "+text" : "")"
        commands = CommandSystem(
            name: name, sampleRate: model.configuration.sampleRate, format: .wav,
            encode: [program, "encode", "--model", path, "--codes", "\(codes.number)", "{in}", "-o", "{out}"]
                + (isAverage ? ["--average"] : []) + (usesTranscript ? ["--text", Self.anyText] : []),
            decode: [program, "decode", "--model", path, "{in}", "-o", "{out}"], payload: .file)
    }

    public func warmUp(_ audio: [Float]) throws -> Int? {
        _ = try code(audio, clip: "", transcript: Self.anyText)
        return try commands.warmUp(audio)
    }

    /// Loads as much as any other does.
    private static let anyText = "any text"

    public func fingerprint(clip: String) -> String { "\(name): \(path), \(FileStamp(of: path)?.description ?? "")" }

    public func code(_ audio: [Float], clip: String, transcript: String?) throws -> CodedClip {
        guard !usesTranscript || transcript != nil else { throw BenchmarkError("the clip has no transcript") }
        let size = model.configuration.frameSize
        let clock = ContinuousClock()
        var encoder = try SpeechEncoder(model, codes: codes, transcript: usesTranscript ? transcript : nil)
        var frames: [TokenFrame] = []
        var (encodeTimes, decodeTimes): ([Double], [Double]) = ([], [])
        for start in stride(from: 0, to: audio.count, by: size) {
            encodeTimes.append(
                clock.measure { frames += encoder.push(audio[start..<min(start + size, audio.count)]) }.seconds)
        }
        let (ending, endTime) = clock.measuring { encoder.finish() }
        frames += ending.frames
        var decoder =
            try usesTranscript
            ? DelayCompensatedDecoder(
                model, sampleCount: audio.count, transcript: transcript ?? "", timing: ending.timing)
            : DelayCompensatedDecoder(model, sampleCount: audio.count)
        var output: [Float] = []
        for frame in frames {
            decodeTimes.append(try clock.measure { output += try decoder.push(frame) }.seconds)
        }
        let rest = clock.measure { output += decoder.finish() }.seconds
        var writer = try TokenFileWriter(
            header: model.tokenHeader(
                sampleRate: model.configuration.sampleRate, counts: encoder.counts, allowsLetters: transcript != nil))
        var bytes = writer.start.count
        for frame in frames { bytes += try writer.append(frame).count }
        let text = try transcript.map {
            try writer.append(TextSegment(frames: 0..<frames.count, text: $0, timing: ending.timing)).count * 8
        }
        bytes += try writer.finish(sampleCount: audio.count).end.count
        let codes = frames.map(\.codes)
        let payload = codes.reduce(0) { $0 + $1.count } * model.configuration.bitsPerCode + writer.levelBits
        return CodedClip(
            audio: output, payloadBits: payload, fileBytes: bytes, textBits: text,
            toldBits: usesTranscript ? text.map { payload + $0 } : nil, codes: codes,
            encodeSeconds: encodeTimes.reduce(endTime.seconds, +), decodeSeconds: decodeTimes.reduce(rest, +),
            frameMilliseconds: zip(encodeTimes, decodeTimes).map { ($0 + $1) * 1000 }, knownDelay: 0)
    }
}

/// Files of the clips' names that another codec has already made.
public struct FolderSystem: CodecSystem {
    public let name: String
    private let folder: String

    public init(name: String, folder: String) { (self.name, self.folder) = (name, folder) }

    public func fingerprint(clip: String) -> String {
        let path = path(of: clip)
        return "\(name): \(path), \(FileStamp(of: path)?.description ?? "")"
    }

    /// It is the other codec that needs memory.
    public func warmUp(_ audio: [Float]) -> Int? { nil }

    public func code(_ audio: [Float], clip: String, transcript: String?) throws -> CodedClip {
        CodedClip(audio: try Audio.read(path(of: clip)))
    }

    private func path(of clip: String) -> String {
        let base = URL(filePath: folder).appending(path: clip).path(percentEncoded: false)
        return FileKind(of: "\(base).flac") == nil ? "\(base).wav" : "\(base).flac"
    }
}

extension ContinuousClock {
    /// What `body` returns, and how long it took.
    fileprivate func measuring<Value>(_ body: () -> Value) -> (Value, Duration) {
        let start = now
        let value = body()
        return (value, start.duration(to: now))
    }
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
