// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import SottoStreams
import Synchronization

final class DecoderHandle: Handled {
    static let name = "a decoder"
    let model: CodecModel
    let readsText: Bool
    let state: Mutex<DecoderState>

    init(_ model: CodecModel, sampleCount: Int?, readsText: Bool) throws(StreamError) {
        self.model = model
        self.readsText = readsText
        let decoder = try ScheduledDecoder(model, sampleCount: sampleCount, usesTranscripts: readsText)
        state = Mutex(DecoderState(decoder: decoder))
    }

    init(copying other: DecoderHandle) {
        (model, readsText) = (other.model, other.readsText)
        state = Mutex(other.state.withLock { $0 })
    }
}

struct DecoderState: Sendable {
    private enum Item {
        case arrival(Arrival)
        /// What was lost before it is made up.
        case concealment
    }

    /// Frames that are decoded at a time.
    private static let framesAtOnce = 16

    var decoder: ScheduledDecoder
    private var items = Queue<Item>()
    private var conceals = false
    private var hasFinished = false
    private var hasEnded = false
    private var samples = Queue<Float>()

    init(decoder: ScheduledDecoder) { self.decoder = decoder }

    mutating func push(_ arrivals: some Sequence<Arrival>) throws(CallError) {
        try requireOpen()
        items.append(arrivals.lazy.map { .arrival($0) })
    }

    mutating func conceal() throws(CallError) {
        try requireOpen()
        items.append(CollectionOfOne(.concealment))
    }

    mutating func finish() throws(CallError) {
        try requireOpen()
        hasFinished = true
    }

    private func requireOpen() throws(CallError) {
        if hasFinished { throw .usage("the decoder has been finished; open another one") }
    }

    /// Decodes as much as there is room for.
    ///
    /// - Returns: how many samples these are.
    mutating func read(_ room: UnsafeMutableBufferPointer<Float>) throws -> Int {
        var count = 0
        while true {
            count += samples.move(to: room[count...])
            guard count < room.count, let more = try decode() else { return count }
            samples.append(more)
        }
    }

    /// The next samples, which may be none; nil if there are no more for now.
    private mutating func decode() throws -> [Float]? {
        if decoder.hasLongLoss { return try decoder.settle(atMost: Self.framesAtOnce) }
        if conceals {
            conceals = false
            return try decoder.settle()
        }
        switch items.popFirst() {
        case .arrival(.codes(let codes)):
            var frames = [Arrival.codes(codes)]
            while frames.count < Self.framesAtOnce, case .arrival(.codes(let codes)) = items.first {
                frames.append(.codes(codes))
                _ = items.popFirst()
            }
            return try decoder.push(frames)
        case .arrival(let arrival): return try decoder.push(CollectionOfOne(arrival))
        case .concealment:
            conceals = true
            return []
        case nil:
            guard hasFinished, !hasEnded else { return nil }
            hasEnded = true
            return try decoder.finish()
        }
    }
}
