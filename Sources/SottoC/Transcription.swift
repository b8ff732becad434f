// SPDX-License-Identifier: Apache-2.0

import SottoStreams
import Transcript

/// A transcript as callers give it to a decoder or a receiver.
struct Transcription: Sendable {
    let text: String
    let timing: SymbolTiming?
    let firstFrame: Int

    init(
        _ text: UnsafePointer<CChar>?, _ timing: UnsafePointer<UInt32>?, _ timingCount: Int, _ firstFrame: Int64
    ) throws(CallError) {
        guard let text else { throw .usage("NULL was given as a transcript; an empty one ends the one before") }
        self.text = try SottoC.text(text)
        self.timing = try SottoC.timing(timing, timingCount)
        self.firstFrame = try frameNumber(firstFrame)
    }
}
