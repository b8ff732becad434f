// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Synchronization

/// Working memory that the streams of a model share: as many pieces as work at the same moment, each kept for the next one that
/// asks.
///
/// Nothing in a piece outlives a call of a stream, so that which one it gets makes no difference. A piece grows with the first calls
/// to the size that they need, and nothing is allocated from then on. No stream waits until another has done its work: the lock is
/// held while a piece is taken or put back.
final class MemoryPool<Piece: Sendable>: Sendable {
    private let idle = Mutex<[Piece]>([])

    /// One that is idle, or nil.
    func take() -> Piece? { idle.withLock { $0.popLast() } }

    func putBack(_ piece: consuming Piece) {
        // Outside of the lock it is one more value that is moved.
        idle.withLock { [piece] in $0.append(piece) }
    }
}

/// What an encoder works with while it takes samples.
struct EncodingMemory: Sendable {
    var features = FeatureExtractor.Features()
    /// Those of a frame of each of several streams, and the speakers' levels in them.
    var gathered = Matrix()
    var levels: [Double?] = []
    var network = EncoderNetwork.Memory()
    var search = CodeSearch()
}

/// What a decoder works with while it makes samples.
struct DecodingMemory: Sendable {
    /// Frames that were given to it, and those of them that go through the networks together.
    var given = SpeechRun()
    var spoken = SpeechRun()
    var network = DecoderNetwork.Memory()
    /// Of one hop, where it isn't the network's: its filters, and the log gains of a noise.
    var filters: [Float] = []
    var noiseGains: [Float] = []
}
