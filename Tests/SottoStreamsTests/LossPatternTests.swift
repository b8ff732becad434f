// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import SottoStreams
import SystemIO
import TestSupport
import Testing
import TokenFile
import Transcript

/// Live and from a file, the same frames sound the same, whatever is lost, late or there twice.
@Suite struct LossPatternTests {
    private static let words = "the quick brown fox jumps over the lazy dog"

    /// What a sender sends of 1.5 s of a voice-like sound.
    private struct Stream {
        let model: CodecModel
        let frames: [TokenFrame]

        init(_ name: String) throws {
            model = try CodecModel.load(name)
            let rate = Float(model.configuration.sampleRate)
            let audio = (0..<24_000).map { sample in
                let time = Float(sample) / rate
                let pitch = 2 * Float.pi * (120 * time + 3 * sin(6 * time))
                return 0.2 * (sin(pitch) + 0.5 * sin(3 * pitch) + 0.3 * sin(9 * pitch)) * abs(sin(4 * time))
            }
            var encoder = try SpeechEncoder(model, codes: .fixed(min(2, model.configuration.quantizer.codebooks)))
            frames = encoder.push(audio) + encoder.finish().frames
        }

        func packet(_ frame: Int) throws -> [UInt8] {
            try LivePacket.frame(number: UInt8(frame), codes: frames[frame].codes).bytes(
                bitsPerCode: model.configuration.bitsPerCode)
        }
    }

    /// 1000 patterns: up to half of the frames lost, in runs too; packets overtaken by up to three others; some there twice.
    @Test(arguments: CodecModel.shipped, [false, true]) func soundsTheSameLiveAndFromAFile(
        name: String, usesTranscripts: Bool
    ) throws {
        let stream = try Stream(name)
        var random = SeededGenerator(seed: usesTranscripts ? 5 : 4)
        for pattern in 0..<250 {
            let loss = Double.random(in: 0...0.5, using: &random)
            var isLost = stream.frames.map { _ in Double.random(in: 0..<1, using: &random) < loss }
            if pattern % 3 == 0 {
                let start = Int.random(in: 1..<isLost.count, using: &random)
                for frame in start..<min(isLost.count, start + Int.random(in: 1...9, using: &random)) {
                    isLost[frame] = true
                }
            }
            // A file ends with the last frame that is there.
            (isLost[0], isLost[isLost.count - 1]) = (false, false)
            let texts = usesTranscripts ? texts(of: stream.frames.count, using: &random) : []
            let sent = try sent(stream, &isLost, using: &random)
            let live = try live(stream, sent, texts, using: &random)
            let file = try file(stream, isLost, texts)
            // Comparisons of this size are not told in full.
            let difference = zip(live, file).enumerated().first { $1.0 != $1.1 }?.offset ?? min(live.count, file.count)
            let isSame = live.count == file.count && difference == live.count
            let frame = difference / stream.model.configuration.frameSize
            #expect(
                isSame,
                "pattern \(pattern) from frame \(frame) on: \(isLost), texts \(texts.map(\.frames)) \(live.count) \(file.count)"
            )
            guard isSame else { return }
        }
    }

    /// One or two texts, which may begin in the middle of a loss.
    private func texts(of count: Int, using random: inout SeededGenerator) -> [TextSegment] {
        let middle = Int.random(in: 1..<count, using: &random)
        let timing = SymbolTiming(counts: (0..<middle).map { $0 % 3 })
        return [
            TextSegment(frames: 0..<middle, text: Self.words, timing: Bool.random(using: &random) ? timing : nil),
            TextSegment(frames: middle..<count, text: Self.words),
        ]
    }

    /// The packets in the order of their arrival: some are overtaken by later ones, and are then as good as lost; some come twice.
    private func sent(
        _ stream: Stream, _ isLost: inout [Bool], using random: inout SeededGenerator
    ) throws -> [[UInt8]] {
        var packets: [(place: Double, frame: Int)] = []
        for frame in isLost.indices where !isLost[frame] {
            let isLate = frame > 0 && frame < isLost.count - 4 && Int.random(in: 0..<8, using: &random) == 0
            packets.append((Double(frame) + (isLate ? .random(in: 0...3.5, using: &random) : 0), frame))
            if Int.random(in: 0..<5, using: &random) == 0 {
                packets.append((Double(frame) + 3.5 + .random(in: 0...3.5, using: &random), frame))
            }
        }
        packets.sort { $0.place < $1.place }
        var latest = -1
        var heard = Set<Int>()
        for packet in packets where packet.frame > latest {
            heard.insert(packet.frame)
            latest = packet.frame
        }
        for frame in isLost.indices where !heard.contains(frame) { isLost[frame] = true }
        return try packets.map { try stream.packet($0.frame) }
    }

    private func live(
        _ stream: Stream, _ sent: [[UInt8]], _ texts: [TextSegment], using random: inout SeededGenerator
    ) throws -> [Float] {
        var receiver = try SpeechReceiver(ModelShelf(stream.model), usesTranscripts: !texts.isEmpty)
        for text in texts { receiver.add(transcript: text.text, timing: text.timing, from: text.frames.lowerBound) }
        let bits = stream.model.configuration.bitsPerCode
        let hello = try LivePacket.hello(model: stream.model.tokenIdentity, nextFrame: 0, tellsLevels: true)
            .bytes(bitsPerCode: bits)
        // Ahead of their frames, so that none is lost with them.
        var (levels, last): ([UInt8], UInt8?) = ([], nil)
        for (number, frame) in stream.frames.enumerated() where frame.level != last {
            levels += try LivePacket.level(number: UInt8(number), #require(frame.level)).bytes(bitsPerCode: bits)
            last = frame.level
        }
        let bytes = hello + levels + Array(sent.joined())
        var (audio, start) = ([Float](), 0)
        while start < bytes.count {
            let end = min(bytes.count, start + .random(in: 1...40, using: &random))
            audio += try receiver.push(bytes[start..<end])
            start = end
        }
        return try audio + receiver.finish()
    }

    private func file(_ stream: Stream, _ isLost: [Bool], _ texts: [TextSegment]) throws -> [Float] {
        let counts = CodeCounts(all: stream.frames[0].codes.count)
        let header = try stream.model.tokenHeader(sampleRate: stream.model.configuration.sampleRate, counts: counts)
        var writer = TokenFileWriter(header: header)
        for frame in stream.frames { #expect(try writer.append(frame).isEmpty) }
        var recording = try TokenFileReader.read(writer.start + writer.finish(sampleCount: 0).end)
        for frame in isLost.indices where isLost[frame] { recording.frames[frame] = nil }
        (recording.texts, recording.sampleCount) = (texts, nil)
        var decoder = try RecordingDecoder(recording, by: stream.model)
        var audio: [Float] = []
        while let (samples, _) = try decoder.read() { audio += samples }
        return audio
    }
}
