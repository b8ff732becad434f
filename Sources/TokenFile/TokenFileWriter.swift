// SPDX-License-Identifier: Apache-2.0

import Quantizer

/// Turns frames and texts into the bytes of a token file, as they come. See Docs/token-format.md.
public struct TokenFileWriter: Sendable {
    /// Frames that share one checksum: 10 s at 12.5 Hz.
    static let framesPerChunk = 128

    public let header: TokenHeader
    private var pending: [UInt16] = []
    private var pendingFrames = 0
    private var frameCount = 0

    public init(header: TokenHeader) { self.header = header }

    /// What the file starts with.
    public var start: [UInt8] { header.bytes }

    /// Adds a frame of as many codes as the header says and returns the bytes that are complete.
    public mutating func append(_ codes: some Collection<UInt16>) -> [UInt8] {
        precondition(codes.count == codes.first.map(header.counts.count(after:)))
        pending += codes
        pendingFrames += 1
        return pendingFrames == Self.framesPerChunk ? flush() : []
    }

    /// Adds a text that is spoken in `segment.frames`, and its pace if that is known: a count for each of them, none negative.
    public func append(_ segment: TextSegment) -> [UInt8] {
        let (isDeflated, bytes) = TextCompression.compress(segment.text)
        var payload = ByteWriter()
        payload.append(UInt32(clamping: segment.frames.upperBound))
        payload.append(UInt32(isDeflated ? segment.text.utf8.count : 0))
        payload.append(bytes)
        let text = Chunk(kind: .text, frame: segment.frames.lowerBound, payload: payload.bytes).bytes
        guard let pace = segment.pace else { return text }
        precondition(pace.count == segment.frames.count)
        return text
            + Chunk(kind: .pace, frame: segment.frames.lowerBound, payload: UnaryPacking.pack(pace)).bytes
    }

    /// Ends the file: its last bytes, and a header for its start if what the file is written to can go back there.
    public mutating func finish(sampleCount: Int) -> (end: [UInt8], header: [UInt8]) {
        var payload = ByteWriter()
        payload.append(UInt64(sampleCount))
        let end = flush() + Chunk(kind: .end, frame: frameCount, payload: payload.bytes).bytes
        var complete = header
        complete.sampleCount = sampleCount
        return (end, complete.bytes)
    }

    private mutating func flush() -> [UInt8] {
        guard pendingFrames > 0 else { return [] }
        let payload = [UInt8(pendingFrames)] + BitPacking.pack(pending, bits: header.bitsPerCode)
        let first = frameCount
        frameCount += pendingFrames
        (pending, pendingFrames) = ([], 0)
        return Chunk(kind: .frames, frame: first, payload: payload).bytes
    }
}
