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
    /// A model's file: header, configuration, tensors.
    case weights
    case audio
    /// What is said: its letters, and where they are in some codes.
    case transcripts
    /// NumPy's formats and JSON.
    case arrays
    /// What the benchmark reads: lists of clips, peers, reports and other judges' figures.
    case lists

    public func run(_ bytes: [UInt8]) {
        switch self {
        case .tokens:
            _ = try? TokenFileReader.read(bytes)
            _ = try? TokenFileReader.read(Repair.tokenFile(bytes))
        case .decoding: _ = try? decode(bytes)
        case .packets: parse(bytes)
        case .line: _ = try? receive(bytes)
        case .weights: _ = try? CodecModel(bytes: bytes.span.bytes)
        case .audio: _ = try? TemporaryFile.withFile(of: bytes, readAudio)
        case .transcripts: _ = try? align(bytes)
        case .arrays:
            for first in [false, true] { _ = try? CodeArray(bytes, codebooksFirst: first) }
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
        // An hour that is lost is an hour of samples, but no more is learnt of it.
        for _ in 0..<64 {
            guard try decoder.read() != nil else { return }
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
        var reads = 0
        for start in stride(from: 0, to: packets.count, by: Int(bytes[1]) + 1) {
            receiver.append(packets[start..<min(start + Int(bytes[1]) + 1, packets.count)])
            while reads < 64, try receiver.read() != nil { reads += 1 }
        }
        receiver.end()
        while reads < 80, try receiver.read() != nil { reads += 1 }
        _ = receiver.statistics
    }

    private func readAudio(_ path: String) throws {
        var reader = try AudioFileReader(path: path)
        var resampler = try Resampler(from: reader.sampleRate, to: 16_000)
        // A few bytes may stand for hours of silence.
        for _ in 0..<32 {
            let samples = try reader.read(upTo: 4096)
            if samples.isEmpty { break }
            _ = try resampler.process(samples)
        }
        _ = try resampler.finish()
    }

    /// The first byte says how many bytes are codes of a model that reads text; the rest is what is said.
    private func align(_ bytes: [UInt8]) throws {
        guard let count = bytes.first, let model = SmallModels.reader else { return }
        let codes = bytes.dropFirst().prefix(Int(count))
        let text = try PlainText.decode(bytes.dropFirst(1 + codes.count), name: "the text")
        let limit = UInt16(model.configuration.quantizer.codes)
        let frames = codes.map { byte -> Codes? in byte == 255 ? nil : [UInt16(byte) % limit] }
        _ = try model.align(frames, with: text)
        var decoder = try SpeechDecoder(model, transcript: text)
        for frame in frames.prefix(24) { _ = try decoder.push([frame.map(Arrival.codes) ?? .lost(1)]) }
        _ = decoder.finish()
    }

    private func readLists(_ path: String) throws {
        _ = try? ClipList.read(path)
        _ = try? JoinedFigures(path: path)
        _ = try? ResultStore.report(path)
        _ = try? CommandSystem(named: path)
    }
}
