// SPDX-License-Identifier: Apache-2.0

import Sotto
import TokenFile

/// Gives a decoder each text at its frame, and keeps account of how well the texts fit.
///
/// At a frame, that text holds which begins last before or at it. A text that comes after its frame therefore holds from
/// the next frame on, unless a later one holds already.
struct TranscriptSchedule {
    private struct Change {
        var frame: Int
        /// Empty where a text ends and none begins.
        var text: String
        /// nil if it isn't known.
        var pace: [Int]?
    }

    /// Those to come, in the order of their frames.
    private var waiting: ArraySlice<Change> = []
    private var current: Change?
    /// The frame that the decoder stands before, and the one from which it has had the current text.
    private var (position, start) = (0, 0)
    /// Frames with a text, and how many of them fitted.
    private var (told, fitting) = (0, 0.0)

    init(_ segments: [TextSegment] = []) {
        let sorted = segments.filter { !$0.frames.isEmpty }.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
        for (index, segment) in sorted.enumerated() {
            add(segment.text, pace: segment.pace, from: segment.frames.lowerBound)
            let next = sorted.dropFirst(index + 1).first?.frames.lowerBound ?? .max
            if segment.frames.upperBound < next { add("", from: segment.frames.upperBound) }
        }
    }

    /// The frame before which `apply` must be called again.
    var nextChange: Int { waiting.first?.frame ?? .max }

    /// Of two texts of one frame the later one counts.
    mutating func add(_ text: String, pace: [Int]? = nil, from frame: Int) {
        if let current, frame < current.frame { return }
        let index = waiting.lastIndex { $0.frame <= frame }.map { $0 + 1 } ?? waiting.startIndex
        waiting.insert(Change(frame: frame, text: text, pace: pace), at: index)
    }

    /// Gives the decoder, which stands before `frame`, what is said from there on.
    mutating func apply(at frame: Int, to decoder: inout AlignedDecoder) {
        // Frames that count from the start again are another sender's, of whom nothing is said yet.
        let isFresh = frame < position
        guard isFresh && current != nil || frame >= nextChange else {
            position = frame
            return
        }
        finish(decoder)
        (position, start) = (frame, frame)
        if isFresh { current = nil }
        while let next = waiting.first, next.frame <= frame { current = waiting.removeFirst() }
        decoder.setTranscript(current?.text ?? "", pace: current?.pace)
    }

    /// A decoder takes the place of another, of which account has been given.
    mutating func goOn(with decoder: inout AlignedDecoder) {
        start = position
        if let current { decoder.setTranscript(current.text, pace: current.pace) }
    }

    /// Counts how well the text that is being said has fitted so far.
    private mutating func finish(_ decoder: AlignedDecoder) {
        guard let match = decoder.transcriptMatch else { return }
        told += position - start
        fitting += match * Double(position - start)
    }

    /// What is to be said of how the texts fitted, once the decoder stands before `frame` for good; nil if they did.
    mutating func complaint(at frame: Int, _ decoder: AlignedDecoder) -> String? {
        position = max(position, frame)
        finish(decoder)
        let match = told > 0 ? fitting / Double(told) : 1
        return Self.complaint(match: match, of: current?.text ?? "")
    }

    /// What is to be said of a transcript that fits so badly, nil if it fits.
    static func complaint(match: Double, of text: String) -> String? {
        guard match < TextGuide.goodMatch else { return nil }
        if TextSymbols(text).isMostlyOther {
            return "the transcript is mostly digits or letters of other scripts than a to z, which are not followed."
        }
        return "the transcript fits only \(Int(max(0, match) * 100)) % of the speech; is it that of another recording?"
    }
}
