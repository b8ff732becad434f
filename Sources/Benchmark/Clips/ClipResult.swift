// SPDX-License-Identifier: Apache-2.0

import Sotto

/// One recording of the benchmark.
public struct Clip: Sendable, Codable, Equatable {
    public var id: String
    public var path: String
    public var text: String?
    public var speaker: String?
    public var part: String?
}

/// What one system did to one clip.
public struct SystemResult: Sendable, Codable {
    /// By the names in Docs/bench-schema.md; those that don't exist for the clip are missing.
    public var figures: [String: Double]
    public var codes: [[UInt16]]?
    public var frameMilliseconds: [Double]
    /// Where its errors lie; kept for the next run, and not in the report.
    var hopErrors: HopErrors?
    /// Why there are no figures, one line.
    public var failure: String?
}

public struct ClipResult: Sendable, Codable {
    public var clip: Clip
    public var seconds: Double
    /// What the recording is like, for what breaks first; kept for the next run, and not in the report.
    var hops: ReferenceHops?
    /// When its transcript is said, if there is one and a model that hears it.
    var said: SaidText?
    /// By the system's name.
    public var systems: [String: SystemResult]

    /// How often each system codes each clip, all in turn.
    private static let rounds = 3

    /// Codes a clip with each system in turn; what fails is told in the result.
    ///
    /// - Parameters:
    ///   - known: what an earlier run has found of some of the systems, which is taken as it is.
    ///   - keep: leaves a sound in step with the recording, by the system's name.
    /// - Throws: if the recording itself can't be read, or what `keep` throws.
    init(
        _ clip: Clip, systems: [any CodecSystem], configuration: Configuration, known: [String: SystemResult],
        keep: ([Float], String) throws -> Void
    ) throws {
        let reference = try Audio.read(clip.path)
        try keep(reference, KeptAudio.original)
        self.clip = clip
        hops = ReferenceHops(reference, settings: configuration.features.pitch)
        seconds = Double(reference.count) / Double(Audio.rate)
        self.systems = known
        var rounds: [String: [CodedClip]] = [:]
        for round in 0..<Self.rounds {
            for system in systems where self.systems[system.name] == nil {
                // What takes no time that is measured needs no second look.
                if round > 0, rounds[system.name]?.first?.encodeSeconds == nil { continue }
                do {
                    let coded = try system.code(reference, clip: clip.id, transcript: clip.text)
                    rounds[system.name, default: []].append(coded)
                } catch {
                    self.systems[system.name] = SystemResult(figures: [:], frameMilliseconds: [], failure: "\(error)")
                }
            }
        }
        for system in systems where self.systems[system.name] == nil {
            guard let coded = (rounds[system.name] ?? []).ofMedianTime else { continue }
            let late =
                coded.knownDelay
                ?? delay(of: coded.audio, after: reference, limit: Audio.rate / 10, sampleRate: Audio.rate)
            let degraded = aligned(coded.audio, delay: late, count: reference.count)
            try keep(degraded, system.name)
            let spectral = SpectralDistance(reference: reference, degraded: degraded)
            var result = SystemResult(
                figures: Self.figures(reference, degraded, spectral, late: late, coded, configuration: configuration),
                codes: coded.codes, frameMilliseconds: coded.frameMilliseconds)
            result.hopErrors = spectral.flatMap(HopErrors.init)
            self.systems[system.name] = result
        }
    }

    private static func figures(
        _ reference: [Float], _ degraded: [Float], _ spectral: SpectralDistance?, late: Int, _ coded: CodedClip,
        configuration: Configuration
    ) -> [String: Double] {
        let seconds = Double(max(1, reference.count)) / Double(Audio.rate)
        let heard = Intelligibility(reference: reference, degraded: degraded, sampleRate: Audio.rate)
        let pitch = PitchDistance(
            reference: reference, degraded: degraded, sampleRate: Audio.rate,
            settings: configuration.features.pitch, hop: configuration.features.hop)
        let all: [String: Double?] = [
            "stoi": heard?.stoi, "estoi": heard?.estoi,
            "si_sdr_db": siSDR(reference: reference, degraded: degraded),
            "log_mel_distance": spectral?.logMel, "lsd_db": spectral?.logSpectral,
            "mcd_db": spectral?.melCepstral, "level_db": spectral?.level,
            "f0_rmse_cents": pitch?.cents, "f0_gross_share": pitch?.grossErrors,
            "voicing_error_share": pitch?.voicingErrors, "delay_ms": Double(late) * 1000 / Double(Audio.rate),
            "payload_bit_s": coded.payloadBits.map { Double($0) / seconds },
            "file_bit_s": coded.fileBytes.map { Double($0 * 8) / seconds },
            "text_bit_s": coded.textBits.map { Double($0) / seconds },
            "told_bit_s": coded.toldBits.map { Double($0) / seconds },
            "encode_rtf": coded.encodeSeconds.map { $0 / seconds },
            "decode_rtf": coded.decodeSeconds.map { $0 / seconds },
        ]
        return all.compactMapValues { $0 }.filter { $0.value.isFinite }
    }
}

extension [CodedClip] {
    fileprivate var ofMedianTime: CodedClip? {
        func time(_ clip: CodedClip) -> Double { (clip.encodeSeconds ?? 0) + (clip.decodeSeconds ?? 0) }
        return isEmpty ? nil : sorted { time($0) < time($1) }[count / 2]
    }
}
