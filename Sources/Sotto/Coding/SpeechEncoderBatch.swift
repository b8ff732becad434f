// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import Quantizer

/// Many streams of one model that are encoded together, as a server has them: each weight is read once for all of them. Every stream
/// gives the frames that it gives alone.
///
///     var batch = SpeechEncoderBatch([SpeechEncoder](repeating: SpeechEncoder(model), count: 100))
///     let frames = batch.push(audio)      // of each stream what its microphone has; any number of samples
///     let ending = batch.streams[5].finish()
///
/// Streams may be at any sample, give any number of codes, and have a transcript. Of each a whole frame goes through the network with
/// those of the others; its features and the search for its codes are its own. Streams of another model than the first one's are encoded
/// alone, in the same call.
///
/// It works in the thread that calls it. A server with several cores has a batch for each.
public struct SpeechEncoderBatch: Sendable {
    /// In any order; each is what it would be outside of the batch.
    public var streams: [SpeechEncoder]

    public init(_ streams: [SpeechEncoder] = []) { self.streams = streams }

    /// Takes the samples of each of the streams, and returns of each the frames that they complete, as `SpeechEncoder.push(_:)` does.
    ///
    /// - Parameter audio: for each stream, in the order of `streams`. Streams for which there is none stay as they are; more than
    ///   there are streams is left aside.
    public mutating func push(_ audio: [[Float]]) -> [[TokenFrame]] {
        var frames = [[TokenFrame]](repeating: [], count: streams.count)
        for (stream, samples) in zip(streams.indices, audio) {
            streams[stream].take(samples.span)
            streams[stream].clip()
        }
        guard let model = streams.first?.model else { return frames }
        let size = model.configuration.frameSize
        // Samples of each stream that have been encoded.
        var starts = [Int](repeating: 0, count: streams.count)
        while true {
            let together = streams.indices.filter { stream in
                streams[stream].model.encodingMemory === model.encodingMemory
                    && streams[stream].pending.count - starts[stream] >= size
            }
            guard together.count > 1 else { break }
            for part in together.inParts(of: SpeechDecoder.framesAtOnce) {
                encode(part, from: starts, appendingTo: &frames)
                for stream in part { starts[stream] += size }
            }
        }
        for stream in streams.indices {
            streams[stream].drop(starts[stream])
            streams[stream].encodeWholeFrames { codes, level, _ in
                frames[stream].append(TokenFrame(codes: codes, level: level))
            }
        }
        return frames
    }

    /// A frame of each of some streams.
    private mutating func encode(_ part: ArraySlice<Int>, from starts: [Int], appendingTo frames: inout [[TokenFrame]])
    {
        let model = streams[0].model
        var memory = model.encodingMemory.take() ?? EncodingMemory()
        defer { model.encodingMemory.putBack(memory) }
        memory.levels.removeAll(keepingCapacity: true)
        memory.gathered.resize(rows: 0, columns: model.configuration.features.mel.bands + 2)
        for stream in part {
            let samples = streams[stream].pending[starts[stream]..<starts[stream] + model.configuration.frameSize]
            streams[stream].features.advance(samples, into: &memory.features)
            for row in 0..<memory.features.rows.rows { memory.gathered.append(row: memory.features.rows.row(row)) }
            memory.levels.append(memory.features.levels.last)
        }
        for stream in part { memory.network.states.take(&streams[stream].network) }
        model.encoder.forward(memory.gathered, memory: &memory.network)
        for (place, stream) in part.enumerated() {
            memory.network.states.giveBack(to: &streams[stream].network, of: place)
        }
        memory.network.states.removeAll()
        var latents = memory.network.latents
        latents.reshape(rows: part.count, columns: model.quantizer.dimensions)
        for (row, stream) in part.enumerated() {
            let latent = latents.row(row)
            streams[stream].align(latent)
            let level = memory.levels[row].flatMap { streams[stream].numbers?.next($0) }
            let codes = model.quantizer.encode(latent, by: streams[stream].rule, with: &memory.search)
            frames[stream].append(TokenFrame(codes: codes, level: level))
        }
    }
}

extension SpeechEncoder {
    /// Lets the aligner hear a frame's latents, if there is one.
    fileprivate mutating func align(_ latents: ArraySlice<Float>) {
        let (rows, columns) = (model.configuration.quantizer.stack, model.configuration.quantizer.dimensions)
        aligner?.push(Matrix(rows: rows, columns: columns, values: Array(latents)), isLost: [false])
    }
}
