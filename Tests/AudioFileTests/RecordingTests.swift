// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import TestSupport
import Testing

/// What may have happened to a recording before it is read.
enum Fate: String, CaseIterable, Sendable {
    case whole
    /// At three fifths of its bytes.
    case cut
    /// In its middle.
    case damaged
    /// In its middle and before that, in Ogg perhaps in pages that follow each other.
    case damagedTwice
    /// Another one of its kind follows.
    case joined
    /// Bytes that are no sound follow.
    case junkBehind
    /// Titles as MP3 files have them come first.
    case tagBefore
}

struct RecordingCase: Sendable, CustomTestStringConvertible {
    let kind: RecordingKind
    let fate: Fate

    var testDescription: String { "\(kind.name), \(fate.rawValue)" }

    /// Samples have no frames that could be damaged or joined.
    static let all = RecordingKind.all.flatMap { kind in
        Fate.allCases.map { RecordingCase(kind: kind, fate: $0) }.filter {
            kind.isStream || [.whole, .cut, .junkBehind].contains($0.fate)
        }
    }
}

/// Every kind of recording, whatever has happened to it: as many samples as ffmpeg finds, at the same time, and a word
/// about what is missing.
@Suite struct RecordingTests {
    let recordings: RecordingFolder
    let folder: TemporaryFolder

    init() throws {
        recordings = try RecordingFolder.shared.get()
        folder = try TemporaryFolder()
    }

