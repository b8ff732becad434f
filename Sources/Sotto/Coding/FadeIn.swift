// SPDX-License-Identifier: Apache-2.0

import Platform

/// The gain with which speech comes in that the network can't yet know the level of.
///
/// What a latent means depends on those before it. From a state of zeros the first frames come out up to 20 dB too loud, and
/// 8 dB still after 320 ms; so do those after a long loss, during which one latent was made to go on. It takes the network
/// about 720 ms to find the level, hence as long a fade. A half cosine, so that what is least certain is heard least.
struct FadeIn: Sendable {
    /// In hops.
    private let longest: Int
    private let hopsPerFrame: Int
    /// Hops of the fade and of those that are over.
    private var (length, position) = (0, 0)
    /// Frames that were lost since the last one that came.
    private var lost = 0
    private static let silence: Float = -100

    init(_ c: Configuration) {
        longest = c.sampleRate * 720 / 1000 / c.features.hop
        hopsPerFrame = c.frameSize / c.features.hop
    }

    /// The next frame is one of a stream that was not heard so far.
    mutating func start() { (length, position) = (longest, 0) }

    /// A token frame begins, lost or not. Speech after a loss too long to bridge fades in for as long as it was away; the voice
    /// that was made up has faded by then, and is silenced here so that no window reaches over to what comes.
    mutating func beginFrame(isLost: Bool) {
        if !isLost, lost > SpeechDecoder.longestBridge {
            (length, position) = (min(lost * hopsPerFrame, longest), 0)
        }
        lost = isLost ? min(lost + 1, longest) : 0
    }

    /// Frames that were lost and never reached the network.
    mutating func stayAway(frames: Int) { lost = min(lost + frames, longest) }

    /// The natural logarithm of the next hop's gain; nil once all is heard in full.
    mutating func next() -> Float? {
        guard lost <= SpeechDecoder.longestBridge else { return Self.silence }
        guard position < length else { return nil }
        let part = (Float(position) + 0.5) / Float(length)
        position += 1
        return log((1 - cos(.pi * part)) / 2)
    }
}
