// SPDX-License-Identifier: Apache-2.0

public import Quantizer

extension SpeechDecoder {
    /// Decodes what arrives, in its order: [frames · frameSize] samples.
    ///
    /// Up to three lost frames are made of both their neighbours if the frame after them is among `arrivals`: hold what is lost
    /// back until it is known what follows it. Of longer losses, and of those that nothing follows here, the last frame goes on
    /// and fades after 120 ms; after four of them there is silence at next to no cost. In a pause the background's noise goes
    /// on for 5 s without another sign of life, then it fades too, as it does where frames of the pause are lost.
    ///
    /// - Throws: `QuantizerError` at the first frame whose codes are impossible; what was before it is decoded, and lost.
    public mutating func push(_ arrivals: some Sequence<Arrival>) throws(QuantizerError) -> [Float] {
        var (audio, run, lost) = ([Float](), [Codes?](), 0)
        for arrival in arrivals {
            if case .codes(let codes) = arrival, lost == 0 {
                isPaused = false
                run.append(codes)
                guard run.count == Self.framesAtOnce else { continue }
            }
            audio += try push(frames: run)
            run = []
            switch arrival {
            case .codes(let codes):
                guard lost > 0 else { continue }
                audio += try push(codes, afterLosing: lost)
                lost = 0
            case .latents(let latents):
                audio += try push(latents: latents, afterLosing: lost)
                (isPaused, lost) = (false, 0)
            case .level(let number): setLevel(number)
            case .lost(let count) where isPaused: audio += pushLostPause(count)
            case .lost(let count): lost += max(0, count)
            case .noise(let noise):
                audio += pushLost(lost) + pushNoise(noise)
                (self.noise, isPaused, lost) = (noise, true, 0)
            case .paused(let count):
                audio += pushLost(lost) + pushPause(count)
                (isPaused, lost) = (noise != nil, 0)
            }
        }
        audio += try push(frames: run)
        return audio + pushLost(lost)
    }

    /// Frames of a pause that are heard without a sign of life of the sender: 5 s.
    package var longestPause: Int { Int((5.12 * model.configuration.frameRate).rounded()) }

    private mutating func pushPause(_ count: Int) -> [Float] {
        guard let noise else { return pushLost(count) }
        let heard = max(0, min(count, longestPause))
        let audio = (0..<heard).flatMap { _ in pushNoise(noise) }
        return audio + pushLostPause(count - heard)
    }

    private mutating func pushLostPause(_ count: Int) -> [Float] {
        guard let noise else { return pushLost(count) }
        return (0..<max(0, count)).flatMap { _ in pushNoise(noise, isLost: true) }
    }

    mutating func pushLost(_ count: Int) -> [Float] { (0..<max(0, count)).flatMap { _ in pushLost() } }
}
