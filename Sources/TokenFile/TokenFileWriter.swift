// SPDX-License-Identifier: Apache-2.0

public import Quantizer
import Transcript

/// Turns frames and texts into the bytes of a token file, as they come. See Docs/token-format.md.
public struct TokenFileWriter: Sendable {
    /// Frames that share one checksum: 10 s at 12.5 Hz.
    static let framesPerChunk = 128

    public let header: TokenHeader
    /// Bits of the speakers' levels so far, of those that are written.
    public private(set) var levelBits = 0
    private var pending: [UInt16] = []
    private var pendingFrames = 0
    /// Those of the last frames, which aren't told yet.
    private var levels: [UInt8] = []
    /// Frames whose levels share a chunk.
    private static let levelsPerChunk = 4 * framesPerChunk
    private var frameCount: UInt32 = 0
    /// Bytes that texts may still take.
    private var textRoom = TextSegment.mostBytes

    public init(header: TokenHeader) { self.header = header }

    /// What the file starts with.
    public var start: [UInt8] { header.bytes }

    /// Adds a frame, with the number of the speaker's level if the header says that these are told, and returns the bytes that are
    /// complete.
    ///
    /// - Throws: `TokenFileError.unwritable` if it has not as many codes as the header says, one of more bits, no level or one too
    ///   many, or is more than the format counts; the file is then as it was.
    public mutating func append(
        _ codes: some Collection<UInt16>, level: UInt8? = nil
    ) throws(TokenFileError) -> [UInt8] {
        guard (level != nil) == header.tellsLevels else {
            throw .unwritable(level == nil ? "a frame without its level" : "a level, of which the header says nothing")
        }
        guard let first = codes.first, codes.count == header.counts.count(after: first) else {
            throw .unwritable("a frame of \(codes.count) codes, where the header says another number")
        }
        guard codes.allSatisfy({ UInt32($0) >> UInt32(header.bitsPerCode) == 0 }) else {
            throw .unwritable("a code of more than \(header.bitsPerCode) bits")
        }
        guard frameCount <= UInt32.max - UInt32(Self.framesPerChunk) else { throw .unwritable("more than 2^32 frames") }
        pending += codes
        pendingFrames += 1
        if let level { levels.append(level) }
        guard pendingFrames == Self.framesPerChunk else { return [] }
        return flush() + (levels.count == Self.levelsPerChunk ? flushLevels() : [])
    }

    /// The same of a frame as an encoder tells it.
    public mutating func append(_ frame: TokenFrame) throws(TokenFileError) -> [UInt8] {
        try append(frame.codes, level: frame.level)
    }

    /// Adds a text that is spoken in `segment.frames`, and its timing if that is known: a count for each of them, none negative.
    ///
    /// - Throws: `TokenFileError.unwritable` if the file's texts get longer than `TextSegment.mostBytes`, or frames and timing don't
    ///   fit together; the file is then as it was.
    public mutating func append(_ segment: TextSegment) throws(TokenFileError) -> [UInt8] {
        guard let first = UInt32(exactly: segment.frames.lowerBound) else {
            throw .unwritable("a text from frame \(segment.frames.lowerBound) on")
        }
        let count = segment.text.utf8.count
        guard count <= textRoom else {
            throw .unwritable("texts of more than \(TextSegment.mostBytes) bytes")
        }
        if let counts = segment.timing?.counts {
            // Summed up as floating-point numbers, which don't overflow.
            guard counts.count == segment.frames.count, counts.allSatisfy({ $0 >= 0 }),
                counts.reduce(0, { $0 + Double($1) }) <= Double(UInt32.max)
            else { throw .unwritable("a timing that is not that of \(segment.frames.count) frames") }
        }
        textRoom -= count
        let (way, bytes) = TextCompression.compress(segment.text, lettersAllowed: header.allowsLetters)
        var payload = ByteWriter()
        payload.append(UInt32(clamping: segment.frames.upperBound))
        payload.append(TextLength(way, count: count).field)
        payload.append(bytes)
        let text = Chunk(kind: .text, frame: first, payload: payload.bytes).bytes
        return text
            + (segment.timing.map {
                Chunk(kind: .timing, frame: first, payload: UnaryPacking.pack($0.counts)).bytes
            } ?? [])
    }

    /// Ends the file: its last bytes, and a header for its start if what the file is written to can go back there.
    ///
    /// - Throws: `TokenFileError.unwritable` if a recording can't have so many samples.
    public mutating func finish(sampleCount: Int) throws(TokenFileError) -> (end: [UInt8], header: [UInt8]) {
        let frames = flush() + flushLevels()
        let (end, header) = try finish(sampleCount: sampleCount, frames: frameCount)
        return (frames + end, header)
    }

    /// The end chunk of a file of so many frames, and its header.
    func finish(sampleCount: Int, frames: UInt32) throws(TokenFileError) -> (end: [UInt8], header: [UInt8]) {
        guard TokenHeader.sampleCounts.contains(sampleCount) else {
            throw .unwritable("a recording of \(sampleCount) samples")
        }
        var payload = ByteWriter()
        payload.append(UInt64(sampleCount))
        let end = Chunk(kind: .end, frame: frames, payload: payload.bytes).bytes
        var complete = header
        complete.sampleCount = sampleCount
        return (end, complete.bytes)
    }

    private mutating func flush() -> [UInt8] {
        guard pendingFrames > 0 else { return [] }
        let payload = [UInt8(pendingFrames)] + BitPacking.pack(pending, bits: header.bitsPerCode)
        let first = frameCount
        frameCount += UInt32(pendingFrames)
        (pending, pendingFrames) = ([], 0)
        return Chunk(kind: .frames, frame: first, payload: payload).bytes
    }

    /// The levels of the frames that have been flushed.
    private mutating func flushLevels() -> [UInt8] {
        guard !levels.isEmpty else { return [] }
        let first = frameCount - UInt32(levels.count)
        defer { levels = [] }
        let payload = LevelRuns.pack(levels)
        levelBits += payload.count * 8
        return Chunk(kind: .levels, frame: first, payload: payload).bytes
    }
}
