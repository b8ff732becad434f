// SPDX-License-Identifier: Apache-2.0

import Platform

/// Causal pitch: candidates from the autocorrelation divided by that of the window (Boersma 1993, eq. 9), joined by a
/// Viterbi search that decides at once, without looking ahead.
public struct PitchTracker: Sendable {
    /// The pitch of one frame; `logF0`, in ln Hz, keeps its last value where there is no voice.
    public struct Pitch: Sendable, Equatable {
        public var logF0: Float
        public var isVoiced: Bool
    }

    private struct Candidate {
        var frequency: Double
        var strength: Double
    }

    private let settings: PitchSettings
    private let sampleRate: Double
    private let fft: RealFFT
    private let window: [Float]
    /// Autocorrelation of the window over that at lag 0, for lags 0 … longest + 1.
    private let windowCorrelation: [Double]
    private let lags: ClosedRange<Int>

    private var framer: Framer
    private var padded: [Float]
    private var spectrum: [Float]
    private var found: [Candidate] = []
    private var previous: [Candidate] = []
    /// Viterbi scores: no voice, then one for each candidate of the frame before.
    private var scores: [Double] = [0]
    private var next: [Double] = []
    private var loudest = 0.0
    private var heldLogF0: Double

    /// `fft` must have the size that the settings name.
    public init(settings: PitchSettings, sampleRate: Int, hop: Int, fft: RealFFT) {
        precondition(fft.size == settings.fft && settings.fft >= settings.window * 2)
        self.settings = settings
        self.sampleRate = Double(sampleRate)
        self.fft = fft
        window = Window.hann(settings.window)
        let longest = Int((Double(sampleRate) / settings.low).rounded(.up))
        lags = Int(Double(sampleRate) / settings.high)...longest
        framer = Framer(window: settings.window, hop: hop)
        padded = [Float](repeating: 0, count: fft.size)
        spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        heldLogF0 = log(settings.reference)
        padded.replaceSubrange(0..<window.count, with: window)
        Self.autocorrelate(&padded, through: &spectrum, fft: fft)
        let atZero = Double(padded[0])
        windowCorrelation = padded[0...longest + 1].map { Double($0) / atZero }
    }

    /// The next hop's samples → the pitch of the frame that they complete.
    public mutating func advance(_ samples: ArraySlice<Float>) -> Pitch {
        framer.advance(samples)
        var sum = 0.0
        for sample in framer.frame { sum += Double(sample) }
        let mean = sum / Double(framer.frame.count)
        var energy = 0.0
        for (i, sample) in framer.frame.enumerated() {
            let centred = Double(sample) - mean
            energy += centred * centred
            padded[i] = Float(centred) * window[i]
        }
        for i in framer.frame.count..<padded.count { padded[i] = 0 }
        Self.autocorrelate(&padded, through: &spectrum, fft: fft)
        let level = (energy / Double(framer.frame.count)).squareRoot()
        findCandidates()
        return decide(level: level)
    }

    private static func autocorrelate(_ signal: inout [Float], through spectrum: inout [Float], fft: RealFFT) {
        fft.forward(&signal, into: &spectrum)
        for bin in 0...fft.size / 2 {
            let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
            spectrum[2 * bin] = real * real + imaginary * imaginary
            spectrum[2 * bin + 1] = 0
        }
        fft.inverse(&spectrum, into: &signal)
    }

    /// Leaves in `found` the strongest peaks of the normalised autocorrelation, refined by a parabola, strongest first.
    private mutating func findCandidates() {
        let atZero = max(Double(padded[0]), 1e-12)
        func correlation(_ lag: Int) -> Double { Double(padded[lag]) / atZero / windowCorrelation[lag] }
        found.removeAll(keepingCapacity: true)
        var (left, here) = (correlation(lags.lowerBound - 1), correlation(lags.lowerBound))
        for lag in lags {
            let right = correlation(lag + 1)
            defer { (left, here) = (here, right) }
            guard left < here, here >= right, here > 0 else { continue }
            let shift = 0.5 * (left - right) / (left - 2 * here + right)
            var peak = here - 0.25 * (left - right) * shift
            if peak > 1 { peak = 1 / peak }
            let frequency = sampleRate / (Double(lag) + shift)
            guard frequency >= settings.low, frequency <= settings.high else { continue }
            let strength = peak - settings.octaveCost * log2(settings.low / frequency)
            let place = found.firstIndex { $0.strength < strength } ?? found.count
            if place < settings.candidates {
                found.insert(Candidate(frequency: frequency, strength: strength), at: place)
                if found.count > settings.candidates { found.removeLast() }
            }
        }
    }

    private mutating func decide(level: Double) -> Pitch {
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
                let jump = settings.octaveJumpCost * abs(log2(candidate.frequency / earlier.frequency))
                best = max(best, scores[j + 1] - jump)
            }
            next.append(candidate.strength + best)
        }
        let top = next.max() ?? 0
        let choice = next.firstIndex(of: top) ?? 0
        for i in next.indices { next[i] -= top }
        swap(&scores, &next)
        if choice > 0 { heldLogF0 = log(found[choice - 1].frequency) }
        swap(&previous, &found)
        return Pitch(logF0: Float(heldLogF0), isVoiced: choice > 0)
    }
}
