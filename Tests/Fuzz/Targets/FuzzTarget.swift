// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Benchmark
import Foundation
import Quantizer
import Sotto
import SottoCommands
import SottoStreams
import SystemIO
import TokenFile

/// What takes bytes from outside. `run` gives it some; whatever they are, it has to come back, with an error or without.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Token files as they are, and with right checksums, so that more than the first check is reached.
    case tokens
    /// Token files of a model that is here, to their last sample.
    case decoding
    /// Packets, cut anywhere.
    case packets
    /// A live stream of models that are here, as samples.
    case line
    /// A model's file: header, configuration, tensors. With right digests, so that more than the check is reached; a model that is
    /// taken then has to encode and to decode.
    case weights
    case audio
    /// What is said: its letters, and where they are in some codes.
    case transcripts
    /// NumPy's formats and JSON.
    case arrays
    /// What the benchmark reads: lists of clips, peers, reports and other judges' figures.
    case lists

    /// What is decoded of an input. An hour that is lost is an hour of samples, but no more is learnt of it.
    private static let mostSamples = 12_000

    public func run(_ bytes: [UInt8]) {
        switch self {
        case .tokens:
            for bytes in [bytes, Repair.tokenFile(bytes)] {
                guard let spoken = try? TokenFileReader.read(bytes).spokenWords else { continue }
                _ = spoken.words(frameRate: 12.5)
                _ = spoken.timings(frameRate: 12.5)
            }
        case .decoding: _ = try? decode(bytes)
        case .packets: parse(bytes)
        case .line: _ = try? receive(bytes)
        case .weights:
            _ = try? CodecModel(bytes: bytes.span.bytes)
            _ = try? use(CodecModel(bytes: Repair.weights(bytes).span.bytes))
        case .audio: _ = try? TemporaryFile.withFile(of: bytes, readAudio)
        case .transcripts: _ = try? align(bytes)
        case .arrays:
            for first in [false, true] { _ = try? CodeArray(bytes, codebooksFirst: first) }
            _ = try? CodeBatch(bytes)
            _ = try? FlatTokens.frames(of: bytes, books: 8, size: 1024)
        case .lists: try? TemporaryFile.withFile(of: bytes, readLists)
        }
    }

    private func parse(_ bytes: [UInt8]) {
        let packets = Repair.packets(bytes.dropFirst(2), bitsPerCode: 10, identity: nil)
        guard let size = bytes.first, var parser = try? LivePacketParser(bitsPerCode: 10) else { return }
        for start in stride(from: 0, to: packets.count, by: Int(size) + 1) {
            _ = parser.push(packets[start..<min(start + Int(size) + 1, packets.count)])
        }
        _ = parser.finish()
        _ = parser.statistics
    }

    /// A recording whose frames are those of `bytes`, by a small model.
    private func decode(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let model = SmallModels.all[Int(first) % SmallModels.all.count]
        let codes: CodesPerFrame? = first & 64 == 0 ? nil : .fixed(1)
        let start = try RecordingEncoder(model, sampleRate: 16_000, codes: codes).start
        let recording = try TokenFileReader.read(Repair.chunks(start + bytes.dropFirst(), from: start.count))
        var decoder = try RecordingDecoder(recording, by: model, usesTranscripts: model.readsText)
        // A file may say that it is shorter than its frames, of which nothing is heard then: reads are counted too.
        var (samples, reads) = (0, 0)
        while samples < Self.mostSamples, reads < 8, let (some, _) = try decoder.read() {
            samples += some.count
            reads += 1
        }
    }

    private func receive(_ bytes: [UInt8]) throws {
        guard bytes.count > 1 else { return }
        let models = SmallModels.all
        let model = models[Int(bytes[0]) % models.count]
        let shelf = try ModelShelf(model, others: { models })
        var receiver = try SpeechReceiver(shelf, usesTranscripts: false)
        let packets = Repair.packets(
            bytes.dropFirst(2), bitsPerCode: model.configuration.bitsPerCode, identity: try model.tokenIdentity.bytes)
        var samples = 0
        for start in stride(from: 0, to: packets.count, by: Int(bytes[1]) + 1) {
            receiver.append(packets[start..<min(start + Int(bytes[1]) + 1, packets.count)])
            while samples < Self.mostSamples, let some = try receiver.read() { samples += some.count }
        }
        receiver.end()
        while samples < 2 * Self.mostSamples, let some = try receiver.read() { samples += some.count }
        _ = receiver.statistics
    }

    private func use(_ model: CodecModel) throws {
        var random: UInt32 = 1
        let noise = (0..<5000).map { _ in
            random = random &* 1_664_525 &+ 1_013_904_223
            return Float(random >> 8) / Float(1 << 24) - 0.5
        }
        var encoder = SpeechEncoder(model)
        let frames = encoder.push(noise) + encoder.finish().frames
        var decoder = try model.readsText ? SpeechDecoder(model, transcript: "a") : SpeechDecoder(model)
        for frame in frames.prefix(8) { _ = try decoder.push(frame) }
        _ = try decoder.push([.lost(1)])
        _ = decoder.finish()
    }

    private func readAudio(_ path: String) throws {
        var reader = try AudioFileReader(path: path)
        var resampler = try Resampler(from: reader.sampleRate, to: 16_000)
        // A few bytes may stand for hours of silence.
        for _ in 0..<16 {
            let samples = try reader.read(upTo: 2048)
            if samples.isEmpty { break }
            _ = try resampler.process(samples)
        }
        _ = try resampler.finish()
    }

    /// The first byte says how many bytes are codes of a model that reads text, 63 at most; the rest is what is said.
    private func align(_ bytes: [UInt8]) throws {
        guard let count = bytes.first, let model = SmallModels.reader else { return }
        let codes = bytes.dropFirst().prefix(Int(count & 63))
        let text = try PlainText.decode(bytes.dropFirst(1 + codes.count), name: "the text")
        let limit = UInt16(model.configuration.quantizer.codes)
        let frames = codes.map { byte -> Codes? in byte == 255 ? nil : [UInt16(byte) % limit] }
        _ = try model.align(frames, with: text)
        var decoder = try SpeechDecoder(model, transcript: text)
        for frame in frames.prefix(8) { _ = try decoder.push([frame.map(Arrival.codes) ?? .lost(1)]) }
        _ = decoder.finish()
    }

    private func readLists(_ path: String) throws {
        _ = try? ClipList.read(path)
        _ = try? JoinedFigures(paths: [path])
        _ = try? ResultStore.report(path)
        _ = try? CommandSystem(named: path)
    }
}
