// SPDX-License-Identifier: Apache-2.0

package import NeuralNet
package import Spectral

/// Audio → what the encoder reads: normalised log-mel bands, pitch and voicing, every hop; and the speaker's level, where that is told
/// apart.
package struct FeatureExtractor: Sendable {
    /// Of token frames that were advanced over.
    package struct Features: Sendable {
        /// [frames, bands + 2]
        package var rows: Matrix
        /// The speaker's level in each latent's frames, in dB; empty if the model tells none apart.
        package var levels: [Double]
        fileprivate var latent: PreciseFeatures.Latent

        package init() { (rows, levels, latent) = (Matrix(), [], PreciseFeatures.Latent()) }
    }

    private let configuration: Configuration
    private var single: SingleFeatures?
    private var precise: PreciseFeatures?

    package init(_ model: CodecModel) {
        configuration = model.configuration
        switch model.analysis {
        case .single(let tables): single = SingleFeatures(tables, model.configuration)
        case .double(let tables): precise = PreciseFeatures(tables, model.configuration)
        }
    }

    /// Samples of whole latents; replaces what `features` holds.
    package mutating func advance(_ samples: ArraySlice<Float>, into features: inout Features) {
        var (levels, latent): ([Double], PreciseFeatures.Latent) = ([], PreciseFeatures.Latent())
        swap(&levels, &features.levels)
        swap(&latent, &features.latent)
        levels.removeAll(keepingCapacity: true)
        features.rows.refill(columns: configuration.features.mel.bands + 2) { values in
            single?.advance(samples, appendingTo: &values)
            precise?.advance(samples, appendingTo: &values, &levels, with: &latent)
        }
        swap(&levels, &features.levels)
        swap(&latent, &features.latent)
    }
}

/// Plans and tables that the features of every stream share.
enum Analysis: Sendable {
    case single(SingleFeatures.Tables)
    case double(PreciseFeatures.Tables)

    init(_ c: Configuration) {
        switch c.features.precision {
        case .single: self = .single(SingleFeatures.Tables(c))
        case .double: self = .double(PreciseFeatures.Tables(c))
        }
    }
}

/// In single precision.
struct SingleFeatures: Sendable {
    struct Tables: Sendable {
        let melFFT: RealFFT
        let pitchFFT: RealFFT
        let filterbank: MelFilterbank

        init(_ c: Configuration) {
            let mel = c.features.mel
            melFFT = RealFFT(size: mel.window)
            pitchFFT = RealFFT(size: c.features.pitch.fft)
            filterbank = MelFilterbank(
                sampleRate: c.sampleRate, fftSize: mel.window, bands: mel.bands, low: mel.low, high: mel.high)
        }
    }

    private let hop: Int
    private let settings: PitchSettings
    private let (mean, scale): (Float, Float)
    private var logMel: LogMel
    private var pitch: PitchTracker

    init(_ tables: Tables, _ c: Configuration) {
        (hop, settings) = (c.features.hop, c.features.pitch)
        (mean, scale) = (Float(c.features.mel.mean), Float(c.features.mel.scale))
        logMel = LogMel(
            filterbank: tables.filterbank, fft: tables.melFFT, hop: hop, floor: Float(c.features.mel.floor))
        pitch = PitchTracker(settings: settings, sampleRate: c.sampleRate, hop: hop, fft: tables.pitchFFT)
    }

    mutating func advance(_ samples: ArraySlice<Float>, appendingTo values: inout [Float]) {
        for start in stride(from: samples.startIndex, to: samples.endIndex, by: hop) {
            let part = samples[start..<start + hop]
            for band in logMel.advance(part) { values.append((band - mean) / scale) }
            let found = pitch.advance(part)
            values.append(settings.feature(logF0: found.logF0))
            values.append(found.isVoiced ? 1 : 0)
        }
    }
}

/// In double precision, rounded once; over the speaker's level where that is told apart.
package struct PreciseFeatures: Sendable {
    package struct Tables: Sendable {
        let mel: PreciseMelTables
        let pitch: PrecisePitchTracker.Tables

        package init(_ c: Configuration, makeFFT: (Int) -> any PreciseFFT = makePreciseFFT) {
            let settings = c.features.mel
            mel = PreciseMelTables(
                fft: makeFFT(settings.window), sampleRate: c.sampleRate, bands: settings.bands,
                low: settings.low, high: settings.high)
            pitch = PrecisePitchTracker.Tables(
                settings: c.features.pitch, sampleRate: c.sampleRate,
                fft: makeFFT(PrecisePitchTracker.Tables.size(c.features.pitch, sampleRate: c.sampleRate)))
        }
    }

    /// What is found in the hops of a latent: mel magnitudes [hops · bands] and the pitch.
    package struct Latent: Sendable {
        fileprivate var magnitudes: [Double] = []
        fileprivate var logF0: [Double] = []
        fileprivate var isVoiced: [Bool] = []

        package init() {}

        fileprivate mutating func removeAll() {
            magnitudes.removeAll(keepingCapacity: true)
            logF0.removeAll(keepingCapacity: true)
            isVoiced.removeAll(keepingCapacity: true)
        }
    }

    private let features: Configuration.Features
    private let hopsPerLatent: Int
    private let logReference: Double
    private var mel: PreciseMel
    private var pitch: PrecisePitchTracker
    private var level: SpeakerLevel?

    package init(_ tables: Tables, _ c: Configuration) {
        (features, hopsPerLatent) = (c.features, c.decoder.upsample)
        logReference = preciseLog(c.features.pitch.reference)
        mel = PreciseMel(tables.mel, hop: c.features.hop)
        pitch = PrecisePitchTracker(tables.pitch, hop: c.features.hop)
        level = c.level.map(SpeakerLevel.init)
    }

    /// Samples of whole latents; appends their features [frames, bands + 2], and a level for each latent if it is told apart.
    ///
    /// - Parameter latent: what is worked with, which holds nothing between two calls.
    package mutating func advance(
        _ samples: ArraySlice<Float>, appendingTo values: inout [Float], _ levels: inout [Double],
        with latent: inout Latent
    ) {
        let (hop, bands) = (features.hop, features.mel.bands)
        for start in stride(from: samples.startIndex, to: samples.endIndex, by: hop * hopsPerLatent) {
            latent.removeAll()
            for start in stride(from: start, to: start + hop * hopsPerLatent, by: hop) {
                mel.advance(samples[start..<start + hop], appendingTo: &latent.magnitudes)
                let found = pitch.advance(samples[start..<start + hop])
                latent.logF0.append(found.logF0)
                latent.isVoiced.append(found.isVoiced)
            }
            var gain = 1.0
            if let decibels = level?.advance(latent.magnitudes, bands: bands, isVoiced: latent.isVoiced) {
                levels.append(decibels)
                gain = preciseGain(decibels: decibels)
            }
            for frame in 0..<hopsPerLatent {
                for magnitude in latent.magnitudes[frame * bands..<(frame + 1) * bands] {
                    let log = preciseLog(max(magnitude / gain, features.mel.floor))
                    values.append(Float((log - features.mel.mean) / features.mel.scale))
                }
                values.append(Float((latent.logF0[frame] - logReference) * features.pitch.scale))
                values.append(latent.isVoiced[frame] ? 1 : 0)
            }
        }
    }
}
