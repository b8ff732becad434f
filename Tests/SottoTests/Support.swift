// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import NeuralNet
import Sotto
import TestSupport
import Testing
public import Transcript

/// The shipped model and what PyTorch says of a real clip with the same weights (`sotto_training.golden`).
enum Fixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appending(path: name).path(percentEncoded: false) }

    static let modelPath = path("Models/sotto-16k.safetensors")

    static func model() throws -> CodecModel { try CodecModel(path: modelPath) }

    static func golden() throws -> SafetensorsFile {
        try SafetensorsFile(path: path("Tests/SottoTests/Fixtures/golden.safetensors"))
    }

    /// Four seconds of real speech.
    static func speech() throws -> [Float] { try golden().values("audio") }

    /// The recordings in Samples, by their names.
    static let samples = ["campfire", "centurion", "sermons", "strikes", "zusammenhang"]

    static func sample(_ name: String) throws -> [Float] {
        var reader = try AudioFileReader(path: path("Samples/\(name).flac"))
        return try reader.read(upTo: reader.frameCount)
    }

    static func codes(_ file: SafetensorsFile, codebooks: Int = 8) throws -> [Codes] {
        try rows(of: file, "codes.\(codebooks)", columns: codebooks)
    }

    /// The frames as PyTorch tells them: all codes, or the first of them, and the numbers of the speaker's levels.
    static func spoken(_ file: SafetensorsFile, codebooks: Int = 8) throws -> [TokenFrame] {
        let levels = try file.values("volume")
        let codes = try codes(file)
        #expect(levels.count == codes.count)
        return zip(codes, levels).map { TokenFrame(codes: Array($0.prefix(codebooks)), level: UInt8($1)) }
    }

    /// So many codes a frame on average.
    static func codes(_ file: SafetensorsFile, mean: Int) throws -> [Codes] {
        try rows(of: file, "codes.variable.\(mean)", columns: 8)
    }

    /// Eight codes a frame, of this name.
    static func codes(_ file: SafetensorsFile, named name: String) throws -> [Codes] {
        try rows(of: file, name, columns: 8)
    }

    private static func rows(of file: SafetensorsFile, _ name: String, columns: Int) throws -> [Codes] {
        let all = try file.values(name)
        return stride(from: 0, to: all.count, by: columns).map { start in
            all[start..<start + columns].filter { $0 >= 0 }.map { UInt16($0) }
        }
    }
}

extension CodecModel {
    /// The error with which a copy of a model's file is refused whose configuration says `new`, padded to its length, in place of
    /// `old`; nil if it is taken.
    static func refusal(of path: String, replacing old: String, with new: String) throws -> String? {
        let folder = try TemporaryFolder()
        var bytes = try Data(contentsOf: URL(filePath: path))
        let escaped = { (text: String) in Data(text.replacing("\"", with: "\\\"").utf8) }
        let padded = new.padding(toLength: old.count, withPad: " ", startingAt: 0)
        bytes.replaceSubrange(try #require(bytes.range(of: escaped(old))), with: escaped(padded))
        let copy = try folder.write("copy.safetensors", bytes)
        do {
            _ = try CodecModel(path: copy)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Decodes so many frames at a time; without what a decoder that reads text holds back at the start.
    func decode(_ frames: [Codes?], _ text: String? = nil, timing: SymbolTiming? = nil, atOnce: Int = 1) throws
        -> [Float]
    {
        var decoder = try text.map { try SpeechDecoder(self, transcript: $0, timing: timing) } ?? SpeechDecoder(self)
        let late = decoder.delay - SpeechDecoder(self).delay
        let audio =
            try stride(from: 0, to: frames.count, by: atOnce).flatMap {
                try decoder.push(frames: Array(frames[$0...].prefix(atOnce)))
            } + decoder.finish()
        return Array(audio.dropFirst(late))
    }
}

extension SymbolTiming: ExpressibleByArrayLiteral {
    public init(arrayLiteral counts: Int...) { self.init(counts: counts) }
}

extension ComfortNoise {
    /// As loud in all bands.
    init(level: UInt8) { self.init(levels: [UInt8](repeating: level, count: Self.bands))! }
}

extension Sequence<TokenFrame> {
    var codes: [Codes] { map(\.codes) }
}

extension SpeechEncoder {
    /// The codes of a whole recording; the encoder is then as new.
    mutating func codes(of audio: some Sequence<Float>) -> [Codes] { (push(audio) + finish().frames).codes }
}

extension CodecModel {
    /// The background's noise in those frames that are of a pause.
    func pauses(in audio: [Float]) -> [ComfortNoise?] {
        var (encoder, detector) = (SpeechEncoder(self), PauseDetector(self))
        return encoder.push(audio, detecting: &detector).map(\.pause)
    }
}

/// A model's file with one bit changed, in its header or behind it, is no model: 400 times.
func expectFlippedBitsAreRefused(
    in whole: Data, folder: TemporaryFolder, using random: inout SeededGenerator
) throws {
    let header = Int(whole.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian }) + 8
    for round in 0..<400 {
        let place = Int.random(in: round % 2 == 0 ? 0..<header : header..<whole.count, using: &random)
        var bytes = whole
        bytes[place] ^= 1 << Int.random(in: 0..<8, using: &random)
        let path = try folder.write("flipped.safetensors", bytes)
        #expect(throws: (any Error).self, "byte \(place)") { try CodecModel(path: path) }
    }
}

extension SafetensorsFile {
    func values(_ name: String) throws -> [Float] { try tensor(name, shape: shape(of: name) ?? []) }
}

extension Collection<Float> {
    var peak: Float { lazy.map(abs).max() ?? 0 }
}

/// How far a waveform agrees with what PyTorch makes of the same codes.
///
/// They agree until something that is rounded to 8 bits falls to the other side of a half, by an order of summation: once in seconds. From
/// there on pitches differ by some cents and pulses lie elsewhere, as far as rounding moves them (Docs/weights.md); what agrees then is how
/// loud it is at each time.
struct WaveformAgreement {
    /// Samples until they differ by a thousandth of the peak.
    let samples: Int
    /// By how many dB pieces of 20 ms differ on average.
    let loudness: Float

    init(_ found: [Float], _ wanted: [Float]) {
        let bound = 1e-3 * wanted.peak
        samples = zip(found, wanted).enumerated().first { !(abs($1.0 - $1.1) <= bound) }?.offset ?? wanted.count
        func loudness(_ audio: [Float]) -> [Float] {
            stride(from: 0, to: audio.count, by: 320).map { start in
                10 * log10(audio[start...].prefix(320).reduce(1e-6) { $0 + $1 * $1 })
            }
        }
        let off = zip(loudness(found), loudness(wanted)).reduce(0) { $0 + abs($1.0 - $1.1) }
        self.loudness = found.count == wanted.count ? off * 320 / Float(wanted.count) : .infinity
    }
}

/// The greatest difference of two signals of one length.
func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    a.count == b.count ? zip(a, b).lazy.map { abs($0 - $1) }.max() ?? 0 : .infinity
}
