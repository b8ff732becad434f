// SPDX-License-Identifier: Apache-2.0

import Sotto
public import TokenFile
public import Transcript

/// Gives a decoder each text at its frame, and keeps account of how well the texts fit.
///
/// At a frame, that text holds which begins last before or at it. A text that comes after its frame therefore holds from
/// the next frame on, unless a later one holds already.
public struct TranscriptSchedule: Sendable {
    private struct Change {
        var frame: Int
        /// Empty where a text ends and none begins.
        var text: String
        /// nil if it isn't known.
        var timing: SymbolTiming?
    }

    /// Those to come, in the order of their frames.
    private var waiting: ArraySlice<Change> = []
    private var current: Change?
    /// The frame that the decoder stands before, and the one from which it has had the current text.
    private var (position, start) = (0, 0)
    /// Frames with a text that was followed, and how many of them fitted.
    private var (followed, fitting) = (0, 0.0)

    public init(_ segments: [TextSegment] = []) {
        let sorted = segments.filter { !$0.frames.isEmpty }.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
        for (index, segment) in sorted.enumerated() {
            add(segment.text, timing: segment.timing, from: segment.frames.lowerBound)
            let next = sorted.dropFirst(index + 1).first?.frames.lowerBound ?? .max
            if segment.frames.upperBound < next { add("", from: segment.frames.upperBound) }
        }
    }

    /// The frame before which `apply` must be called again.
    var nextChange: Int { waiting.first?.frame ?? .max }

    /// Of two texts of one frame the later one counts.
    public mutating func add(_ text: String, timing: SymbolTiming? = nil, from frame: Int) {
        if let current, frame < current.frame { return }
        let index = waiting.lastIndex { $0.frame <= frame }.map { $0 + 1 } ?? waiting.startIndex
        waiting.insert(Change(frame: frame, text: text, timing: timing), at: index)
    }

    /// Gives the decoder, which stands before `frame`, what is said from there on.
    mutating func apply(at frame: Int, to decoder: inout DelayCompensatedDecoder) throws(ModelError) {
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
        try decoder.setTranscript(current?.text ?? "", timing: current?.timing)
    }

    /// A decoder takes the place of another, of which account has been given.
    mutating func goOn(with decoder: inout DelayCompensatedDecoder) throws(ModelError) {
        start = position
        if let current { try decoder.setTranscript(current.text, timing: current.timing) }
    }

    /// Counts how well the text that is being said has fitted so far.
    private mutating func finish(_ decoder: DelayCompensatedDecoder) {
        guard let match = decoder.transcriptMatch else { return }
        followed += position - start
        fitting += match * Double(position - start)
    }

    /// The decoder, which stands before `frame`, ends.
    mutating func end(at frame: Int, _ decoder: DelayCompensatedDecoder) {
        position = max(position, frame)
        finish(decoder)
        start = position
    }

    /// How well the texts have fitted what was heard, once the decoder has ended; nil if none was followed.
    public var fit: TranscriptFit? {
        followed > 0 ? TranscriptFit(match: fitting / Double(followed), of: current?.text ?? "") : nil
    }
}

/// How well a transcript fits what was heard.
public struct TranscriptFit: Sendable, Equatable {
    /// The share of the letters heard that it accounts for, 0 to 1.
    public let match: Double
    /// Whether it is mostly what isn't followed: digits, and letters of other scripts than a to z.
    public let isMostlyOther: Bool

    public init(match: Double, of text: String) {
        (self.match, isMostlyOther) = (max(0, match), TextSymbols(text).isMostlyOther)
    }

    /// Whether it is likely to be the transcript of something else.
    public var isBad: Bool { match < TrackedPosition.goodMatch }
}
