// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Sotto
import SystemIO

/// What small models make of the frames of each system: linear probes that tell sounds, speaker and pitch, and a language model of the
/// codes. See Docs/bench.md.
public struct Probe: Sendable, Codable, Equatable {
    /// What was found of one system. Figures are means over clips, with intervals over speakers; those that can't be told are missing.
    public struct Row: Sendable, Codable, Equatable {
        public var system: String
        /// Frames a second.
        public var frameRate: Double
        /// Share of a clip's rows of 20 ms whose phone or letter is told right.
        public var sounds: Interval?
        /// Share of the clips whose speaker is told right.
        public var speaker: Interval?
        /// Root mean square error over the voiced rows of a clip, in cents.
        public var pitchCents: Interval?
        /// What the language model needs for the codes of a frame, in bits.
        public var modelBits: Interval?
        /// What they take as they are written.
        public var writtenBits: Interval?
    }

    /// What `sounds` are of: "phones" if their times were joined, else "letters".
    public var sound: String
    public var clips: Int
    public var speakers: Int
    /// The systems; then the lines between which they lie: latents that aren't quantised, and those with shuffled labels.
    public var rows: [Row]

    package static let (unquantised, shuffled) = ("latents", "labels shuffled")
}

extension Probe {
    /// Tells before anything is measured whether there is enough to probe.
    ///
    /// - Throws: `BenchmarkError`, one line that says what is missing.
    public static func check(
        _ clips: [Clip], systems: [any CodecSystem], phones: JoinedPhones?
    ) throws(BenchmarkError) {
        guard !probed(systems).isEmpty else { throw BenchmarkError("none of the systems gives tokens to probe") }
        var counts: [String: Int] = [:]
        for clip in clips { if let speaker = clip.speaker { counts[speaker, default: 0] += 1 } }
        guard counts.values.count(where: { $0 > 1 }) > 1 else {
            throw BenchmarkError(
                "the probe needs at least two clips of each of two speakers, whom a TSV's column speaker names")
        }
        let told = clips.filter { clip in
            if let phones { phones.byClip[clip.id] != nil } else { clip.text != nil }
        }
        guard Set(told.compactMap(\.speaker)).count > 1 else {
            throw BenchmarkError(
                phones == nil
                    ? "the probe needs transcripts of at least two speakers, in a TSV's column text"
                    : "the probe needs phones of at least two speakers; those to join are of fewer")
        }
    }

    /// - Parameters:
    ///   - results: what was measured of the clips, codes among it; clips without a speaker, and those that a system couldn't code, are
    ///     left out.
    ///   - phones: when phones are said; nil for letters, which `model` then finds.
    ///   - progress: is told how many clips have been read; never called twice at a time.
    /// - Returns: also a line for each clip that could not be read.
    /// - Throws: `BenchmarkError` if too few clips are left, or a system's frames can't be read.
    public static func measure(
        _ results: [ClipResult], systems: [any CodecSystem], model: CodecModel, phones: JoinedPhones?, workers: Int,
        progress: (Int) -> Void
    ) throws -> (probe: Probe, failures: [String]) {
        let systems = probed(systems)
        let usable = results.filter { result in
            result.clip.speaker != nil && systems.allSatisfy { result.systems[$0.name]?.codes?.isEmpty == false }
        }
        var (clips, failures): ([ProbedClip], [String]) = ([], [])
        try ParallelWork.run(on: usable, jobs: workers) { result in
            try ProbedClip(result, systems: systems, model: model, phones: phones)
        } take: { result, probed in
            switch probed {
            case .success(let clip): clips.append(clip)
            case .failure(let failure): failures.append("\(result.clip.id): \(failure)")
            }
            progress(clips.count + failures.count)
        }
        try check(clips.map(\.clip), systems: systems, phones: phones)
        let tasks = ProbeTasks(
            sounds: clips.map(\.labels.sounds), pitch: clips.map(\.labels.pitch),
            speakers: clips.compactMap(\.clip.speaker))
        var rows: [Row] = []
        for (number, system) in systems.enumerated() {
            let frames = ProbedFrames(rate: system.frameRate, clips: clips.map { $0.frames[number] })
            let codes = clips.map { $0.codes[number] }
            rows.append(try tasks.row(system.name, frames, codes: codes, codebookSize: system.codebookSize))
        }
        let latents = clips.compactMap(\.latents)
        if let rate = systems.first?.frameRate, latents.count == clips.count {
            let frames = ProbedFrames(rate: rate, clips: latents)
            rows.append(try tasks.row(unquantised, frames))
            rows.append(try tasks.withShuffledLabels().row(shuffled, frames))
        }
        let probe = Probe(
            sound: phones == nil ? "letters" : "phones", clips: clips.count,
            speakers: Set(clips.map(\.clip.speaker)).count, rows: rows)
        return (probe, failures)
    }

    /// Those that can be probed, without those that give the same codes again.
    private static func probed(_ systems: [any CodecSystem]) -> [any ProbedSystem] {
        systems.compactMap { $0 as? any ProbedSystem }.filter { !$0.isToldText }
    }
}

/// A clip as probes need it.
private struct ProbedClip: Sendable {
    let clip: Clip
    let labels: ProbeLabels
    /// By each system, [frames][codes of the frame], and what these stand for, [frames, values].
    let codes: [[[UInt16]]]
    let frames: [Matrix]
    /// What the first system's codes come near to, [frames, values]; nil if it has no such thing.
    let latents: Matrix?

    init(_ result: ClipResult, systems: [any ProbedSystem], model: CodecModel, phones: JoinedPhones?) throws {
        clip = result.clip
        let audio = try Audio.read(clip.path)
        let sounds =
            phones.map { $0.byClip[result.clip.id] ?? [] }
            ?? clip.text.flatMap { SaidSound.letters(of: $0, in: audio, by: model) } ?? []
        labels = ProbeLabels(audio, sounds: sounds, model.configuration.features)
        codes = systems.map { result.systems[$0.name]?.codes ?? [] }
        frames = try zip(systems, codes).map { try matrix($0.vectors(of: $1)) }
        latents = try systems.first?.latents(of: audio).map(matrix)
    }
}

private func matrix(_ rows: [[Float]]) throws -> Matrix {
    let columns = rows.first?.count ?? 0
    guard columns > 0, rows.allSatisfy({ $0.count == columns }) else {
        throw BenchmarkError("its frames are not all of one size")
    }
    return Matrix(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
}
