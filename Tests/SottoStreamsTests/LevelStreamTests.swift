// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TestSupport
import Testing
import TokenFile

/// The speaker's level in files and live streams, by a small model that tells it apart.
@Suite struct LevelStreamTests {
    let model: CodecModel
    /// Something with a voice that comes nearer and goes away again.
    let audio: [Float]
    let frames: [TokenFrame]

    init() throws {
        model = try Self.fixture("level-model")
        audio = (0..<112_000).map { sample in
            let time = Float(sample) / 16_000
            let pitch = 2 * Float.pi * (120 * time + 3 * sin(6 * time))
            let loudness = 0.1 * pow(10, sin(1.2 * time)) * abs(sin(4 * time))
            return loudness * (sin(pitch) + 0.5 * sin(3 * pitch) + 0.3 * sin(9 * pitch)) / 2
        }
        var encoder = SpeechEncoder(model)
        frames = encoder.push(audio) + encoder.finish().frames
    }

    private static func fixture(_ name: String) throws -> CodecModel {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "SottoTests/Fixtures/\(name).safetensors")
        return try CodecModel(path: file.path(percentEncoded: false))
    }

    private func file() throws -> [UInt8] {
        var encoder = try RecordingEncoder(model, sampleRate: 16_000)
        let body = try encoder.push(audio)
        let ending = try encoder.finish(sampleCount: audio.count)
        return ending.header + body + ending.bytes
    }

    private func decode(_ recording: TokenRecording) throws -> [Float] {
        var decoder = try RecordingDecoder(recording, by: model)
        var audio: [Float] = []
        while let (samples, _) = try decoder.read() { audio += samples }
        return audio
    }

    @Test func aFileHoldsTheLevels() throws {
        let recording = try TokenFileReader.read(file())
        #expect(recording.levels == frames.map(\.level) && recording.frames == frames.map(\.codes))
        #expect(Set(frames.map(\.level)).count > 5 && recording.sizes.levelBits > 0)
        var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
        #expect(try decode(recording) == frames.flatMap { try decoder.push($0) })
        // Bare codes are spoken at the nominal level.
        var (bare, nominal) = (recording, DelayCompensatedDecoder(model, sampleCount: audio.count))
        bare.levels = []
        let spoken = try decode(bare)
        #expect(try spoken == frames.flatMap { try nominal.push($0.codes) } && spoken != decode(recording))
    }

    /// Any prefix of a frame's codes decodes, at the same level.
    @Test func fewerCodesHaveTheSameLevel() throws {
        let recording = try TokenFileReader.read(file())
        var decoder = try RecordingDecoder(recording, by: model, codes: 1)
        var found: [Float] = []
        while let (samples, _) = try decoder.read() { found += samples }
        var other = DelayCompensatedDecoder(model, sampleCount: audio.count)
        #expect(
            try found == frames.flatMap { try other.push(TokenFrame(codes: [$0.codes[0]], level: $0.level)) })
    }

    private func packets(sendsPauses: Bool = false) throws -> [[UInt8]] {
        var sender = try SpeechSender(model, sendsPauses: sendsPauses)
        return try sender.push(audio) + sender.finish()
    }

    private func play(_ packets: some Sequence<[UInt8]>) throws -> [Float] {
        var receiver = try SpeechReceiver(ModelShelf(model))
        return try packets.flatMap { try receiver.push($0) } + receiver.finish()
    }

    @Test func liveSoundsAsTheFileDoes() throws {
        let live = try play(packets())
        let recording = try TokenFileReader.read(file())
        let fromFile = try decode(recording)
        #expect(live.prefix(fromFile.count) == fromFile[...] && live.count >= fromFile.count)
    }

    /// After each hello, whenever it changes, and once more if the change is great.
    @Test func aSenderTellsTheLevelWhenItMust() throws {
        let sent = try packets()
        #expect(sent[0].prefix(2) == [0xD3, 2] && sent[1][0] == 0xB6)
        var (told, changes, great, hellos) = (UInt8?.none, 0, 0, 0)
        for frame in frames {
            if let told, let level = frame.level, told != level {
                changes += 1
                great += abs(Int(told) - Int(level)) > 1 ? 1 : 0
            }
            told = frame.level
        }
        for packet in sent where packet[0] == 0xD3 { hellos += packet[1] == 2 ? 1 : 0 }
        let levels = sent.count { $0[0] == 0xB6 }
        #expect(changes > 5 && great > 0 && levels >= changes + 1 && levels <= changes + great + hellos)
    }

    /// Whatever is lost, live and file sound the same if what was told of the levels is the same.
    @Test(arguments: 0..<100 as Range<UInt64>) func lossesSoundTheSameLiveAndFromAFile(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let loss = Double.random(in: 0...0.5, using: &random)
        var isLost = frames.map { _ in Double.random(in: 0..<1, using: &random) < loss }
        (isLost[0], isLost[frames.count - 1]) = (false, false)
        var (kept, told, number): ([[UInt8]], UInt8?, Int) = ([], nil, 0)
        // The level that a receiver knows of at each frame.
        var known: [UInt8?] = []
        for packet in try packets() {
            switch packet[0] {
            case 0xD3: kept.append(packet)
            case 0xB6:
                guard Double.random(in: 0..<1, using: &random) >= loss else { continue }
                kept.append(packet)
                told = packet[2]
            default:
                if !isLost[number] { kept.append(packet) }
                known.append(told)
                number += 1
            }
        }
        var recording = try TokenFileReader.read(file())
        recording.levels = known
        recording.sampleCount = nil
        for frame in isLost.indices where isLost[frame] { recording.frames[frame] = nil }
        let (live, fromFile) = (try play(kept), try decode(recording))
        let difference = zip(live, fromFile).enumerated().first { $1.0 != $1.1 }?.offset
        #expect(live.count == fromFile.count && difference == nil, "differs from sample \(difference ?? -1) on")
    }

    /// What comes out is at the speaker's level again at the latest after the next hello.
    @Test func aReceiverThatJoinsLearnsTheLevel() throws {
        let sent = try packets()
        let hello = try #require(sent.indices.dropFirst().first { sent[$0][0] == 0xD3 })
        var joined = try SpeechReceiver(ModelShelf(model))
        // A frame before the hello is of no level that is known.
        let late = try sent[(hello - 1)...].flatMap { try joined.push($0) } + joined.finish()
        let whole = try play(sent)
        // The networks remember longer than the level: what is compared is loudness.
        func level(_ audio: some Collection<Float>) -> Float {
            10 * log10(audio.reduce(0) { $0 + $1 * $1 } / Float(audio.count))
        }
        let count = 12_800
        #expect(abs(level(late.suffix(count)) - level(whole.suffix(count))) < 1)
    }

    @Test func pausesDisturbNoLevel() throws {
        var (sender, receiver) = (try SpeechSender(model, sendsPauses: true), try SpeechReceiver(ModelShelf(model)))
        let silence = [Float](repeating: 0, count: 32_000)
        let sent = try sender.push(audio + silence + audio) + sender.finish()
        let played = try sent.flatMap { try receiver.push($0) } + receiver.finish()
        #expect(receiver.statistics.lost == 0 && receiver.statistics.levels > 0)
        #expect(sent.contains { $0[0] == 0xB4 } && played.count >= 2 * audio.count + silence.count)
    }

    /// A stream that goes on with a model whose codes say how loud a speaker is needs no level, and back.
    @Test func modelsOfBothKindsFollowEachOther() throws {
        let plain = try Self.fixture("text-model")
        var sender = try SpeechSender(plain)
        let other = try sender.push(audio.prefix(16_000)) + sender.finish()
        let (shelf, own) = (try ModelShelf(model) { [plain] }, try packets())
        var receiver = try SpeechReceiver(shelf)
        let played = try (own + other + own).flatMap { try receiver.push($0) } + receiver.finish()
        #expect(receiver.unknownModel == nil && played.count > 2 * audio.count && receiver.statistics.lost == 0)
        let first = try play(own)
        #expect(played.prefix(first.count - 2000) == first.prefix(first.count - 2000))
    }
}
