// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import Testing

@Suite struct LogMelTests {
    let expected: Expected

    init() throws { expected = try Expected.load() }

    @Test func filtersAreThoseOfLibrosa() {
        let (bands, bins) = (expected.mel.bands, expected.mel.window / 2 + 1)
        var reference = [Float](repeating: 0, count: bands * bins)
        for weight in expected.filters { reference[Int(weight[0]) * bins + Int(weight[1])] = Float(weight[2]) }
        var filters = [Float](repeating: .nan, count: bands * bins)
        var mel = [Float](repeating: .nan, count: bands)
        for bin in 0..<bins {
            var impulse = [Float](repeating: 0, count: bins)
            impulse[bin] = 1
            expected.filterbank.apply(impulse, into: &mel)
            for band in 0..<bands { filters[band * bins + bin] = mel[band] }
        }
        #expect(distance(filters, reference) < 1e-7)
    }

    @Test func logMelIsThatOfLibrosa() throws {
        for clip in expected.clips {
            var logMel = expected.logMel()
            let frames = try Expected.audio(of: clip).hops(of: expected.hop).map { logMel.advance($0) }
            let sampled = stride(from: 0, to: frames.count, by: expected.melFrameStep).flatMap { frames[$0] }
            #expect(distance(sampled, clip.logMel) < 1e-3, "\(clip.name)")
        }
    }

    @Test func silenceIsTheFloor() {
        var logMel = expected.logMel()
        let silence = [Float](repeating: 0, count: expected.hop)
        #expect(logMel.advance(silence[...]).allSatisfy { $0 == log(expected.mel.floor) })
    }

    @Test func aCopyGoesOnAlikeAndAlone() throws {
        let hops = try Expected.audio(of: expected.clips[0]).hops(of: expected.hop)
        var original = expected.logMel()
        for samples in hops[..<100] { _ = original.advance(samples) }
        var (copy, disturbed) = (original, original)
        for samples in hops[100..<200].reversed() { _ = disturbed.advance(samples) }
        // The copy gets each hop in an array of its own: where a slice lies must not matter either.
        for samples in hops[100...] { #expect(original.advance(samples) == copy.advance(Array(samples)[...])) }
    }
}
