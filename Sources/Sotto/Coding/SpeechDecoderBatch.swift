// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer

/// Many streams of one model that are decoded together, as a server has them: each weight is read once for all of them. Every stream
/// gives the samples that it gives alone, to the bit.
///
///     var batch = SpeechDecoderBatch()
///     batch.streams.append(SpeechDecoder(model))          // a stream joins
///     let audio = batch.push(arrivals)                    // every 80 ms
///     batch.streams.swapAt(gone, batch.streams.count - 1) // and leaves
///     batch.streams.removeLast()
///
/// Streams may be at any frame, of any number of codes. A frame with codes goes through the network with those of the other streams,
/// unless it needs what these don't: one that comes after lost frames of the same push, the first one of a receiver that joins
/// mid-stream, all of a decoder that reads a transcript, and of one of another model than the first stream's. These are decoded alone, as
/// are losses and pauses, in the same call.
///
/// It works in the thread that calls it. A server with several cores has a batch for each.
public struct SpeechDecoderBatch: Sendable {
    /// In any order; each is what it would be outside of the batch.
    public var streams: [SpeechDecoder]

    public init(_ streams: [SpeechDecoder] = []) { self.streams = streams }

    /// Decodes what arrives in each of the streams: of each its samples, as `SpeechDecoder.push(_:)` returns them, or the error that this
    /// throws. An error in one stream is none of the others'.
    ///
    /// - Parameter arrivals: for each stream, in the order of `streams`. Streams for which there are none stay as they are; more of
    ///   them than there are streams are left aside.
    public mutating func push(_ arrivals: [[Arrival]]) -> [Result<[Float], QuantizerError>] {
        var work = Work(arrivals, count: streams.count)
        while true {
            let together = streams.indices.filter { isAtFrame($0, &work) }
            guard together.count > 1 else {
                for stream in together { pushAlone(stream, &work, frames: .max) }
                return work.results
            }
            for part in together.inParts(of: SpeechDecoder.framesAtOnce) { decode(part, &work) }
        }
    }

    /// What a push is about.
    private struct Work {
        let arrivals: [[Arrival]]
        /// Of each stream the arrival that comes next.
        var next: [Int]
        var results: [Result<[Float], QuantizerError>]

        init(_ arrivals: [[Arrival]], count: Int) {
            self.arrivals = (0..<count).map { arrivals.indices.contains($0) ? arrivals[$0] : [] }
            next = [Int](repeating: 0, count: count)
            results = [Result<[Float], QuantizerError>](repeating: .success([]), count: count)
        }

        mutating func append(to stream: Int, _ body: (inout [Float]) throws(QuantizerError) -> Void) {
            guard case .success(var audio) = results[stream] else { return }
            results[stream] = .success([])
            do {
                try body(&audio)
                results[stream] = .success(audio)
            } catch {
                fail(stream, error)
            }
        }

        mutating func fail(_ stream: Int, _ error: QuantizerError) {
            results[stream] = .failure(error)
            next[stream] = arrivals[stream].count
        }
    }

    /// Whether a stream has come to a frame that can be decoded together with others: what is before it has been decoded then.
    private mutating func isAtFrame(_ stream: Int, _ work: inout Work) -> Bool {
        while work.next[stream] < work.arrivals[stream].count {
            switch work.arrivals[stream][work.next[stream]] {
            case .level(let number):
                streams[stream].setLevel(number)
                work.next[stream] += 1
            case .codes where streams[stream].goesTogether(with: streams[0]): return true
            default: pushAlone(stream, &work, frames: 1)
            }
        }
        return false
    }

    /// Decodes what comes next in a stream up to and with so many frames with codes, as it would be without the others.
    private mutating func pushAlone(_ stream: Int, _ work: inout Work, frames: Int) {
        let start = work.next[stream]
        var (end, found) = (start, 0)
        while end < work.arrivals[stream].count, found < frames {
            if work.arrivals[stream][end].isSpeech { found += 1 }
            end += 1
        }
        work.next[stream] = end
        let arrivals = Array(work.arrivals[stream][start..<end])
        work.append(to: stream) { audio throws(QuantizerError) in
            try streams[stream].push(arrivals, appendingTo: &audio)
        }
    }

    /// A frame of each of some streams.
    private mutating func decode(_ part: ArraySlice<Int>, _ work: inout Work) {
        var memory = streams[0].takeMemory()
        defer { streams[0].model.decodingMemory.putBack(memory) }
        memory.spoken.removeAll(dimensions: streams[0].model.configuration.quantizer.dimensions)
        var decoded: [Int] = []
        decoded.reserveCapacity(part.count)
        for stream in part {
            guard case .codes(let codes) = work.arrivals[stream][work.next[stream]] else { continue }
            work.next[stream] += 1
            do {
                try streams[stream].hear(codes, in: &memory.spoken)
                decoded.append(stream)
            } catch {
                work.fail(stream, error)
            }
        }
        guard !decoded.isEmpty else { return }
        for stream in decoded { memory.network.states.take(&streams[stream].network) }
        streams[0].model.decoder.forward(memory.spoken.latents, memory: &memory.network)
        for (place, stream) in decoded.enumerated() {
            memory.network.states.giveBack(to: &streams[stream].network, of: place)
        }
        memory.network.states.removeAll()
        for (place, stream) in decoded.enumerated() {
            work.append(to: stream) { audio in
                streams[stream].render(place..<place + 1, &memory, appendingTo: &audio)
            }
        }
    }
}

extension SpeechDecoder {
    /// Whether a frame with codes, if nothing was lost before it, needs the network and nothing else, in the same model as another's.
    fileprivate func goesTogether(with other: SpeechDecoder) -> Bool {
        queue == nil && !joinsMidStream && model.decodingMemory === other.model.decodingMemory
    }

    /// Appends what goes through the network for a frame that came.
    fileprivate mutating func hear(_ codes: Codes, in run: inout SpeechRun) throws(QuantizerError) {
        try run.append(codes.span, by: model.quantizer)
        isPaused = false
        run.append(heard(codes: codes.count))
        if let last = run.lastLatent { latent.replaceSubrange(latent.indices, with: last) }
        lostFrames = 0
    }
}

extension Collection where Index == Int, SubSequence == ArraySlice<Element> {
    /// Parts of about one size, of at most so many elements.
    func inParts(of most: Int) -> [ArraySlice<Element>] {
        let parts = (count + most - 1) / most
        return (0..<parts).map { part in
            self[startIndex + part * count / parts..<startIndex + (part + 1) * count / parts]
        }
    }
}
