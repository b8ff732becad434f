// SPDX-License-Identifier: Apache-2.0

/// Finds the pitch of each frame from its autocorrelation: candidates at its peaks, joined by a Viterbi search that decides at once,
/// without looking ahead.
struct PitchSearch: Sendable {
    private struct Candidate {
        var frequency: Double
        var strength: Double
    }

    private let settings: PitchSettings
    private let sampleRate: Double
    private let lags: ClosedRange<Int>
    private var found: [Candidate] = []
    private var previous: [Candidate] = []
    /// Viterbi scores: no voice, then one for each candidate of the frame before.
    private var scores: [Double] = [0]
    private var next: [Double] = []
    private var loudest = 0.0
    private var heldLogF0: Double

    init(settings: PitchSettings, sampleRate: Int) {
        (self.settings, self.sampleRate) = (settings, Double(sampleRate))
        lags = Int(Double(sampleRate) / settings.high)...Self.longestLag(settings, sampleRate: sampleRate) - 1
        heldLogF0 = preciseLog(settings.reference)
    }

    /// The autocorrelation is needed up to this lag.
    static func longestLag(_ settings: PitchSettings, sampleRate: Int) -> Int {
        Int((Double(sampleRate) / settings.low).rounded(.up)) + 1
    }

    /// - Parameters:
    ///   - correlation: of lags 0 … longest, 1 at lag 0, divided by that of the window (Boersma 1993, eq. 9).
    ///   - level: the frame's RMS.
    /// - Returns: ln Hz, which keeps its last value where there is no voice.
    mutating func advance(_ correlation: [Double], level: Double) -> (logF0: Double, isVoiced: Bool) {
        findCandidates(correlation)
        return decide(level: level)
    }

    /// Leaves in `found` the strongest peaks, refined by a parabola, strongest first.
    private mutating func findCandidates(_ correlation: [Double]) {
        found.removeAll(keepingCapacity: true)
        var (left, here) = (correlation[lags.lowerBound - 1], correlation[lags.lowerBound])
        for lag in lags {
            let right = correlation[lag + 1]
            defer { (left, here) = (here, right) }
            guard left < here, here >= right, here > 0 else { continue }
            let shift = 0.5 * (left - right) / (left - 2 * here + right)
            var peak = here - 0.25 * (left - right) * shift
            if peak > 1 { peak = 1 / peak }
            let frequency = sampleRate / (Double(lag) + shift)
            guard frequency >= settings.low, frequency <= settings.high else { continue }
            let strength = peak - settings.octaveCost * octaves(settings.low / frequency)
            let place = found.firstIndex { $0.strength < strength } ?? found.count
            if place < settings.candidates {
                found.insert(Candidate(frequency: frequency, strength: strength), at: place)
                if found.count > settings.candidates { found.removeLast() }
            }
        }
    }

    private mutating func decide(level: Double) -> (logF0: Double, isVoiced: Bool) {
        loudest = max(level, loudest * settings.levelDecay)
        // −80 dB and less is silence whatever came before.
        let relative = level > 1e-4 ? level / loudest : 0
        let quiet = 2 - relative / (settings.silenceThreshold / (1 + settings.voicingThreshold))
        let unvoiced = settings.voicingThreshold + max(0, quiet)
        let bestVoiced = scores.dropFirst().max() ?? -.infinity
        next.removeAll(keepingCapacity: true)
        next.append(unvoiced + max(scores[0], bestVoiced - settings.voicingCost))
        for candidate in found {
            var best = scores[0] - settings.voicingCost
            for (j, earlier) in previous.enumerated() {
                let jump = settings.octaveJumpCost * abs(octaves(candidate.frequency / earlier.frequency))
                best = max(best, scores[j + 1] - jump)
            }
            next.append(candidate.strength + best)
        }
        let top = next.max() ?? 0
        let choice = next.firstIndex(of: top) ?? 0
        for i in next.indices { next[i] -= top }
        swap(&scores, &next)
        if choice > 0 {
            heldLogF0 = preciseLog(found[choice - 1].frequency)
        }
        swap(&previous, &found)
        return (heldLogF0, choice > 0)
    }

    private func octaves(_ ratio: Double) -> Double { preciseLog(ratio) * 1.44269504088896340736 }
}
