// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Spectral

/// How the pitch of two signals differs.
public struct PitchDistance: Sendable {
    /// Root mean square in cents over frames voiced in both, gross errors left out; nil if there are none.
    public var cents: Double?
    /// Share of the frames voiced in both whose F0 is off by more than 20 % (Rabiner et al. 1976); nil if none is.
    public var grossErrors: Double?
    /// Share of all frames voiced in one and not in the other.
    public var voicingErrors: Double

    /// As the codec's own tracker hears both signals, which are aligned.
    ///
    /// - Returns: nil for less than one hop.
    public init?(reference: [Float], degraded: [Float], sampleRate: Int, settings: PitchSettings, hop: Int) {
        let fft = RealFFT(size: settings.fft)
        func track(_ signal: [Float]) -> [Double?] {
            var tracker = PitchTracker(settings: settings, sampleRate: sampleRate, hop: hop, fft: fft)
            return stride(from: 0, through: signal.count - hop, by: hop).map { start in
                let pitch = tracker.advance(signal[start..<start + hop])
                return pitch.isVoiced ? exp(Double(pitch.logF0)) : nil
            }
        }
        self.init(reference: track(reference), degraded: track(degraded))
    }

    /// - Parameters: F0 in Hz of each frame, nil where there is no voice; the shorter says how many are compared.
    /// - Returns: nil if there is no frame.
    public init?(reference: [Double?], degraded: [Double?]) {
        let frames = Array(zip(reference, degraded))
        guard !frames.isEmpty else { return nil }
        let ratios = frames.compactMap { a, b in a.flatMap { a in b.map { $0 / a } } }
        let fine = ratios.filter { abs($0 - 1) <= 0.2 }
        cents = fine.map { ratio in
            let cents = 1200 * log2(ratio)
            return cents * cents
        }.mean?.squareRoot()
        grossErrors = ratios.isEmpty ? nil : Double(ratios.count - fine.count) / Double(ratios.count)
        voicingErrors = Double(frames.count { ($0 == nil) != ($1 == nil) }) / Double(frames.count)
    }
}
