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
        var audio: [Float] = []
        try push(Array(arrivals), appendingTo: &audio)
        return audio
    }

    /// The same for an audio thread: appends the samples to `audio`. In steady state it allocates nothing, if `audio` has room and
    /// the decoder reads no transcript.
    ///
    /// - Throws: as `push(_:)`.
    public mutating func push(_ arrivals: [Arrival], appendingTo audio: inout [Float]) throws(QuantizerError) {
        var (next, lost) = (0, 0)
        while next < arrivals.count {
            if lost == 0, case .codes = arrivals[next] {
                try pushCodes(of: arrivals, from: &next, appendingTo: &audio)
                continue
            }
            switch arrivals[next] {
            case .codes(let codes):
                try push(codes, afterLosing: lost, appendingTo: &audio)
                lost = 0
            case .latents(let latents):
                try push(latents: latents, afterLosing: lost, appendingTo: &audio)
                (isPaused, lost) = (false, 0)
            case .level(let number): setLevel(number)
            case .lost(let count) where isPaused: pushLostPause(count, appendingTo: &audio)
            case .lost(let count): lost += max(0, count)
            case .noise(let noise):
                pushLost(lost, appendingTo: &audio)
                pushNoise(noise, appendingTo: &audio)
                (self.noise, isPaused, lost) = (noise, true, 0)
            case .paused(let count):
                pushLost(lost, appendingTo: &audio)
                pushPause(count, appendingTo: &audio)
                (isPaused, lost) = (noise != nil, 0)
            }
            next += 1
        }
        pushLost(lost, appendingTo: &audio)
    }

    /// As many frames with codes as follow each other, and as are worth taking at once.
    private mutating func pushCodes(
        of arrivals: [Arrival], from next: inout Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        isPaused = false
        var (memory, end) = (takeMemory(), next)
        while end < arrivals.count, end - next < Self.framesAtOnce, case .codes(let codes) = arrivals[end] {
            try memory.given.append(codes.span, by: model.quantizer)
            end += 1
        }
        while next < end {
            if case .codes(let codes) = arrivals[next] { take(codes.count, &memory) }
            next += 1
        }
        advance(&memory, appendingTo: &audio)
    }

    /// Frames of a pause that are heard without a sign of life of the sender: 5 s.
    package var longestPause: Int { Int((5.12 * model.configuration.frameRate).rounded()) }

    private mutating func pushPause(_ count: Int, appendingTo audio: inout [Float]) {
        guard let noise else { return pushLost(count, appendingTo: &audio) }
        let heard = max(0, min(count, longestPause))
        for _ in 0..<heard { pushNoise(noise, appendingTo: &audio) }
        pushLostPause(count - heard, appendingTo: &audio)
    }

    private mutating func pushLostPause(_ count: Int, appendingTo audio: inout [Float]) {
        guard let noise else { return pushLost(count, appendingTo: &audio) }
        for _ in 0..<max(0, count) { pushNoise(noise, isLost: true, appendingTo: &audio) }
    }
}
