// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import Synchronization

final class EncoderHandle: Handled {
    static let name = "an encoder"
    /// What a stream gives for a frame.
    enum Kind {
        case codes
        case latents
    }

    let kind: Kind
    /// Codes of a row, or values of its latents.
    let width: Int
    let state: Mutex<EncoderState>

    init(_ encoder: SpeechEncoder) {
        (kind, width) = (.codes, encoder.counts.maxCodes)
        state = Mutex(EncoderState(encoder: encoder, kind: kind))
    }

    init(latentsOf model: CodecModel) {
        (kind, width) = (.latents, model.quantizer.dimensions)
        state = Mutex(EncoderState(encoder: SpeechEncoder(model), kind: kind))
    }

    init(copying other: EncoderHandle) {
        (kind, width) = (other.kind, other.width)
        state = Mutex(other.state.withLock { $0 })
    }

    func require(_ kind: Kind) throws(CallError) {
        guard kind != self.kind else { return }
        throw .usage(
            kind == .codes
                ? "the encoder was opened for latents; read those" : "the encoder was opened for codes; read those")
    }
}

struct EncoderState: Sendable {
    /// Samples that are encoded before the next are looked at, so that those of a long push aren't there twice.
    static let samplesAtOnce = 1 << 16

    var encoder: SpeechEncoder
    let kind: EncoderHandle.Kind
    var frames = Queue<TokenFrame>()
    var latents = Queue<[Float]>()
    private var hasFinished = false
    /// nil until a stream of codes has been finished.
    private(set) var ending: SpeechEncoder.Ending?

    init(encoder: SpeechEncoder, kind: EncoderHandle.Kind) { (self.encoder, self.kind) = (encoder, kind) }

    mutating func push<Sample>(_ samples: UnsafeBufferPointer<Sample>, _ value: (Sample) -> Float) throws(CallError) {
        guard !hasFinished else { throw .usage("the encoder has been finished; open another one") }
        for start in stride(from: 0, to: samples.count, by: Self.samplesAtOnce) {
            let some = samples[start..<min(start + Self.samplesAtOnce, samples.count)]
            switch kind {
            case .codes: frames.append(encoder.push(some.map(value)))
            case .latents: latents.append(encoder.pushForLatents(some.map(value)))
            }
        }
    }

    mutating func finish() throws(CallError) {
        guard !hasFinished else { throw .usage("the encoder has been finished already") }
        hasFinished = true
        switch kind {
        case .codes:
            let ending = encoder.finish()
            frames.append(ending.frames)
            self.ending = ending
        case .latents: latents.append(encoder.finishForLatents())
        }
    }

    /// Writes the next frames to codes [room, width] and counts [room].
    ///
    /// - Returns: how many these are.
    mutating func read(
        _ codes: UnsafeMutableBufferPointer<UInt16>, _ counts: UnsafeMutablePointer<UInt8>?, width: Int
    ) -> Int {
        var row = 0
        while (row + 1) * width <= codes.count, let frame = frames.popFirst()?.codes {
            for column in 0..<width { codes[row * width + column] = column < frame.count ? frame[column] : 0 }
            counts?[row] = UInt8(frame.count)
            row += 1
        }
        return row
    }

    /// Writes the speaker's level in the next frames, which stay.
    ///
    /// - Returns: how many these are.
    func levels(_ room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        for frame in frames.prefix(room.count) {
            guard let level = frame.level else { break }
            room[count] = level
            count += 1
        }
        return count
    }

    /// Writes the next frames' latents [room, width].
    ///
    /// - Returns: how many these are.
    mutating func read(_ room: UnsafeMutableBufferPointer<Float>, width: Int) -> Int {
        var row = 0
        while (row + 1) * width <= room.count, let frame = latents.popFirst() {
            _ = UnsafeMutableBufferPointer(rebasing: room[row * width..<(row + 1) * width]).update(from: frame)
            row += 1
        }
        return row
    }
}
