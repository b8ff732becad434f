// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
public import Sotto

/// Everything that a benchmark found; its JSON is described in Docs/bench-schema.md.
public struct Report: Sendable, Codable {
    public struct System: Sendable, Codable {
        public var name: String
        /// The codec that it is a setting of: what its name begins with.
        public var family: String
        /// How many recordings it could code, and how many not.
        public var clips: Int
        public var failures: Int
        /// Over the recordings that are compared, as are all that follow up to `byPart`.
        public var figures: [String: Interval]
        /// This system less the first one, clip by clip.
        public var differences: [String: Interval]
        public var bySpeaker: [String: [String: Interval]]
        public var byPart: [String: [String: Interval]]
        /// Median over the clips that it could code.
        public var medianEncodeRtf: Double?
        public var medianDecodeRtf: Double?
        public var frameMillisecondsP50: Double?
        public var frameMillisecondsP99: Double?
        /// Of the process that encodes or the one that decodes, whichever takes more, in bytes.
        public var peakMemory: Int?
        public var tokens: TokenStatistics?
    }

    public struct Machine: Sendable, Codable {
        public var processor: String
        /// The set of instructions that the networks were computed with.
        public var instructions: String
        public var workers: Int
        /// Of the whole run, all workers, in bytes.
        public var peakMemory: Int
    }

    /// The codec that was measured.
    package struct Codec: Sendable {
        package var identity: String
        package var bytes: Int
        package var delayMilliseconds: Double
        /// In a codebook.
        package var codes: Int
        package var frameRate: Double

        package init(identity: String, bytes: Int, delayMilliseconds: Double, codes: Int, frameRate: Double) {
            (self.identity, self.bytes, self.delayMilliseconds) = (identity, bytes, delayMilliseconds)
            (self.codes, self.frameRate) = (codes, frameRate)
        }
    }

    static let schema = 2

    public var schema = Report.schema
    public var model: String
    public var modelBytes: Int
    /// Frame and overlap, in milliseconds.
    public var algorithmicDelayMs: Double
    public var machine: Machine
    /// Names of the figures that come from elsewhere.
    public var joined: [String]?
    /// What was found, in words; nil if there is nothing to compare.
    public var headline: Headline?
    public var systems: [System]
    /// The recordings that systems are compared on, by their names: those that all can code who can code any.
    public var compared: [String]
    public var clips: [ClipResult]
    /// What breaks first; nil if nothing was measured of it.
    public var breakdown: Breakdown?
    /// How alike the model's codes are of changed clips, if that was measured.
    public var robustness: [Robustness]?
    /// What small models make of the frames, if that was measured.
    public var probe: Probe?

    /// - Parameters:
    ///   - names: the systems, the first being what the others are compared with.
    ///   - joined: the figures in `clips` that come from elsewhere.
    ///   - phones: phones and when they are said, from elsewhere.
    ///   - peakMemory: in bytes, by system.
    public init(
        _ clips: [ClipResult], systems names: [String], joined: [String], phones: JoinedPhones,
        peakMemory: [String: Int], model: CodecModel, modelBytes: Int, workers: Int
    ) {
        let configuration = model.configuration
        let delay = Double(configuration.frameSize + configuration.delay) * 1000 / Double(configuration.sampleRate)
        let codec = Codec(
            identity: model.identity.map { String(format: "%02x", $0) }.joined(), bytes: modelBytes,
            delayMilliseconds: delay, codes: configuration.quantizer.codes, frameRate: configuration.frameRate)
        self.init(
            clips, systems: names, joined: joined, phones: phones, peakMemory: peakMemory, codec: codec,
            workers: workers)
    }

    package init(
        _ clips: [ClipResult], systems names: [String], joined: [String], phones: JoinedPhones,
        peakMemory: [String: Int], codec: Codec, workers: Int
    ) {
        self.clips = clips.map(\.withoutHops)
        self.joined = joined
        (model, modelBytes, algorithmicDelayMs) = (codec.identity, codec.bytes, codec.delayMilliseconds)
        machine = Machine(
            processor: Self.processor, instructions: Instructions.inUse.name, workers: workers,
            peakMemory: Self.peakMemory)
        let common = CommonClips(clips, systems: names)
        compared = common.results.map(\.clip.id)
        systems = names.map { name in
            var system = System(name, comparedWith: names[0], clips, common, codec)
            system.peakMemory = peakMemory[name]
            return system
        }
        headline = Headline(systems, common, joined: joined)
        breakdown = Breakdown(common.results, systems: systems, phones: phones.byClip)
    }

    private static var processor: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return line.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    private static var peakMemory: Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}

extension Report.System {
    fileprivate init(
        _ name: String, comparedWith base: String, _ clips: [ClipResult], _ common: CommonClips, _ codec: Report.Codec
    ) {
        let done = clips.filter { $0.isCoded(by: name) }
        func values(_ key: String) -> [Double] { done.compactMap { $0.systems[name]?.figures[key] } }
        self.name = name
        family = String(name.prefix { $0 != "-" && $0 != "+" })
        self.clips = done.count
        failures = clips.count - done.count
        figures = common.means(of: name)
        differences = name == base ? [:] : common.differences(of: name, less: base)
        bySpeaker = common.means(of: name, by: \.speaker)
        byPart = common.means(of: name, by: \.part)
        medianEncodeRtf = values("encode_rtf").median
        medianDecodeRtf = values("decode_rtf").median
        let times = done.flatMap { $0.systems[name]?.frameMilliseconds ?? [] }.sorted()
        frameMillisecondsP50 = times.median
        frameMillisecondsP99 = times.isEmpty ? nil : times[times.count * 99 / 100]
        tokens = TokenStatistics(
            done.compactMap { $0.systems[name]?.codes }, codes: codec.codes, frameRate: codec.frameRate)
    }

    /// Bit/s of the codes, and of the text if the decoder was given it.
    var bitsPerSecond: Double? { (figures["told_bit_s"] ?? figures["payload_bit_s"])?.mean }
}

/// Means of differences of every figure that both have, clip by clip.
func paired<Item>(
    _ items: [Item], _ one: (Item) -> SystemResult?, less other: (Item) -> SystemResult?
) -> [String: Interval] {
    var differences: [String: [Double]] = [:]
    for item in items {
        guard let a = one(item)?.figures, let b = other(item)?.figures else { continue }
        for (key, value) in a { if let before = b[key] { differences[key, default: []].append(value - before) } }
    }
    return differences.compactMapValues { Interval($0) }
}
