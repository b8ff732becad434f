// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import SottoStreams
import TestSupport
import Testing
import TokenFile

/// Senders and receivers, recordings and their files, without the command line.
@Suite struct StreamTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private let model: CodecModel
    /// Two seconds of something that sounds.
    private let audio: [Float]

    init() throws {
        model = try CodecModel.load()
        audio = (0..<32_000).map { sample in
            let time = Float(sample) / 16_000
            return 0.3 * sin(2 * .pi * 150 * time) * abs(sin(5 * time)) + 0.05 * sin(2 * .pi * 2100 * time)
        }
    }

    /// A model of other networks and codes of 4 bits.
    private func small() throws -> CodecModel {
        try CodecModel(path: Self.root.appending(path: "Tests/SottoTests/Fixtures/text-model.safetensors").path)
    }

    private func packets(
        _ model: CodecModel, codes: CodesPerFrame? = nil, repeatsFirstCodes: Bool = false, sendsPauses: Bool = false,
        chunk: Int = 32_000
    ) throws -> [[UInt8]] {
        var sender = try SpeechSender(
            model, codes: codes, repeatsFirstCodes: repeatsFirstCodes, sendsPauses: sendsPauses)
        var packets: [[UInt8]] = []
        for start in stride(from: 0, to: audio.count, by: chunk) {
            packets += try sender.push(audio[start..<min(audio.count, start + chunk)])
        }
        return try packets + sender.finish()
    }

    private func play(_ packets: [[UInt8]], _ shelf: ModelShelf) throws -> [Float] {
        var receiver = try SpeechReceiver(shelf)
        return try packets.flatMap { try receiver.push($0) } + receiver.finish()
    }

    @Test(arguments: [CodesPerFrame.fixed(8), .fixed(1), .average(3)]) func liveAndRecordedSoundTheSame(
        codes: CodesPerFrame
    ) throws {
        let live = try play(packets(model, codes: codes), ModelShelf(model))
        var encoder = try RecordingEncoder(model, sampleRate: 16_000, codes: codes)
        var file = try encoder.start + encoder.push(audio)
        let ending = try encoder.finish(sampleCount: audio.count)
        file.replaceSubrange(0..<ending.header.count, with: ending.header)
        let recording = try TokenFileReader.read(file + ending.bytes)
        #expect(recording.warnings.isEmpty && recording.sampleCount == audio.count)
        var decoder = try RecordingDecoder(recording, by: model)
        var decoded: [Float] = []
        while let (samples, _) = try decoder.read() { decoded += samples }
        #expect(decoded.count == audio.count && Array(live.prefix(audio.count)) == decoded)
    }

    @Test(arguments: [1, 700, 1280, 5000]) func packetsDontDependOnChunks(chunk: Int) throws {
        for pauses in [false, true] {
            let wanted = try packets(model, codes: .fixed(2), repeatsFirstCodes: true, sendsPauses: pauses)
            let found = try packets(
                model, codes: .fixed(2), repeatsFirstCodes: true, sendsPauses: pauses, chunk: chunk)
            #expect(found == wanted)
        }
    }

    /// Each model's frames have its own number and size of codes, and its own length.
    @Test func aStreamMayChangeToAModelOfOtherCodes() throws {
        let small = try small()
        #expect(small.configuration.bitsPerCode != model.configuration.bitsPerCode)
        let (first, second) = (try packets(model), try packets(small))
        let shelf = try ModelShelf(model) { [small] }
        let heard = try play(first + second + first, shelf)
        let alone = try play(first, ModelShelf(model))
        let other = try play(second, ModelShelf(small))
        #expect(Array(heard.prefix(alone.count)) == alone)
        #expect(heard.count == 2 * alone.count + other.count)
        #expect(Array(heard[alone.count..<alone.count + other.count]) == other)
        // As one byte at a time.
        let bytes = (first + second + first).flatMap { $0 }
        #expect(try play(bytes.map { [$0] }, shelf) == heard)
    }

    @Test func aModelThatIsNotHereIsSilentAndNamed() throws {
        let (small, stream) = (try small(), try packets(small()))
        var receiver = try SpeechReceiver(ModelShelf(model))
        let heard = try stream.flatMap { try receiver.push($0) } + receiver.finish()
        #expect(heard.allSatisfy { $0 == 0 } && receiver.statistics.hellos == 1)
        #expect(try receiver.unknownModel == small.tokenIdentity)
        #expect(throws: TokenFileError.self) { try receiver.requireModel() }
    }

    @Test func aHelloOfAVersionToComeIsSilentAndNamed() throws {
        var stream = try packets(model)
        stream[0][1] = 3
        stream[0] = Array(stream[0].dropLast(2))
        let sum = crc16(stream[0])
        stream[0] += [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)]
        var receiver = try SpeechReceiver(ModelShelf(model))
        let heard = try stream.flatMap { try receiver.push($0) } + receiver.finish()
        #expect(receiver.unknownVersion == 3 && !heard.isEmpty)
        let loudest = heard.map(abs).max() ?? 0
        #expect(loudest == 0, "\(loudest) from \(heard.firstIndex { $0 != 0 } ?? 0)")
        #expect(throws: TokenFileError.futureVersion(3)) { try receiver.requireModel() }
    }

    /// In a pause the line shows that it is up three times a second, whatever the length of a frame.
    @Test(arguments: ["sotto-16k", "sotto-16k-6hz"]) func aPauseGivesASignOfLifeInTime(name: String) throws {
        let model = try CodecModel.load(name)
        let rate = model.configuration.frameRate
        var sender = try SpeechSender(model, sendsPauses: true)
        let sent = try sender.push(audio + [Float](repeating: 0, count: 64_000))
        // The numbers of frames of the pause that have packets.
        let numbers = sent.filter { [0xB4, 0xB5].contains($0[0]) }.map { Int($0[1]) }
        let gaps = zip(numbers, numbers.dropFirst()).map { Double($1 - $0) / rate }
        #expect(sent.count { $0[0] == 0xB5 } >= 6 && gaps.allSatisfy { $0 <= 0.32 })
        #expect(gaps.count { $0 == 0.32 } >= 6)
    }

    /// Hours that few bytes claim are given a second at a time.
    @Test func longLossesComeInParts() throws {
        let identity = try model.tokenIdentity
        var receiver = try SpeechReceiver(ModelShelf(model))
        let stream = try packets(model)
        receiver.append(stream[...3].joined())
        for hour in 1...3 {
            receiver.append(try LivePacket.hello(model: identity, nextFrame: 44_000 * hour).bytes(bitsPerCode: 10))
        }
        receiver.end()
        var (frames, longest) = (0, 0)
        while let part = try receiver.read() {
            frames += part.count / model.configuration.frameSize
            longest = max(longest, part.count / model.configuration.frameSize)
        }
        #expect(frames >= 131_990 && longest <= 20)
    }

    /// Lost frames beyond a recording's samples, an hour of which few bytes claim, cost nothing.
    @Test(arguments: [false, true]) func aRecordingEndsWithItsSamples(usesTranscripts: Bool) throws {
        var encoder = try RecordingEncoder(model, sampleRate: 16_000, transcript: usesTranscripts ? "words" : nil)
        let file = try encoder.start + encoder.push(audio) + encoder.finish(sampleCount: audio.count).bytes
        let whole = try TokenFileReader.read(file)
        var claiming = whole
        claiming.frames += [Codes?](repeating: nil, count: 45_000)
        func decode(_ recording: TokenRecording) throws -> (samples: [Float], frames: Int, reads: Int) {
            var decoder = try RecordingDecoder(recording, by: model, usesTranscripts: usesTranscripts)
            var (all, frames, reads) = ([Float](), 0, 0)
            while let part = try decoder.read() {
                all += part.samples
                (frames, reads) = (frames + part.frames, reads + 1)
            }
            return (all, frames, reads)
        }
        let (wanted, found) = (try decode(whole), try decode(claiming))
        let same = found.samples == wanted.samples
        #expect(same && wanted.samples.count == audio.count)
        #expect(found.frames <= whole.frames.count + 128 && found.reads <= 5)
        // Nor where they come before its last sample and go on behind it.
        claiming = whole
        claiming.frames.replaceSubrange(10..., with: [Codes?](repeating: nil, count: 45_000))
        let lost = try decode(claiming)
        #expect(lost.samples.count == audio.count && lost.frames <= 192 && lost.reads <= 6)
    }

    @Test(arguments: [0, 9, -1]) func impossibleNumbersOfCodesAreRefused(number: Int) {
        let error = StreamError.codes(.impossibleNumber(number, codebooks: 8))
        #expect(throws: error) { try SpeechSender(model, codes: .fixed(number)) }
        #expect(throws: error) {
            try RecordingEncoder(model, sampleRate: 16_000, codes: .average(number))
        }
    }

    @Test func whatNoModelFitsIsRefused() throws {
        var encoder = try RecordingEncoder(model, sampleRate: 16_000)
        let file = try encoder.start + encoder.push(audio) + encoder.finish(sampleCount: audio.count).bytes
        let recording = try TokenFileReader.read(file)
        let (needed, other) = (try model.tokenIdentity, try small())
        #expect(throws: StreamError.tokens(.otherModel(needs: needed, has: try other.tokenIdentity))) {
            try RecordingDecoder(recording, by: other)
        }
        #expect(throws: StreamError.self) { try RecordingEncoder(model, sampleRate: 0) }
        var decoder = SpeechDecoder(model)
        #expect(throws: ModelError.madeWithoutTranscript) { try decoder.setTranscript("words") }
    }
}
