// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral
import SystemIO

/// A few recordings, and what each system makes of them, small enough to travel inside of a page.
public struct AudioSamples: Sendable, Encodable {
    struct Sound: Sendable, Encodable {
        var system: String
        /// FLAC, in Base64.
        var flac: String
        /// Rows of 64 levels, 0 … 255 for −90 … 0 dB of the loudest, one each 20 ms; in Base64.
        var spectrogram: String
    }

    struct Sample: Sendable, Encodable {
        var id: String
        var text: String?
        var sounds: [Sound]
    }

    /// More would make the page too large for a phone.
    static let limit = 2
    static let seconds = 6

    var samples: [Sample]

    /// Of the first clips that every system could code.
    public init(_ systems: [any CodecSystem], _ results: [ClipResult]) {
        let usable = results.filter { $0.systems.values.allSatisfy { $0.failure == nil } }
        samples = usable.prefix(Self.limit).compactMap { result in
            guard let reference = try? Audio.read(result.clip.path).prefix(Self.seconds * Audio.rate) else {
                return nil
            }
            let coded = systems.map { system in
                let coded = try? system.code(Array(reference), clip: result.clip.id, transcript: result.clip.text)
                return (system.name, coded?.audio ?? [])
            }
            let sounds = ([("original", Array(reference))] + coded).compactMap { Sound($0.0, $0.1) }
            return Sample(id: result.clip.id, text: result.clip.text, sounds: sounds)
        }
    }
}

extension AudioSamples.Sound {
    fileprivate init?(_ system: String, _ audio: [Float]) {
        let audio = Array(audio.prefix(AudioSamples.seconds * Audio.rate))
        guard !audio.isEmpty, let flac = try? Self.flac(audio) else { return nil }
        let filterbank = MelFilterbank(sampleRate: Audio.rate, fftSize: 1024, bands: 64, low: 0, high: 8000)
        var mel = LogMel(filterbank: filterbank, fft: RealFFT(size: 1024), hop: 320, floor: 1e-6)
        let levels = stride(from: 0, through: audio.count - 320, by: 320).flatMap { mel.advance(audio[$0..<$0 + 320]) }
        let top = levels.max() ?? 0
        // 90 dB are 10.36 in natural logarithms of magnitudes.
        let bytes = levels.map { UInt8(max(0, min(255, (($0 - top) / 10.36 + 1) * 255))) }
        self.system = system
        self.flac = flac.base64EncodedString()
        spectrogram = Data(bytes).base64EncodedString()
    }

    private static func flac(_ audio: [Float]) throws -> Data {
        let folder = try ScratchFolder()
        let file = folder.path(of: "sample.flac")
        try Audio.write(audio, to: file, sampleRate: Audio.rate)
        return Data(try FileMapping(path: file).contents)
    }
}
