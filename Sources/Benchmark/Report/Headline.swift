// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a report found, in words, and the numbers that these are of.
public struct Headline: Sendable, Codable {
    /// How two systems compare by a figure, over the recordings that both have.
    public struct Comparison: Sendable, Codable {
        public var figure: String
        public var system: String
        public var bitsPerSecond: Double?
        public var other: String
        public var otherBitsPerSecond: Double?
        /// The first less the other, in the figure's unit.
        public var difference: Interval
    }

    /// The system that is best by STOI, and how far it is from the best of another codec, or, if there is none, from the next.
    public var best: String
    public var bitsPerSecond: Double?
    public var stoi: Interval
    public var lead: Comparison?
    /// For each system of another codec, the setting of the first codec with the fewest bits that is no worse by STOI.
    public var matches: [Comparison]
    /// By the figures of other judges whose better end is known, the best system and the next codec's.
    public var judged: [Comparison]
    public var sentences: [String]
    public var notes: [String]

    /// - Returns: nil if no system has a figure.
    init?(_ systems: [Report.System], _ common: CommonClips, joined: [String]) {
        let stoi = Figure["stoi"]
        guard let first = systems.first, let best = Self.ranked(systems, by: stoi).first,
            let mean = best.figures[stoi.key]
        else { return nil }
        self.best = best.name
        bitsPerSecond = best.bitsPerSecond
        self.stoi = mean
        let lead = Self.lead(systems, common, by: stoi)
        let own = systems.filter { $0.family == first.family && $0.bitsPerSecond != nil }
            .sorted { ($0.bitsPerSecond ?? 0) < ($1.bitsPerSecond ?? 0) }
        let peers = systems.filter { $0.family != first.family && $0.figures[stoi.key] != nil }
        let matches = peers.compactMap { peer -> Comparison? in
            own.lazy.compactMap { Comparison($0, peer, common, stoi) }.first { $0.difference.mean >= 0 }
        }
        let judged = joined.map(Figure.init(joined:)).filter { $0.better != nil }
            .compactMap { Self.lead(systems, common, by: $0) }
        (self.lead, self.matches, self.judged) = (lead, matches, judged)

        sentences = [Self.opening(best, mean, lead)]
        // What leads has been said already.
        sentences += matches.filter { $0.system != lead?.system || $0.other != lead?.other }.map { match in
            "To match \(match.otherAtRate), \(match.systemAtRate) is enough: STOI higher by \(match.amount(stoi))."
        }
        sentences += peers.filter { peer in !matches.contains { $0.other == peer.name } && !own.isEmpty }.map { peer in
            "None of \(first.family)’s settings reaches \(peer.atRate) by STOI."
        }
        sentences += judged.map { comparison in
            let figure = Figure(joined: comparison.figure)
            return comparison.isClear
                ? "By \(figure.name), \(comparison.systemAtRate) is best: \(comparison.amount(figure)) \(figure.better == .more ? "above" : "below") \(comparison.otherAtRate)."
                : "By \(figure.name), \(comparison.systemAtRate) and \(comparison.otherAtRate) can’t be told apart: the difference is \(comparison.amount(figure))."
        }
        notes = [Self.note(count: mean.count)]
    }

    private static func opening(_ best: Report.System, _ mean: Interval, _ lead: Comparison?) -> String {
        let stoi = Figure["stoi"]
        guard let lead else {
            return
                "\(best.atRate) reaches STOI \(mean.mean.written(3)) (\(mean.low.written(3)) to \(mean.high.written(3)))."
        }
        return lead.isClear
            ? "\(lead.systemAtRate) is understood best: STOI \(mean.mean.written(3)), \(lead.amount(stoi)) above \(lead.otherAtRate)."
            : "\(lead.systemAtRate) comes first by STOI, \(mean.mean.written(3)), but can’t be told apart from \(lead.otherAtRate): the difference is \(lead.amount(stoi))."
    }

    private static func note(count: Int) -> String {
        let few = count < 10 ? " Of so few, intervals say little." : ""
        return "STOI tells how well speech is understood, from 0 to 1. In brackets, 95 % intervals over \(count) "
            + "\(count == 1 ? "recording" : "recordings"), clip by clip.\(few)"
    }

    /// Those that have the figure, the best first.
    private static func ranked(_ systems: [Report.System], by figure: Figure) -> [Report.System] {
        systems.filter { $0.figures[figure.key] != nil }.sorted { a, b in
            let (x, y) = (a.figures[figure.key]?.mean ?? 0, b.figures[figure.key]?.mean ?? 0)
            return figure.better == .less ? x < y : x > y
        }
    }

    /// The best system beside the best one of another codec, or, if there is none, beside the next.
    private static func lead(_ systems: [Report.System], _ common: CommonClips, by figure: Figure) -> Comparison? {
        let ranked = ranked(systems, by: figure)
        guard let best = ranked.first,
            let next = ranked.first(where: { $0.family != best.family }) ?? ranked.dropFirst().first
        else { return nil }
        return Comparison(best, next, common, figure)
    }
}

extension Headline.Comparison {
    fileprivate init?(_ system: Report.System, _ other: Report.System, _ common: CommonClips, _ figure: Figure) {
        guard let difference = common.difference(of: system.name, less: other.name, figure.key) else { return nil }
        self.difference = difference
        self.figure = figure.key
        (self.system, bitsPerSecond) = (system.name, system.bitsPerSecond)
        (self.other, otherBitsPerSecond) = (other.name, other.bitsPerSecond)
    }

    /// Whether zero lies outside of the interval.
    fileprivate var isClear: Bool { difference.low > 0 || difference.high < 0 }

    fileprivate var systemAtRate: String { atRate(system, bitsPerSecond) }
    fileprivate var otherAtRate: String { atRate(other, otherBitsPerSecond) }

    /// How much it is, with its interval, whichever way.
    fileprivate func amount(_ figure: Figure) -> String {
        let isTurned = difference.mean < 0
        let (low, high) = isTurned ? (-difference.high, -difference.low) : (difference.low, difference.high)
        return
            "\(abs(difference.mean).written(figure.digits)) (\(low.written(figure.digits)) to \(high.written(figure.digits)))"
    }
}

extension Report.System {
    fileprivate var atRate: String { Benchmark.atRate(name, bitsPerSecond) }
}

private func atRate(_ name: String, _ bitsPerSecond: Double?) -> String {
    bitsPerSecond.map { "\(name) at \($0.written(0)) bit/s" } ?? name
}

extension Double {
    /// With so many digits behind the point, and a minus sign; 0 has none.
    func written(_ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", self)
        return Double(text) == 0 ? text.replacing("-", with: "") : text.replacing("-", with: "−")
    }
}
