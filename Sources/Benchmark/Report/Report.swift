// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
public import Sotto

/// Everything that a benchmark found; its JSON is described in Docs/bench-schema.md.
public struct Report: Sendable, Codable {
    public struct System: Sendable, Codable {
        public var name: String
        public var clips: Int
        public var failures: Int
        public var figures: [String: Interval]
        /// This system less the first one, clip by clip.
        public var differences: [String: Interval]
        public var bySpeaker: [String: [String: Interval]]
        public var byPart: [String: [String: Interval]]
        /// Median over clips.
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

    public var schema = 1
    public var model: String
    public var modelBytes: Int
    /// Frame and overlap, in milliseconds.
    public var algorithmicDelayMs: Double
    public var machine: Machine
    /// Names of the figures that come from elsewhere.
    public var joined: [String]?
    public var systems: [System]
    public var clips: [ClipResult]
    /// How alike the model's codes are of changed clips, if that was measured.
    public var robustness: [Robustness]?
    /// What small models make of the frames, if that was measured.
    public var probe: Probe?

    /// - Parameters:
    ///   - names: the systems, the first being what the others are compared with.
    ///   - joined: the figures in `clips` that come from elsewhere.
    ///   - peakMemory: in bytes, by system.
    public init(
        _ clips: [ClipResult], systems names: [String], joined: [String], peakMemory: [String: Int], model: CodecModel,
        modelBytes: Int, workers: Int
    ) {
        let configuration = model.configuration
        self.clips = clips
        self.joined = joined
        self.model = model.identity.map { String(format: "%02x", $0) }.joined()
        self.modelBytes = modelBytes
        algorithmicDelayMs =
            Double(configuration.frameSize + configuration.delay) * 1000 / Double(configuration.sampleRate)
        machine = Machine(
            processor: Self.processor, instructions: Instructions.inUse.name, workers: workers,
            peakMemory: Self.peakMemory)
        systems = names.map { name in
            var system = System(name, comparedWith: names[0], clips, configuration)
            system.peakMemory = peakMemory[name]
            return system
        }
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
    fileprivate init(_ name: String, comparedWith base: String, _ clips: [ClipResult], _ c: Configuration) {
        let done = clips.filter { $0.systems[name]?.failure == nil && $0.systems[name] != nil }
        func values(_ key: String) -> [Double] { done.compactMap { $0.systems[name]?.figures[key] } }
        func grouped(_ key: (Clip) -> String?) -> [String: [String: Interval]] {
            Dictionary(grouping: done.filter { key($0.clip) != nil }) { key($0.clip) ?? "" }
                .mapValues { means(of: name, $0) }
        }
        self.name = name
        self.clips = done.count
        failures = clips.count - done.count
        figures = means(of: name, done)
        differences = name == base ? [:] : paired(done, { $0.systems[name] }, less: { $0.systems[base] })
        bySpeaker = grouped(\.speaker)
        byPart = grouped(\.part)
        medianEncodeRtf = values("encode_rtf").median
        medianDecodeRtf = values("decode_rtf").median
        let times = done.flatMap { $0.systems[name]?.frameMilliseconds ?? [] }.sorted()
        frameMillisecondsP50 = times.median
        frameMillisecondsP99 = times.isEmpty ? nil : times[times.count * 99 / 100]
        tokens = TokenStatistics(
            done.compactMap { $0.systems[name]?.codes }, codes: c.quantizer.codes, frameRate: c.frameRate)
    }
}

private func means(of system: String, _ clips: [ClipResult]) -> [String: Interval] {
    let keys = Set(clips.flatMap { $0.systems[system]?.figures.keys.map { $0 } ?? [] })
    return keys.reduce(into: [:]) { means, key in
        means[key] = Interval(clips.compactMap { $0.systems[system]?.figures[key] })
    }
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
