// SPDX-License-Identifier: Apache-2.0

/// What a token file by the word holds beside its transcript and the timing.
public struct WordCodes: Hashable, Sendable {
    /// Numbers of a voice, of 0 to 7 each.
    static let voiceCount = 16
    /// Codes that share one checksum: those of some 40 s.
    static let perChunk = 512
    /// Codes of a file that may be lost: a day of speech has no more.
    static let mostLost = 1 << 20

    /// The codes of the words and pauses that the timing tells, one after the other, nil where they are lost.
    public var codes: [UInt8?]
    /// The voice; nil if it is lost.
    public var voice: [UInt8]?
    /// The number of the speaker's level for all of the speech; nil if none is told, or if it is lost.
    public var level: UInt8?

    public init(codes: [UInt8?] = [], voice: [UInt8]? = nil, level: UInt8? = nil) {
        (self.codes, self.voice, self.level) = (codes, voice, level)
    }

    /// The voice and the level as a file has them: three bits a number, then the level, 255 for none.
    static func pack(voice: [UInt8], level: UInt8?) -> [UInt8] {
        BitPacking.pack(voice.map(UInt16.init), bits: 3) + [level ?? .max]
    }

    /// nil unless that is a voice and a level.
    static func unpack(_ bytes: ArraySlice<UInt8>) -> (voice: [UInt8], level: UInt8?)? {
        guard bytes.count == BitPacking.byteCount(codes: voiceCount, bits: 3) + 1, let level = bytes.last else {
            return nil
        }
        let voice = BitPacking.unpack(bytes.dropLast(), count: voiceCount, bits: 3).map { UInt8($0) }
        return (voice, level == .max ? nil : level)
    }
}

extension TokenFileWriter {
    /// The whole of a file by the word, whose header says so: speech of so many samples at its own rate.
    ///
    /// - Parameters:
    ///   - text: what is said, from frame 0 to the last, with its timing.
    ///   - words: none of it may be missing.
    /// - Throws: `TokenFileError.unwritable` if that isn't so, or is more than the format holds.
    public static func file(
        _ header: TokenHeader, text: TextSegment, words: WordCodes, sampleCount: Int
    ) throws(TokenFileError) -> [UInt8] {
        guard header.codesPerWord != nil else { throw .unwritable("words, of which the header says nothing") }
        let codes = words.codes.compactMap(\.self)
        guard text.frames.lowerBound == 0, text.timing != nil, let voice = words.voice,
            voice.count == WordCodes.voiceCount, voice.allSatisfy({ $0 < 8 }), codes.count == words.codes.count,
            codes.count <= UInt32.max
        else { throw .unwritable("words without their timing, their voice or some of their codes") }
        var writer = TokenFileWriter(header: header)
        let said = try writer.append(text)
        let (end, start) = try writer.finish(sampleCount: sampleCount, frames: UInt32(clamping: text.frames.count))
        var bytes = start + said
        bytes += Chunk(kind: .voice, frame: 0, payload: WordCodes.pack(voice: voice, level: words.level)).bytes
        for first in stride(from: 0, to: codes.count, by: WordCodes.perChunk) {
            let some = Array(codes[first...].prefix(WordCodes.perChunk))
            bytes += Chunk(kind: .words, frame: UInt32(first), payload: some).bytes
        }
        return bytes + end
    }
}
