// SPDX-License-Identifier: Apache-2.0

import Sotto
import Spectral
import Testing

/// Features in double precision are the same by any Fourier transform, on recordings at several levels.
@Suite struct PreciseFeatureTests {
    @Test(arguments: Fixture.samples, [1, 0.5, 0.03] as [Float]) func anyTransformGivesTheSameFeatures(
        name: String, gain: Float
    ) throws {
        let c = try LevelFixture.model().configuration
        let size = c.frameSize
        let audio = try Fixture.sample(name).map { $0 * gain }
        func features(_ makeFFT: (Int) -> any PreciseFFT) -> ([Float], [Double]) {
            var extractor = PreciseFeatures(PreciseFeatures.Tables(c, makeFFT: makeFFT), c)
            var (values, levels): ([Float], [Double]) = ([], [])
            var latent = PreciseFeatures.Latent()
            extractor.advance(audio[..<(audio.count / size * size)], appendingTo: &values, &levels, with: &latent)
            return (values, levels)
        }
        let (one, levels) = features(makePreciseFFT)
        let (other, otherLevels) = features { OwnPreciseFFT(size: $0) }
        #expect(one.count > 10_000 && zip(one, other).count { $0 != $1 } == 0)
        #expect(zip(levels, otherLevels).allSatisfy { abs($0 - $1) < 1e-9 })
    }
}
