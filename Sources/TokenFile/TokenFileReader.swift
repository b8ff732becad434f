// SPDX-License-Identifier: Apache-2.0

import Quantizer

/// Reads token files, and what is left of damaged ones.
public enum TokenFileReader {
    /// - Throws: `TokenFileError` if the header can't be used. Damage after it costs only what it hit: the frames
    ///   there are nil, and a warning says where.
    public static func read(_ file: [UInt8]) throws(TokenFileError) -> TokenRecording {
        let header = try TokenHeader(file)
        var reading = Reading(header: header, file: file)
        reading.readChunks()
        return reading.recording
    }
}

private struct Reading {
    private let file: [UInt8]
    private(set) var recording: TokenRecording
    private var end: (frames: Int, samples: Int)?
    /// Where the last text ends, in bytes, that can be read.
    private var textEnd: Int?

    init(header: TokenHeader, file: [UInt8]) {
        self.file = file
        recording = TokenRecording(
            header: header, frames: [], texts: [], sampleCount: header.sampleCount > 0 ? header.sampleCount : nil,
            sizes: TokenRecording.Sizes(fileBytes: file.count), warnings: [])
    }

    mutating func readChunks() {
        var position = recording.header.size
        while position < file.count {
            if let chunk = Chunk(file, at: position) {
                take(chunk, at: position)
                position += chunk.byteCount
                continue
            }
            let damaged = position
            repeat { position += 1 } while position < file.count && Chunk(file, at: position) == nil
            recording.warnings.append(
                "bytes \(damaged) to \(position) of \(file.count) are damaged, after frame \(recording.frames.count)")
        }
        guard let end else {
            recording.warnings.append("the file is cut off after frame \(recording.frames.count)")
            return
        }
        if end.frames > recording.frames.count { loseFrames(upTo: end.frames) }
        recording.sampleCount = end.samples
    }

    private mutating func take(_ chunk: Chunk, at position: Int) {
        switch chunk.kind {
        case .frames: takeFrames(chunk, at: position)
        case .text: takeText(chunk, at: position)
        case .pace: takePace(chunk, at: position)
        case .end where chunk.payload.count == 8:
            end = (chunk.frame, Int(truncatingIfNeeded: ByteReader(chunk.payload).peek(UInt64.self)))
        case .end, nil: break
        }
    }

    private mutating func takeFrames(_ chunk: Chunk, at position: Int) {
        let count = Int(chunk.payload.first ?? 0)
        guard let frames = unpack(chunk.payload.dropFirst(), count: count), chunk.frame >= recording.frames.count
        else {
            recording.warnings.append("the frames at byte \(position) are not where they belong and are left out")
            return
        }
        guard loseFrames(upTo: chunk.frame) else { return }
        recording.frames += frames
        recording.sizes.codeBits += frames.reduce(0) { $0 + $1.count } * recording.header.bitsPerCode
    }

    /// The codes of `count` frames; nil if these bytes aren't just as many as they take.
    private func unpack(_ packed: ArraySlice<UInt8>, count: Int) -> [[UInt16]]? {
        let header = recording.header
        let all = BitPacking.unpack(packed, count: packed.count * 8 / header.bitsPerCode, bits: header.bitsPerCode)
        var rest = all[...]
        var frames: [[UInt16]] = []
        for _ in 0..<count {
            guard let size = rest.first.map(header.counts.count(after:)), size <= rest.count else { return nil }
            frames.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        let used = all.count - rest.count
        return packed.count == BitPacking.byteCount(codes: used, bits: header.bitsPerCode) ? frames : nil
    }

    private mutating func takeText(_ chunk: Chunk, at position: Int) {
        recording.sizes.textBytes += chunk.byteCount
        var fields = ByteReader(chunk.payload)
        guard chunk.payload.count >= 8 else { return }
        let last = Int(fields.next(UInt32.self))
        let inflated = Int(fields.next(UInt32.self))
        let text =
            inflated > 0
            ? TextCompression.inflate(fields.rest, count: inflated) : String(validating: fields.rest, as: UTF8.self)
        guard let text, last >= chunk.frame else {
            recording.warnings.append("the text at byte \(position) can't be read and is left out")
            return
        }
        recording.texts.append(TextSegment(frames: chunk.frame..<last, text: text))
        textEnd = position + chunk.byteCount
    }

    /// The pace of the text right before it.
    private mutating func takePace(_ chunk: Chunk, at position: Int) {
        recording.sizes.textBytes += chunk.byteCount
        // A frame takes a bit at least, so that no more memory is needed than there are bits, whatever the text claims.
        guard position == textEnd, let last = recording.texts.indices.last,
            case let frames = recording.texts[last].frames, frames.lowerBound == chunk.frame,
            let pace = UnaryPacking.unpack(chunk.payload, count: frames.count)
        else {
            recording.warnings.append("the pace at byte \(position) belongs to no text and is left out")
            return
        }
        recording.texts[last].pace = pace
    }

    /// Marks the frames up to `frame` as lost; false if there can't be so many.
    @discardableResult
    private mutating func loseFrames(upTo frame: Int) -> Bool {
        let lost = frame - recording.frames.count
        guard lost > 0 else { return true }
        // A file can't have lost more than an hour without a byte of it being there.
        guard lost <= 45_000 + file.count * 8 else {
            recording.warnings.append("frame \(frame) is too far on to be true; what follows it is left out")
            return false
        }
        recording.warnings.append("frames \(recording.frames.count) to \(frame - 1) are lost")
        recording.frames += [[UInt16]?](repeating: nil, count: lost)
        return true
    }
}
