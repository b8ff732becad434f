// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import Synchronization

final class EncoderHandle: Handled {
    static let name = "an encoder"
    /// Codes of a row.
    let width: Int
    let state: Mutex<EncoderState>

    init(_ encoder: SpeechEncoder) {
        width = encoder.counts.maxCodes
        state = Mutex(EncoderState(encoder: encoder, isVariable: encoder.counts.isVariable))
    }
}

struct EncoderState: Sendable {
    /// Samples that are encoded before the next are looked at, so that those of a long push aren't there twice.
    static let samplesAtOnce = 1 << 16

    var encoder: SpeechEncoder
    let isVariable: Bool
    var frames = Queue<Codes>()
    /// nil until the stream has been finished.
    private(set) var ending: SpeechEncoder.Ending?

    mutating func push<Sample>(_ samples: UnsafeBufferPointer<Sample>, _ value: (Sample) -> Float) throws(CallError) {
        guard ending == nil else { throw .usage("the encoder has been finished; open another one") }
        for start in stride(from: 0, to: samples.count, by: Self.samplesAtOnce) {
            let some = samples[start..<min(start + Self.samplesAtOnce, samples.count)]
            frames.append(encoder.push(some.map(value)))
        }
    }

    mutating func finish() throws(CallError) {
        guard ending == nil else { throw .usage("the encoder has been finished already") }
        let ending = encoder.finish()
        frames.append(ending.frames)
        self.ending = ending
    }

    /// Writes the next frames to codes [room, width] and counts [room].
    ///
    /// - Returns: how many these are.
    mutating func read(
        _ codes: UnsafeMutableBufferPointer<UInt16>, _ counts: UnsafeMutablePointer<UInt8>?, width: Int
    ) -> Int {
        var row = 0
        while (row + 1) * width <= codes.count, let frame = frames.popFirst() {
            for column in 0..<width { codes[row * width + column] = column < frame.count ? frame[column] : 0 }
            counts?[row] = UInt8(frame.count)
            row += 1
        }
        return row
    }
}
