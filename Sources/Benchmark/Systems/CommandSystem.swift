// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
public import SystemIO

/// What a benchmark can't go on without; each description is one line.
public struct BenchmarkError: UserFacingError {
    public let description: String
    public let kind: FailureKind

    public init(_ description: String, kind: FailureKind = .badData) {
        (self.description, self.kind) = (description, kind)
    }
}

/// A codec that is two commands. See Docs/bench.md for the JSON that describes one.
public struct CommandSystem: CodecSystem, Codable {
    public enum Format: String, Codable, Sendable {
        case wav
        /// Headerless 16-bit little-endian mono.
        case raw
    }

    public enum Payload: String, Codable, Sendable {
        /// The coded file is nothing but the payload.
        case file
        /// The packets of an Ogg stream, without its headers and page headers.
        case ogg
    }

    public var name: String
    /// What the commands read and write, in Hz.
    public var sampleRate: Int
    public var format: Format
    /// Program and arguments; `{in}` and `{out}` stand for files.
    public var encode: [String]
    public var decode: [String]
    public var payload: Payload

    init(name: String, sampleRate: Int, format: Format, encode: [String], decode: [String], payload: Payload) {
        (self.name, self.sampleRate, self.format, self.payload) = (name, sampleRate, format, payload)
        (self.encode, self.decode) = (encode, decode)
    }

    /// `opus-KBITS`, `codec2-MODE`, or the path of a JSON file.
    public init(named name: String) throws {
        let rate = name.split(separator: "-", maxSplits: 1).last.map(String.init) ?? ""
        if name.hasSuffix(".json") {
            let decoder = JSONDecoder()
            do {
                self = try decoder.decode(Self.self, from: Data(FileMapping(path: name).contents))
            } catch let error as SystemError {
                throw error
            } catch {
                throw BenchmarkError("\(name) describes no codec; Docs/bench.md tells which fields it needs")
            }
            guard !encode.isEmpty, !decode.isEmpty else { throw BenchmarkError("\(name) has an empty command") }
        } else if name.hasPrefix("opus-"), Double(rate) != nil {
            self.name = name
            (sampleRate, format, payload) = (16000, .wav, .ogg)
            encode = ["opusenc", "--quiet", "--bitrate", rate, "{in}", "{out}"]
            decode = ["opusdec", "--quiet", "--rate", "16000", "{in}", "{out}"]
        } else if name.hasPrefix("codec2-") {
            self.name = name
            (sampleRate, format, payload) = (8000, .raw, .file)
            encode = ["c2enc", rate, "{in}", "{out}"]
            decode = ["c2dec", rate, "{in}", "{out}"]
        } else {
            throw BenchmarkError(
                "there is no codec \(name); name opus-6, codec2-1200 or the path of a .json", kind: .wrongUsage)
        }
    }

    public func fingerprint(clip: String) -> String {
        "\(name): \(encode), \(decode), \(sampleRate) Hz, \(format), \(payload)"
    }

    public func code(_ audio: [Float], clip: String, transcript: String?) throws -> CodedClip {
        try code(audio, isWatched: false).clip
    }

    public func warmUp(_ audio: [Float]) throws -> Int? { try code(audio, isWatched: true).peakMemory }

    private func code(_ audio: [Float], isWatched: Bool) throws -> (clip: CodedClip, peakMemory: Int?) {
        let folder = try ScratchFolder()
        func path(_ name: String) -> String { folder.path(of: name) }
        let (wav, raw, coded) = (path("in.wav"), path("in.raw"), path("coded"))
        try Audio.write(audio, to: wav, sampleRate: sampleRate)
        let ending = format.rawValue
        if format == .raw {
            // 44 bytes are the header of a WAV file of 16-bit mono samples.
            try Data(Data(contentsOf: URL(filePath: wav)).dropFirst(44)).write(to: URL(filePath: raw))
        }
        let encoding = try Command(words: encode).run(from: path("in.\(ending)"), to: coded, isWatched: isWatched)
        let bytes = try FileMapping(path: coded).contents
        let output = path("out.\(ending)")
        let decoding = try Command(words: decode).run(from: coded, to: output, isWatched: isWatched)
        let clip = CodedClip(
            audio: try readOutput(output), payloadBits: 8 * (payload == .ogg ? oggPayloadBytes(bytes) : bytes.count),
            fileBytes: bytes.count, encodeSeconds: encoding.seconds, decodeSeconds: decoding.seconds)
        return (clip, [encoding.peakMemory, decoding.peakMemory].compactMap { $0 }.max())
    }

    private func readOutput(_ path: String) throws -> [Float] {
        guard format == .raw else { return try Audio.read(path) }
        var decoder = try PCMDecoder(format: .s16le, channels: 1)
        var resampler = try Resampler(from: sampleRate, to: Audio.rate)
        let samples = try resampler.process(decoder.push(FileMapping(path: path).contents))
        return samples + (try resampler.finish())
    }
}

/// Bytes of the packets of an Ogg stream's pages past its headers, whose granule position is 0 (RFC 3533, RFC 7845).
func oggPayloadBytes(_ file: [UInt8]) -> Int {
    var (at, sum) = (0, 0)
    while at + 27 <= file.count, file[at..<at + 4].elementsEqual("OggS".utf8) {
        let segments = Int(file[at + 26])
        guard at + 27 + segments <= file.count else { break }
        let bytes = file[at + 27..<at + 27 + segments].reduce(0) { $0 + Int($1) }
        if file[at + 6..<at + 14].contains(where: { $0 != 0 }) { sum += bytes }
        at += 27 + segments + bytes
    }
    return sum
}
