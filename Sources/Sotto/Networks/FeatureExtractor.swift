// SPDX-License-Identifier: Apache-2.0

package import NeuralNet
import Spectral

/// Audio → what the encoder reads: normalised log-mel bands, pitch and voicing, every hop.
package struct FeatureExtractor: Sendable {
    private let configuration: Configuration
    private var logMel: LogMel
    private var pitch: PitchTracker

    package init(_ model: CodecModel) {
        let c = model.configuration
        configuration = c
        logMel = LogMel(
            filterbank: model.filterbank, fft: model.melFFT, hop: c.features.hop, floor: c.features.mel.floor)
        pitch = PitchTracker(
            settings: c.features.pitch, sampleRate: c.sampleRate, hop: c.features.hop, fft: model.pitchFFT)
    }

    /// The samples of one token frame → [frames, bands + 2].
    package mutating func advance(_ samples: ArraySlice<Float>) -> Matrix {
        let (hop, mel) = (configuration.features.hop, configuration.features.mel)
        var values: [Float] = []
        values.reserveCapacity(configuration.decoder.upsample * (mel.bands + 2))
        for start in stride(from: samples.startIndex, to: samples.endIndex, by: hop) {
            let part = samples[start..<start + hop]
            for band in logMel.advance(part) { values.append((band - mel.mean) / mel.scale) }
            let found = pitch.advance(part)
            values.append(configuration.features.pitch.feature(logF0: found.logF0))
            values.append(found.isVoiced ? 1 : 0)
        }
        return Matrix(rows: samples.count / hop, columns: mel.bands + 2, values: values)
    }
}