    @Test(arguments: RecordingCase.all) func isReadAsFFmpegReadsIt(_ tried: RecordingCase) throws {
        let kind = tried.kind
        let path = try folder.write("tried.\(kind.ending)", try bytes(tried))
        let (samples, warnings) = try read(path)

        // Standard input comes as a file without a name of its own.
        let nameless = folder.path("copy")
        try FileManager.default.copyItem(atPath: path, toPath: nameless)
        let (again, saidAgain) = try read(nameless, name: "standard input")
        #expect(again == samples)
        #expect(saidAgain == warnings.map { $0.replacingOccurrences(of: path, with: "standard input") })

        let reference = try reference(tried, path)
        #expect(
            abs(samples.count - reference.count)
                <= (tried.fate == .whole ? 0 : tried.fate == .damagedTwice ? 2 * kind.frame : kind.frame),
            "\(samples.count) for \(reference.count)")
        let isDamaged = [.damaged, .damagedTwice].contains(tried.fate)
        let start = isDamaged ? samples.count * 3 / 4 : 0
        let envelope = Envelope(samples[start...], rate: kind.rate)
        let (lag, likeness) = envelope.lag(behind: Envelope(reference[min(start, reference.count)...], rate: kind.rate))
        #expect(
            abs(lag) < (isDamaged ? kind.lagBehindDamage : 5) && likeness > 0.97, "\(lag) ms, \(likeness)")
        try check(warnings, tried, duration: Double(samples.count) / Double(kind.rate))
    }

    @Test(arguments: [
        ("vorbis", "vorbis-44k-stereo"), ("opus", "opus-48k-stereo"), ("flac", "flac-24-stereo"),
        ("vorbis", "flac-in-ogg"),
        ("mp3-untagged-constant", "mp3-44k-stereo"), ("mp3-44k-stereo", "mp3-untagged-constant"),
    ]) func partsThatDifferAreReadAsTheFirst(first: String, second: String) throws {
        let kinds = try [first, second].map { name in try #require(RecordingKind.all.first { $0.name == name }) }
        let data = try recordings.data(kinds[0], .first) + recordings.data(kinds[1], .second)
        let (samples, warnings) = try read(try folder.write("joined", data))
        var converter = try Resampler(from: kinds[1].rate, to: kinds[0].rate)
        let converted = try converter.process(recordings.reference(kinds[1], .second)) + converter.finish()
        let reference = try recordings.reference(kinds[0], .first) + converted
        #expect(abs(samples.count - reference.count) <= kinds[0].frame, "\(samples.count) for \(reference.count)")
        let (lag, likeness) = Envelope(samples, rate: kinds[0].rate).lag(
            behind: Envelope(reference, rate: kinds[0].rate))
        #expect(abs(lag) < 5 && likeness > 0.97, "\(lag) ms, \(likeness)")
        let isAlike = kinds[0].channels == kinds[1].channels && kinds[0].rate == kinds[1].rate
        #expect(warnings.count == (isAlike ? 0 : 1), "\(warnings)")
        #expect(warnings.allSatisfy { $0.contains("channels at 4.7") }, "\(warnings)")
    }

    @Test(arguments: ["vorbis", "opus", "opus-48k-stereo", "flac-in-ogg"]) func aFirstPageThatIsLostIsSilent(
        name: String
    )
        throws
    {
        let kind = try #require(RecordingKind.all.first { $0.name == name })
        let whole = try read(recordings.path(kind, .first)).samples
        var data = try recordings.data(kind)
        // Pages that begin a stream or hold no more than headers count no samples.
        let place = try #require(
            data.indices.dropLast(200).first { place in
                data[place...].starts(with: "OggS".utf8) && data[place + 6..<place + 14].contains { $0 != 0 }
            })
        data[place + 150] ^= 1
        let (samples, warnings) = try read(try folder.write("a.ogg", data))
        #expect(samples.count == whole.count && warnings.count == 1, "\(samples.count) for \(whole.count)")
        #expect(warnings.allSatisfy { $0.contains("damaged at 0.00 s") }, "\(warnings)")
        #expect(samples.prefix(1000).allSatisfy { $0 == 0 } && samples.suffix(1000) == whole.suffix(1000))
    }

    private func bytes(_ tried: RecordingCase) throws -> Data {
        var bytes = try recordings.data(tried.kind)
        switch tried.fate {
        case .whole: break
        case .cut: bytes = bytes.prefix(bytes.count * 3 / 5)
        case .damaged: damage(&bytes, at: 0.5, tried.kind)
        case .damagedTwice:
            damage(&bytes, at: 0.3, tried.kind)
            damage(&bytes, at: 0.5, tried.kind)
        case .joined: bytes += try recordings.data(tried.kind, .second)
        case .junkBehind:
            var random = SeededGenerator(seed: 1)
            bytes += Data((0..<3001).map { _ in UInt8.random(in: 0...255, using: &random) })
        case .tagBefore: bytes = Data("ID3\u{4}\0\0\0\0\u{2}\0".utf8) + Data(count: 256) + bytes
        }
        return bytes
    }

    private func damage(_ bytes: inout Data, at share: Double, _ kind: RecordingKind) {
        // A frame of MP3 has no checksum: a few of them are spoilt with their headers.
        let length = kind.ending.hasPrefix("mp") ? 600 : 1
        let start = Int(Double(bytes.count) * share)
        for place in start..<start + length { bytes[place] ^= 0x55 }
    }

    private func reference(_ tried: RecordingCase, _ path: String) throws -> [Float] {
        let first = try recordings.reference(tried.kind, .first)
        switch tried.fate {
        case .junkBehind where tried.kind.hasNoLength: return try RecordingFolder.decode(path, as: tried.kind)
        case .whole, .damaged, .damagedTwice, .junkBehind, .tagBefore: return first
        case .joined: return first + (try recordings.reference(tried.kind, .second))
        case .cut: return try RecordingFolder.decode(path, as: tried.kind)
        }
    }

    private func check(_ warnings: [String], _ tried: RecordingCase, duration: Double) throws {
        switch tried.fate {
        case .whole, .joined, .tagBefore: #expect(warnings.isEmpty)
        case .cut:
            #expect(warnings.count == (tried.kind.promises ? 1 : 0) && warnings.allSatisfy { $0.contains("cut off") })
        case .junkBehind: #expect(warnings.allSatisfy { $0.contains("to its end") })
        case .damagedTwice: #expect(warnings.contains { $0.contains("is damaged") }, "\(warnings)")
        case .damaged:
            let warning = try #require(warnings.first { $0.contains("damaged at") }, "\(warnings)")
            let place = try #require(warning.firstMatch(of: /at (\d+\.\d+) s/)?.1).description
            // A page of Ogg may hold all of a second.
            #expect(abs(try #require(Double(place)) / duration - 0.4) < 0.25, "\(warning)")
        }
    }

    private func read(_ path: String, name: String? = nil) throws -> (samples: [Float], warnings: [String]) {
        var reader = try AudioFileReader(path: path, name: name)
        var samples: [Float] = []
        while case let more = try reader.read(upTo: 5000), !more.isEmpty { samples += more }
        return (samples, reader.warnings)
    }
}
