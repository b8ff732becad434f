// SPDX-License-Identifier: Apache-2.0

public import Quantizer

extension SpeechDecoder {
    /// Seconds of a pause that are heard without a sign of life of the sender.
    private static let longestPause = 5.12

    /// Decodes what arrives, in its order: [frames · frameSize] samples.
    ///
    /// Up to three lost frames are made of both their neighbours if the frame after them is among `arrivals`: hold what is lost
    /// back until it is known what follows it. Of longer losses, and of those that nothing follows here, the last frame goes on
    /// and fades after 120 ms; after four of them there is silence at next to no cost. In a pause the background's noise goes
    /// on for 5 s without another sign of life, then it fades too.
    ///
    /// - Throws: `QuantizerError` at the first frame whose codes are impossible; what was before it is decoded, and lost.
    public mutating func push(_ arrivals: some Sequence<Arrival>) throws(QuantizerError) -> [Float] {
        var (audio, run, lost) = ([Float](), [Codes?](), 0)
        for arrival in arrivals {
            if case .codes(let codes) = arrival, lost == 0 {
                run.append(codes)
                if run.count == Self.framesAtOnce { audio += try push(frames: take(&run)) }
                continue
            }
            audio += try push(frames: take(&run))
            switch arrival {
            case .codes(let codes):
                audio += try push(codes, afterLosing: lost)
                lost = 0
                continue
            case .lost(let count):
                lost += max(0, count)
                continue
            case .noise, .paused: break
            }
            audio += pushLost(take(&lost))
            if case .noise(let noise) = arrival {
                self.noise = noise
                audio += pushNoise(noise)
            } else {
                audio += pushPause(arrival.frameCount)
            }
        }
        audio += try push(frames: run)
        return audio + pushLost(lost)
    }

    private mutating func pushPause(_ count: Int) -> [Float] {
        guard let noise else { return pushLost(count) }
        let heard = min(count, Int((Self.longestPause * model.configuration.frameRate).rounded()))
        var audio: [Float] = []
        for frame in 0..<max(0, count) { audio += pushNoise(noise, isLost: frame >= heard) }
        return audio
    }

    mutating func pushLost(_ count: Int) -> [Float] {
        (0..<max(0, count)).flatMap { _ in pushLost() }
    }
}

/// Empties a value and returns what it was.
private func take(_ value: inout [Codes?]) -> [Codes?] {
    defer { value = [] }
    return value
}

private func take(_ value: inout Int) -> Int {
    defer { value = 0 }
    return value
}
