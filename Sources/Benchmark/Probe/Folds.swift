// SPDX-License-Identifier: Apache-2.0

/// Which clips are held out together, by the number of their fold.
package enum Folds {
    /// More make the maps hardly better and take longer.
    static let limit = 5

    /// Each speaker's clips are all in one fold, so that what is tested was learnt from others. Folds are about equally long.
    ///
    /// - Parameters:
    ///   - speakers: of each clip.
    ///   - sizes: how long the clips are, in any unit.
    package static func apart(speakers: [String], sizes: [Int]) -> [Int] {
        var totals: [String: Int] = [:]
        for (speaker, size) in zip(speakers, sizes) { totals[speaker, default: 0] += size }
        let longestFirst = totals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var filled = [Int](repeating: 0, count: min(limit, totals.count))
        var folds: [String: Int] = [:]
        for (speaker, size) in longestFirst {
            guard let lightest = filled.indices.min(by: { filled[$0] < filled[$1] }) else { break }
            folds[speaker] = lightest
            filled[lightest] += size
        }
        return speakers.map { folds[$0, default: 0] }
    }

    /// Each speaker's clips are dealt out to all folds, so that speakers are known from other clips of theirs. nil for the clip of a
    /// speaker who has no other.
    package static func within(speakers: [Int]) -> [Int?] {
        let counts = speakers.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        var dealt: [Int: Int] = [:]
        return speakers.map { speaker in
            guard counts[speaker, default: 0] > 1 else { return nil }
            defer { dealt[speaker, default: 0] += 1 }
            return dealt[speaker, default: 0] % limit
        }
    }
}
