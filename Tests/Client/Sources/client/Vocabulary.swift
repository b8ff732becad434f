// SPDX-License-Identifier: Apache-2.0

import Sotto

/// What callers meet of the rooms below Sotto, with nothing else imported: it is enough that this compiles.
func words(of model: CodecModel, _ encoder: SpeechEncoder, _ error: any UserFacingError) -> [Any] {
    let codes: Codes = [1, 2]
    let arrivals: [Arrival] = [.codes(codes), .lost(2), .paused(1)]
    let noise = ComfortNoise(levels: [UInt8](repeating: 0, count: ComfortNoise.bands))
    let rule: CodesPerFrame = .average(4)
    let kind: FailureKind = error.kind
    let timing = SymbolTiming(counts: [0, 1])
    let pitch = model.configuration.features.pitch
    return [
        arrivals.map(\.frameCount), noise.map { $0.distance(to: $0) } ?? 0, rule.number, encoder.counts.maxCodes,
        kind.rawValue, timing.counts, model.configuration.text?.lookahead ?? 0, pitch.low, pitch.frequency(feature: 0),
    ]
}
