// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import Spectral

/// What probes are asked of a clip, in rows of `ProbedFrames.rowSeconds`.
struct ProbeLabels: Sendable {
    /// What is said in each row, nil where that isn't known.
    let sounds: [String?]
    /// The pitch of each row in cents over 1 Hz, nil where there is no voice.
    let pitch: [Float?]

    /// - Parameter audio: at 16 kHz.
    init(_ audio: [Float], sounds: [SaidSound], _ features: Configuration.Features) {
        let rows = Int(Double(audio.count) / Double(Audio.rate) / ProbedFrames.rowSeconds)
        var names = [String?](repeating: nil, count: rows)
        for sound in sounds {
            // A row has the sound that is heard in its middle.
            let (first, end) = (Self.row(after: sound.start, of: rows), Self.row(after: sound.end, of: rows))
            for row in first..<max(first, end) { names[row] = sound.label }
        }
        self.sounds = names
        pitch = Self.pitch(of: audio, rows: rows, features)
    }

    /// The first row whose middle isn't before `seconds`, or the end.
    private static func row(after seconds: Double, of rows: Int) -> Int {
        Int(min(max(0, (seconds / ProbedFrames.rowSeconds - 0.5).rounded(.up)), Double(rows)))
    }

    /// As the codec's own tracker hears it, the mean of the voiced hops in each row.
    private static func pitch(of audio: [Float], rows: Int, _ features: Configuration.Features) -> [Float?] {
        let (settings, hop) = (features.pitch, features.hop)
        var tracker = PitchTracker(
            settings: settings, sampleRate: Audio.rate, hop: hop, fft: RealFFT(size: settings.fft))
        var heard = [[Float]](repeating: [], count: rows)
        for start in stride(from: 0, through: audio.count - hop, by: hop) {
            let pitch = tracker.advance(audio[start..<start + hop])
            // The tracker's window ends with the hop.
            let middle = Double(start + hop - settings.window / 2) / Double(Audio.rate)
            let row = Int(max(0, middle) / ProbedFrames.rowSeconds)
            if pitch.isVoiced, row < rows { heard[row].append(pitch.logF0) }
        }
        return heard.map { $0.isEmpty ? nil : $0.reduce(0, +) / Float($0.count) * 1200 / log(2) }
    }
}
