// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

@Suite struct PitchTrackerTests {
    let expected: Expected

    init() throws { expected = try Expected.load() }

    func track(_ audio: [Float]) -> [PitchTracker.Pitch] {
        var tracker = expected.pitchTracker()
        return audio.hops(of: expected.hop).map { tracker.advance($0) }
    }

    @Test func decidesAsThePythonTwin() throws {
        for clip in expected.clips {
            let track = track(try Expected.audio(of: clip))
            #expect(track.map(\.isVoiced) == clip.isVoiced, "\(clip.name)")
            #expect(distance(track.map(\.logF0), clip.logF0) < 1e-4, "\(clip.name)")
        }
    }

    /// Of the frames in which Praat hears a voice too, how many we put more than 20 % off; and of how many.
    func grossErrors(_ clip: Expected.Clip) throws -> (wrong: Int, of: Int) {
        var (wrong, count) = (0, 0)
        for (pitch, praat) in zip(track(try Expected.audio(of: clip)), clip.praatF0) where pitch.isVoiced && praat > 0 {
            count += 1
            if abs(exp(pitch.logF0) / praat - 1) > 0.2 { wrong += 1 }
        }
        return (wrong, count)
    }

    static let creakyVoice = "speechocean762-1502"

    @Test func agreesWithPraat() throws {
        var (wrong, count) = (0, 0)
        for clip in expected.clips where clip.name != Self.creakyVoice {
            let errors = try grossErrors(clip)
            wrong += errors.wrong
            count += errors.of
        }
        #expect(count > 700)
        #expect(Double(wrong) < 0.05 * Double(count), "\(wrong) of \(count)")
    }

    /// In creaky voice every second period differs. Praat looks ahead to settle the octave; a live tracker can't.
    @Test func creakCostsSomeOctaves() throws {
        let clip = try #require(expected.clips.first { $0.name == Self.creakyVoice })
        let errors = try grossErrors(clip)
        #expect(Double(errors.wrong) < 0.25 * Double(errors.of), "\(errors.wrong) of \(errors.of)")
    }

    @Test func hearsAVoiceWherePraatDoes() throws {
        var (missed, voiced) = (0, 0)
        for clip in expected.clips {
            for (pitch, praat) in zip(track(try Expected.audio(of: clip)), clip.praatF0) where praat > 0 {
                voiced += 1
                if !pitch.isVoiced { missed += 1 }
            }
        }
        #expect(Double(missed) < 0.05 * Double(voiced), "\(missed) of \(voiced)")
    }

    @Test(arguments: [65.0, 80, 123.4, 220, 333.3, 480]) func followsATone(frequency: Double) {
        let samples = (0..<16_000).map { i in
            (1...3).reduce(into: Float(0)) { sum, harmonic in
                let cycles = Double(harmonic) * frequency * Double(i) / 16_000
                sum += 0.2 * Float(cos(2 * Double.pi * cycles)) / Float(harmonic)
            }
        }
        for pitch in track(samples).dropFirst(10) {
            #expect(pitch.isVoiced)
            #expect(abs(exp(Double(pitch.logF0)) / frequency - 1) < 0.005)
        }
    }

    @Test func silenceHasNoVoiceAndHoldsTheReference() {
        for level in [Float(0), 1e-5, 0.5] {  // the last is a constant: its mean is taken off
            for pitch in track([Float](repeating: level, count: 8_000)).dropFirst(5) {
                #expect(!pitch.isVoiced && pitch.logF0 == Float(log(expected.pitch.reference)))
            }
        }
    }

    @Test func noiseIsMostlyVoiceless() {
        let voiced = track([Float].random(32_000).map { $0 * 0.1 }).count(where: \.isVoiced)
        #expect(voiced < 20, "\(voiced) of 200")
    }

    @Test func theLastPitchIsHeldWhereTheVoiceStops() {
        let tone = (0..<8_000).map { Float(sin(2 * Double.pi * 200 * Double($0) / 16_000)) * 0.3 }
        let track = track(tone + [Float](repeating: 0, count: 8_000))
        #expect(track[40].isVoiced && !track[90].isVoiced)
        #expect(track[60...].allSatisfy { abs($0.logF0 - track[90].logF0) == 0 })
        #expect(abs(track[90].logF0 - log(200)) < 0.1)
    }

    @Test func looksOnlyBack() throws {
        let audio = try Expected.audio(of: expected.clips[0])
        var changed = audio
        for i in 16_000..<changed.count { changed[i] = -changed[i] * 0.1 }
        #expect(track(changed).prefix(100) == track(audio).prefix(100))
    }

    @Test func aCopyGoesOnAlikeAndAlone() throws {
        let hops = try Expected.audio(of: expected.clips[0]).hops(of: expected.hop)
        var original = expected.pitchTracker()
        for samples in hops[..<100] { _ = original.advance(samples) }
        var (copy, disturbed) = (original, original)
        for samples in hops[100..<200].reversed() { _ = disturbed.advance(samples) }
        for samples in hops[100...] { #expect(original.advance(samples) == copy.advance(Array(samples)[...])) }
    }

    @Test func featureAndFrequencyAreInverse() {
        let settings = expected.pitch
        for frequency in stride(from: 60.0, through: 500, by: 20) {
            let there = settings.feature(logF0: Float(log(frequency)))
            #expect(abs(settings.frequency(feature: there) / frequency - 1) < 1e-5)
        }
        #expect(settings.frequency(feature: -100) == settings.low / 2)
        #expect(settings.frequency(feature: 100) == settings.high * 2)
    }
}
