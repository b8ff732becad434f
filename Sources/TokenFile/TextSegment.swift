// SPDX-License-Identifier: Apache-2.0

public import Transcript

/// A transcript, or a part of one, and the frames that it is spoken in.
public struct TextSegment: Hashable, Sendable {
    public var frames: Range<Int>
    public var text: String
    /// When the text's symbols are said, a count for each of the frames; nil if that is not known.
    public var timing: SymbolTiming?

    public init(frames: Range<Int>, text: String, timing: SymbolTiming? = nil) {
        self.frames = frames
        self.text = text
        self.timing = timing
    }

    /// Bytes of UTF-8 that the texts of a file may take together: a day of English takes 1.3 million, at 15 letters a
    /// second. A few thousand bytes could otherwise unpack to gigabytes.
    public static let mostBytes = 1 << 21

    /// - Throws: `TokenFileError.unwritable` if `text` is longer than a file's texts may be.
    public static func requireRoom(for text: String) throws(TokenFileError) {
        let count = text.utf8.count
        guard count <= mostBytes else {
            throw .unwritable("a transcript of \(count) bytes, of which a file holds \(mostBytes)")
        }
    }
}
