// SPDX-License-Identifier: Apache-2.0

/// A transcript, or a part of one, and the frames that it is spoken in.
public struct TextSegment: Hashable, Sendable {
    public var frames: Range<Int>
    public var text: String
    /// For each of the frames, how many of the text's symbols begin in it; nil if that is not known.
    public var pace: [Int]?

    public init(frames: Range<Int>, text: String, pace: [Int]? = nil) {
        self.frames = frames
        self.text = text
        self.pace = pace
    }
}

/// Everything that a token file holds.
public struct TokenRecording: Hashable, Sendable {
    /// How the file's bytes are spent.
    public struct Sizes: Hashable, Sendable {
        /// Bits of the codes themselves.
        public var codeBits = 0
        /// Bytes of texts and their paces as stored, with what frames them.
        public var textBytes = 0
        public var fileBytes = 0
    }

    public var header: TokenHeader
    /// The codes of each frame, nil where they are lost.
    public var frames: [[UInt16]?]
    public var texts: [TextSegment]
    /// Samples of the recording at its own rate, nil if the file doesn't say.
    public var sampleCount: Int?
    public var sizes: Sizes
    /// What is damaged, and where; one line each.
    public var warnings: [String]
}
