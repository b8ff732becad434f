// SPDX-License-Identifier: Apache-2.0

/// What breaks first: where the errors of each system lie. An error is the log-mel distance of a hop of 10 ms; hops more than 40 dB
/// under the recording's loudest don't count.
public struct Breakdown: Sendable, Codable {
    public enum Classes: String, Sendable, Codable {
        case phones, letters
    }

    public struct Row: Sendable, Codable {
        public var name: String
        /// How many hops these are, and what share of all; nil where it is all of them, as in each band.
        public var frames: Int
        public var share: Double?
        /// By the system's name.
        public var errors: [String: Interval]
    }

    /// What rows of a group differ in.
    public enum Kind: String, Sendable, Codable {
        case sound = "class of sound"
        case voicing, band, pitch
        case level = "level under the loudest"
        case speaker

        fileprivate func inWords(_ row: String) -> String {
            switch self {
            case .sound: row
            case .voicing: "\(row) speech"
            case .band: "the band \(row)"
            case .pitch: "pitches \(row)"
            case .level: "levels \(row) under the loudest"
            case .speaker: "speaker \(row)"
            }
        }
    }

    public struct Group: Sendable, Codable {
        public var kind: Kind
        public var rows: [Row]
    }

    /// What tells the classes of sound; nil if nothing does.
    public var classes: Classes?
    public var groups: [Group]
    /// Of all hops that count, by the system's name.
    public var means: [String: Interval]
    public var sentences: [String]

    /// - Parameters:
    ///   - results: the recordings that systems are compared on.
    ///   - phones: phones and when they are said, by the recording's name.
    init(_ results: [ClipResult], systems: [Report.System], phones: [String: [SaidSound]]) {
        let names = systems.map(\.name).filter { name in
            !results.isEmpty && results.allSatisfy { $0.systems[name]?.hopErrors != nil }
        }
        let clips = names.isEmpty ? [] : results.compactMap { CountedClip($0, phones: phones[$0.clip.id], names) }
        let all = Dictionary(
            uniqueKeysWithValues: names.map { name in (name, Self.error(of: name, clips) { _, _ in true }) })
        means = all.compactMapValues { $0 }
        classes =
            clips.contains { $0.classes?.source == .phones }
            ? .phones : clips.contains { $0.classes != nil } ? .letters : nil
        let total = clips.reduce(0) { $0 + $1.count }

        func row(_ name: String, _ isIn: (CountedClip, Int) -> Bool) -> Row? {
            let frames = clips.reduce(0) { sum, clip in sum + clip.counted.count { isIn(clip, $0) } }
            guard frames > 0 else { return nil }
            let errors = Dictionary(uniqueKeysWithValues: names.map { ($0, Self.error(of: $0, clips, where: isIn)) })
            return Row(
                name: name, frames: frames, share: Double(frames) / Double(max(1, total)),
                errors: errors.compactMapValues { $0 })
        }
        let lowest = Self.lowest(of: systems.filter { names.contains($0.name) })
        func worstFirst(_ rows: [Row]) -> [Row] {
            rows.sorted { ($0.errors[lowest ?? ""]?.mean ?? 0) > ($1.errors[lowest ?? ""]?.mean ?? 0) }
        }
        let source = classes
        let speakers = Set(clips.compactMap(\.speaker)).sorted()
        groups = [
            Group(
                kind: .sound,
                rows: worstFirst(
                    SoundClass.allCases.compactMap { kind in
                        row(kind.rawValue) { clip, hop in
                            clip.classes.map { $0.source == source && $0.kinds[hop] == kind } ?? false
                        }
                    })),
            Group(
                kind: .voicing,
                rows: [("voiced", true), ("unvoiced", false)].compactMap { name, isVoiced in
                    row(name) { clip, hop in (clip.hops.pitches[hop] > 0) == isVoiced }
                }),
            Group(kind: .band, rows: Self.bands(clips, names, total: total)),
            Group(
                kind: .pitch,
                rows: Self.pitches.compactMap { name, range in row(name) { range.contains($0.hops.pitches[$1]) } }),
            Group(
                kind: .level,
                rows: Self.levels.compactMap { name, range in row(name) { range.contains($0.hops.levels[$1]) } }),
            Group(
                kind: .speaker,
                rows: speakers.count < 2
                    ? []
                    : worstFirst(speakers.compactMap { speaker in row(speaker) { clip, _ in clip.speaker == speaker } })
            ),
        ].filter { !$0.rows.isEmpty }
        sentences = Self.sentences(groups, systems.filter { names.contains($0.name) })
    }

    private static let pitches: [(String, Range<Int>)] = [
        ("under 100 Hz", 1..<100), ("100 to 150 Hz", 100..<150), ("150 to 200 Hz", 150..<200),
        ("200 to 300 Hz", 200..<300),
        ("over 300 Hz", 300..<Int.max),
    ]

    private static let levels: [(String, Range<Int>)] = [
        ("0 to 10 dB", -10..<1), ("10 to 20 dB", -20 ..< -10), ("20 to 30 dB", -30 ..< -20),
        ("30 to 40 dB", -40 ..< -30),
    ]

