// SPDX-License-Identifier: Apache-2.0

public import Quantizer

/// Everything that a token file holds.
public struct TokenRecording: Hashable, Sendable {
    /// How the file's bytes are spent.
    public struct Sizes: Hashable, Sendable {
        /// Bits of the codes themselves.
        public var codeBits = 0
        /// Bits of the speaker's levels.
        public var levelBits = 0
        /// Bytes of texts and their timings as stored, with what frames them.
        public var textBytes = 0
        /// Those of the timings alone.
        public var timingBytes = 0
        /// Bytes of the voice and the level of speech by the word, with what frames them.
        public var voiceBytes = 0
        public var fileBytes = 0

        public init(codeBits: Int = 0, levelBits: Int = 0, textBytes: Int = 0, fileBytes: Int = 0) {
            (self.codeBits, self.levelBits) = (codeBits, levelBits)
            (self.textBytes, self.fileBytes) = (textBytes, fileBytes)
        }
    }

    /// Frames that may be lost of which nothing is left, whatever the file's size: an hour at 12.5 Hz.
    static let longestLoss = 45_000

    public var header: TokenHeader
    /// The codes of each frame, nil where they are lost.
    public var frames: [Codes?]
    /// The number of the speaker's level in each frame, nil where it isn't known; empty if the file tells none.
    public var levels: [UInt8?]
    public var texts: [TextSegment]
    /// What there is of a file by the word, which has no frames; nil of a file of frames.
    public var words: WordCodes?
    /// Samples of the recording at its own rate, nil if the file doesn't say.
    public var sampleCount: Int?
    public var sizes: Sizes
    /// What is damaged, and where; one line each, the last of them for all that would be too many.
    public var warnings: [String]

    /// - Parameters:
    ///   - frames: as many codes in each as the header's counts say, or fewer.
    ///   - levels: one for each frame, or none.
    public init(
        header: TokenHeader, frames: [Codes?], levels: [UInt8?] = [], texts: [TextSegment] = [],
        words: WordCodes? = nil, sampleCount: Int? = nil, sizes: Sizes = Sizes(), warnings: [String] = []
    ) {
        (self.header, self.frames, self.levels, self.texts) = (header, frames, levels, texts)
        (self.words, self.sampleCount, self.sizes, self.warnings) = (words, sampleCount, sizes, warnings)
    }
}
