// SPDX-License-Identifier: Apache-2.0

/// The recordings that systems are compared on: those that all can code who can code any. A figure that not all of those
/// have who have it at all is left out of a recording for all of them.
struct CommonClips {
    let results: [ClipResult]
    /// By the figure's name, the recordings that it is compared on.
    private let byFigure: [String: [ClipResult]]

    init(_ clips: [ClipResult], systems names: [String]) {
        let able = names.filter { name in clips.contains { $0.isCoded(by: name) } }
        results = able.isEmpty ? [] : clips.filter { clip in able.allSatisfy { clip.isCoded(by: $0) } }
        var having: [String: Set<String>] = [:]
        for clip in results {
            for name in able {
                for key in clip.systems[name]?.figures.keys.map({ $0 }) ?? [] { having[key, default: []].insert(name) }
            }
        }
        let results = results
        byFigure = Dictionary(
            uniqueKeysWithValues: having.map { key, names in
                (key, results.filter { clip in names.allSatisfy { clip.systems[$0]?.figures[key] != nil } })
            })
    }

    /// The figures of a system, with those recordings alone that `isCounted`.
    func means(of system: String, isCounted: (Clip) -> Bool = { _ in true }) -> [String: Interval] {
        byFigure.reduce(into: [:]) { means, figure in
            let (key, clips) = figure
            means[key] = Interval(clips.filter { isCounted($0.clip) }.compactMap { $0.systems[system]?.figures[key] })
        }
    }

    /// The figures of a system by groups of recordings.
    func means(of system: String, by group: (Clip) -> String?) -> [String: [String: Interval]] {
        Set(results.compactMap { group($0.clip) }).reduce(into: [:]) { groups, name in
            groups[name] = means(of: system) { group($0) == name }
        }
    }

    /// Means of one system's figures less those of another, clip by clip.
    func differences(of system: String, less other: String) -> [String: Interval] {
        byFigure.keys.reduce(into: [:]) { $0[$1] = difference(of: system, less: other, $1) }
    }

    func difference(of system: String, less other: String, _ key: String) -> Interval? {
        Interval(
            (byFigure[key] ?? []).compactMap { clip in
                guard let a = clip.systems[system]?.figures[key], let b = clip.systems[other]?.figures[key] else {
                    return nil
                }
                return a - b
            })
    }
}

extension ClipResult {
    /// Without what is kept of each hop and letter for the next run.
    var withoutHops: ClipResult {
        var short = self
        short.hops = nil
        short.said?.letters = []
        for name in systems.keys { short.systems[name]?.hopErrors = nil }
        return short
    }

    func isCoded(by system: String) -> Bool { systems[system].map { $0.failure == nil } ?? false }
}