    private static let bandNames = [
        "up to 500 Hz", "0.5 to 1 kHz", "1 to 2 kHz", "2 to 4 kHz", "4 to 6 kHz", "6 to 8 kHz",
    ]

    private static func bands(_ clips: [CountedClip], _ names: [String], total: Int) -> [Row] {
        bandNames.enumerated().map { index, band in
            let errors = names.map { name in
                (name, Interval(weighted: clips.map { ($0.errors[name]?.bands[index] ?? 0, Double($0.count)) }))
            }
            return Row(
                name: band, frames: total, share: nil,
                errors: Dictionary(uniqueKeysWithValues: errors).compactMapValues { $0 })
        }.filter { !$0.errors.isEmpty }
    }

    /// The mean error of a system over hops, whichever clip they are of.
    private static func error(
        of system: String, _ clips: [CountedClip], where isIn: (CountedClip, Int) -> Bool
    ) -> Interval? {
        Interval(
            weighted: clips.compactMap { clip in
                guard let errors = clip.errors[system] else { return nil }
                let hops = clip.counted.filter { isIn(clip, $0) }
                let sum = hops.reduce(0) { $0 + errors.thousandths[$1] }
                return (Double(sum) / 1000 / Double(max(1, hops.count)), Double(hops.count))
            })
    }

    /// The setting of the first codec with the fewest bits.
    private static func lowest(of systems: [Report.System]) -> String? {
        let own = systems.filter { $0.family == systems.first?.family }
        return own.min { ($0.bitsPerSecond ?? 0) < ($1.bitsPerSecond ?? 0) }?.name
    }

    /// Rows of fewer hops say nothing in words: half a second.
    private static let least = 50

    private static func sentences(_ groups: [Group], _ systems: [Report.System]) -> [String] {
        let own = systems.filter { $0.family == systems.first?.family && $0.bitsPerSecond != nil }
            .sorted { ($0.bitsPerSecond ?? 0) < ($1.bitsPerSecond ?? 0) }
        guard let low = own.first, let high = own.last, let from = high.bitsPerSecond, let to = low.bitsPerSecond,
            low.name != high.name
        else { return [] }
        let worst = groups.compactMap { group -> String? in
            let rises = group.rows.filter { $0.frames >= least }.compactMap {
                row -> (name: String, from: Double, to: Double)? in
                guard let a = row.errors[high.name]?.mean, let b = row.errors[low.name]?.mean else { return nil }
                return (row.name, a, b)
            }
            guard rises.count > 1, let most = rises.max(by: { $0.to - $0.from < $1.to - $1.from }) else { return nil }
            return "\(group.kind.inWords(most.name)) (\(most.from.written(2)) to \(most.to.written(2)))"
        }
        guard let last = worst.last else { return [] }
        let list = worst.count == 1 ? last : worst.dropLast().joined(separator: ", ") + " and " + last
        return [
            "From \(high.name) to \(low.name), \(from.written(0)) to \(to.written(0)) bit/s, the \(Figure["log_mel_distance"].name) grows most "
                + "for \(list)."
        ]
    }
}

/// A recording whose hops count.
private struct CountedClip {
    let speaker: String?
    let hops: ReferenceHops
    /// Those with speech.
    let counted: [Int]
    /// By the system's name.
    let errors: [String: HopErrors]
    let classes: (source: Breakdown.Classes, kinds: [SoundClass])?

    var count: Int { counted.count }

    init?(_ result: ClipResult, phones: [SaidSound]?, _ names: [String]) {
        guard let hops = result.hops else { return nil }
        self.hops = hops
        speaker = result.clip.speaker
        errors = result.systems.filter { names.contains($0.key) }.compactMapValues(\.hopErrors)
        let length = errors.values.map(\.thousandths.count).min() ?? 0
        counted = hops.isSpeech.indices.filter { $0 < length && hops.isSpeech[$0] }
        if let phones {
            classes = (.phones, Self.kinds(phones, hops.levels.count) { SoundClass(phone: $0) })
        } else if let letters = result.said?.letters, !letters.isEmpty {
            classes = (.letters, Self.kinds(letters, hops.levels.count) { SoundClass(letter: $0) })
        } else {
            classes = nil
        }
    }

    /// Of each hop; what no sound holds is a pause.
    private static func kinds(_ sounds: [SaidSound], _ count: Int, _ kind: (String) -> SoundClass) -> [SoundClass] {
        var kinds = [SoundClass](repeating: .pauses, count: count)
        for sound in sounds where sound.end > sound.start {
            let first = ((sound.start + ReferenceHops.lag) / ReferenceHops.seconds - 1).rounded(.up)
            let end = ((sound.end + ReferenceHops.lag) / ReferenceHops.seconds - 1).rounded(.up)
            // Times from a file may be anything.
            let range = Int(max(0, min(first, Double(count))))..<Int(max(0, min(max(first, end), Double(count))))
            for hop in range { kinds[hop] = kind(sound.label) }
        }
        return kinds
    }
}
