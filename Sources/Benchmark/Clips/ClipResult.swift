// SPDX-License-Identifier: Apache-2.0

public import Sotto

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
    /// Why there are no figures, one line.
    public var failure: String?
}

public struct ClipResult: Sendable, Codable {
    public var clip: Clip
    public var seconds: Double
    /// By the system's name.
    public var systems: [String: SystemResult]

    /// How often each system codes each clip, all in turn.
    private static let rounds = 3

    /// Codes a clip with each system in turn; what fails is told in the result.
    ///
    /// - Parameter audio: where to leave what was decoded, nil for nowhere.
    /// - Throws: if the recording itself can't be read, or what was decoded can't be left.
    public init(
        _ clip: Clip, systems: [any CodecSystem], configuration: Configuration, audio: KeptAudio?
    ) throws {
        let reference = try Audio.read(clip.path)
        try audio?.write(reference, of: clip, by: KeptAudio.original)
        self.clip = clip
        seconds = Double(reference.count) / Double(Audio.rate)
        self.systems = [:]
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
            try audio?.write(degraded, of: clip, by: system.name)
            self.systems[system.name] = SystemResult(
                figures: Self.figures(reference, degraded, late: late, coded, configuration: configuration),
                codes: coded.codes, frameMilliseconds: coded.frameMilliseconds)
        }
    }

    private static func figures(
        _ reference: [Float], _ degraded: [Float], late: Int, _ coded: CodedClip, configuration: Configuration
    ) -> [String: Double] {
        let seconds = Double(max(1, reference.count)) / Double(Audio.rate)
        let heard = Intelligibility(reference: reference, degraded: degraded, sampleRate: Audio.rate)
        let spectral = SpectralDistance(reference: reference, degraded: degraded)
        let pitch = PitchDistance(
            reference: reference, degraded: degraded, sampleRate: Audio.rate,
            settings: configuration.features.pitch, hop: configuration.features.hop)
        let all: [String: Double?] = [
            "stoi": heard?.stoi, "estoi": heard?.estoi,
            "si_sdr_db": siSDR(reference: reference, degraded: degraded),
            "log_mel_l1": spectral?.logMelL1, "lsd_db": spectral?.logSpectral,
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
