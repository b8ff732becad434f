// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Spectral

/// How the pitch of aligned signals differs, as the codec's own tracker hears it in both.
public struct PitchDistance: Sendable {
    /// Root mean square in cents over frames voiced in both, gross errors left out; nil if there are none.
    public var cents: Double?
    /// Share of the frames voiced in both whose F0 is off by more than 20 % (Rabiner et al. 1976); nil if none is.
    public var grossErrors: Double?
    /// Share of all frames voiced in one and not in the other.
    public var voicingErrors: Double

    /// - Returns: nil for less than one hop.
    public init?(reference: [Float], degraded: [Float], sampleRate: Int, settings: PitchSettings, hop: Int) {
        let fft = RealFFT(size: settings.fft)
        var trackers = (0..<2).map { _ in PitchTracker(settings: settings, sampleRate: sampleRate, hop: hop, fft: fft) }
        var (frames, disagreements, voiced, gross) = (0, 0, 0, 0)
        var squares: [Double] = []
        let count = min(reference.count, degraded.count)
        for start in stride(from: 0, through: count - hop, by: hop) {
            let a = trackers[0].advance(reference[start..<start + hop])
            let b = trackers[1].advance(degraded[start..<start + hop])
            frames += 1
            if a.isVoiced != b.isVoiced { disagreements += 1 }
            guard a.isVoiced, b.isVoiced else { continue }
            voiced += 1
            let ratio = Double(b.logF0 - a.logF0)
            if abs(exp(ratio) - 1) > 0.2 {
                gross += 1
            } else {
                let cents = 1200 * ratio / log(2)
                squares.append(cents * cents)
            }
        }
        guard frames > 0 else { return nil }
        cents = squares.mean?.squareRoot()
        grossErrors = voiced > 0 ? Double(gross) / Double(voiced) : nil
        voicingErrors = Double(disagreements) / Double(frames)
    }
}
