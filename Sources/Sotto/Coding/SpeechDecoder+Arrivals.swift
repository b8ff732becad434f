// SPDX-License-Identifier: Apache-2.0

public import Quantizer

extension SpeechDecoder {
    /// Frames that can be made of those on both sides.
    static let longestBridge = 3
    /// Lost frames in a row after which there is silence and the networks stand still: the voice has faded by then, one frame
    /// of silence has run through the windows, and what one latent does to a network by going on and on is no good start for
    /// the speech that comes next.
    static let longestEcho = longestBridge + 1

    /// Decodes what arrives, in its order: [frames · frameSize] samples.
    ///
    /// Up to three lost frames are made of both their neighbours if the frame after them is among `arrivals`: hold what is lost
    /// back until it is known what follows it. Of longer losses, and of those that nothing follows here, the last frame goes on
    /// and fades after 120 ms; after four of them there is silence at next to no cost. In a pause the background's noise goes
    /// on for 5 s without another sign of life, then it fades too, as it does where frames of the pause are lost.
    ///
    /// - Throws: `QuantizerError` at the first frame whose codes are impossible. The stream is then as after what was before that
    ///   frame, whose samples are lost; the other `push` has appended them.
    public mutating func push(_ arrivals: some Sequence<Arrival>) throws(QuantizerError) -> [Float] {
        var audio: [Float] = []
        try push(Array(arrivals), appendingTo: &audio)
        return audio
    }

    /// The same for an audio thread: appends the samples to `audio`. In steady state it allocates nothing, if `audio` has room and
    /// the decoder reads no transcript.
    ///
    /// - Throws: as `push(_:)`; the samples of what was before the impossible frame are then appended.
    public mutating func push(_ arrivals: [Arrival], appendingTo audio: inout [Float]) throws(QuantizerError) {
        var (next, lost) = (0, 0)
        defer { pushLost(lost, appendingTo: &audio) }
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
    }

    /// As many frames with codes as follow each other, and as are worth taking at once.
    private mutating func pushCodes(
        of arrivals: [Arrival], from next: inout Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        var (memory, end) = (takeMemory(), next)
        var failure: QuantizerError?
        while end < arrivals.count, end - next < Self.framesAtOnce, case .codes(let codes) = arrivals[end] {
            do { try memory.given.append(codes.span, by: model.quantizer) } catch {
                failure = error
                break
            }
            end += 1
        }
        if next < end { isPaused = false }
        while next < end {
            if case .codes(let codes) = arrivals[next] { take(codes.count, &memory) }
            next += 1
        }
        advance(&memory, appendingTo: &audio)
        if let failure { throw failure }
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

    // MARK: Lost frames

    /// Stands in for a frame that never came: the last one goes on, and fades after 120 ms. [frameSize] samples. After four
    /// of them the networks stand still: what is lost from there on is silence that costs next to nothing.
    package mutating func pushLost() -> [Float] {
        var audio: [Float] = []
        pushLost(1, appendingTo: &audio)
        return audio
    }

    /// So many frames that never came.
    mutating func pushLost(_ count: Int, appendingTo audio: inout [Float]) {
        for _ in 0..<max(0, count) {
            var memory = takeMemory()
            memory.given.append(stack, like: latent)
            memory.given.append(heard(isLost: true))
            advance(&memory, appendingTo: &audio)
        }
    }

    /// Decodes a frame that shows, by coming, that `count` frames before it never will: these are made of what was before and of
    /// what comes now. [(count + 1) · frameSize] samples, the last `frameSize` of them the frame's own.
    ///
    /// Of losses so long that the voice has faded meanwhile, each frame is as `pushLost` makes it.
    ///
    /// - Throws: `QuantizerError` as for any frame; the stream is then as it was.
    package mutating func push(
        _ codes: some Collection<UInt16>, afterLosing count: Int
    ) throws(QuantizerError) -> [Float] {
        var audio: [Float] = []
        try push(Array(codes), afterLosing: count, appendingTo: &audio)
        return audio
    }

    mutating func push(
        _ codes: Codes, afterLosing count: Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        var memory = takeMemory()
        try memory.given.append(codes.span, by: model.quantizer)
        bridge(count, codes: codes.count, &memory, appendingTo: &audio)
    }

    /// The same with a frame's latents [stack · dimensions], for which no codes stand.
    mutating func push(
        latents: [Float], afterLosing count: Int, appendingTo audio: inout [Float]
    ) throws(QuantizerError) {
        try model.quantizer.check(latents: latents)
        var memory = takeMemory()
        memory.given.append(latents: latents[...])
        bridge(count, codes: model.quantizer.codebooks, &memory, appendingTo: &audio)
    }

    /// So many lost frames and the one whose latents are given.
    private mutating func bridge(
        _ count: Int, codes: Int, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if (1...Self.longestBridge).contains(count) {
            let before = level
            takeLevel()
            memory.given.prepend(count * stack, from: latent)
            for frame in 1...count {
                let share = Double(frame) / Double(count + 1)
                memory.given.append(heard(isLost: true, level: before + share * (level - before)))
            }
        } else {
            pushLost(count, appendingTo: &audio)
        }
        take(codes, &memory)
        advance(&memory, appendingTo: &audio)
    }

    // MARK: Noise

    /// A frame in which nobody speaks: the background's noise, as loud as the frames before the pause gave it back, which is
    /// lower than it was. [frameSize] samples. The networks stand still meanwhile.
    ///
    /// - Parameter isLost: whether nothing has been heard of the sender for so long that the pause may be over; the noise then
    ///   fades as the voice of lost frames does.
    package mutating func pushNoise(_ noise: ComfortNoise, isLost: Bool = false) -> [Float] {
        var audio: [Float] = []
        pushNoise(noise, isLost: isLost, appendingTo: &audio)
        return audio
    }

    mutating func pushNoise(_ noise: ComfortNoise, isLost: Bool = false, appendingTo audio: inout [Float]) {
        lostFrames = isLost ? lostFrames + 1 : 0
        let frame = lostFrames > Self.longestEcho ? LookaheadQueue.Frame.silence : .noise(noise, isLost: isLost)
        var memory = takeMemory()
        defer { model.decodingMemory.putBack(memory) }
        if let ready = queue?.push([frame]) {
            play(ready, &memory, appendingTo: &audio)
        } else if case .silence = frame {
            beSilent(frames: 1, &memory, appendingTo: &audio)
        } else {
            synthesize(noise, isLost: isLost, &memory, appendingTo: &audio)
        }
    }
}
