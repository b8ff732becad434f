// SPDX-License-Identifier: Apache-2.0

import CMPG123
import Foundation

/// An MP3 file (or layer I or II), or several of them one after the other. Each begins where an encoder's tag does.
final class MPEGSource: AudioSource {
    private(set) var expectedCount = 0
    private(set) var ending = AudioEnding.whole

    /// Each frame tells its own.
    var format: AudioFormat? { nil }

    private let file: InputFile
    private var handle: MPEGHandle
    /// Of the current one of the joined files.
    private var tag: MPEGInfoTag?
    /// Frames that have come or were lost since that tag, and samples of each channel that they became.
    private var (frames, samples) = (0, 0)
    private var hasGap = false
    private var samplesInFrame = 1152
    /// Samples that files before the current one promised and didn't hold.
    private var missing = 0
    /// Where the next frame should be; nil before the first.
    private var nextPlace: Int?
    /// Bytes of the last frames, for how many fit into a gap.
    private var lastSizes: [Int] = []
    private var last: MPEGHeader?
    private var pieces: [AudioPiece] = []
    private var isAtEnd = false
    /// So many frames on either side of a gap tell how large those in it were.
    private static let neighbours = 4

    /// - Parameter start: where tags or frames begin.
    init(_ file: InputFile, start: Int) throws(AudioFileError) {
        self.file = file
        handle = try MPEGHandle(file, start: start)
    }

    func next() throws -> AudioPiece? {
        while true {
            if !pieces.isEmpty { return pieces.removeFirst() }
            guard !isAtEnd else { return nil }
            guard let frame = handle.nextFrame() else {
                isAtEnd = true
                noteTheEnd()
                continue
            }
            if MPEGInfoTag(frame: frame.bytes) != nil, nextPlace != nil {
                noteMissing()
                handle = try MPEGHandle(file, start: frame.place)
                (tag, frames, samples, hasGap, nextPlace) = (nil, 0, 0, false, nil)
                continue
            }
            take(frame)
        }
    }

    private func take(_ frame: MPEGHandle.Frame) {
        guard let header = MPEGHeader(frame.bytes) else { return }
        if let nextPlace {
            let after = Tags.end(in: file, from: nextPlace)
            if frame.place > after {
                guard isFollowed(frame, header) else { return handle.skip() }
                noteGap(frame.place - after, before: frame.place, header)
            }
        } else {
            readTag(before: frame.place)
            if expectedCount == 0 { expectedCount = (tag?.frames ?? handle.estimatedFrames) * header.samples }
        }
        nextPlace = frame.place + frame.bytes.count
        (frames, samplesInFrame, last) = (frames + 1, header.samples, header)
        lastSizes = lastSizes.suffix(Self.neighbours - 1) + [frame.bytes.count]
        guard let (decoded, format) = handle.decode(), !decoded.isEmpty else { return }
        let piece = withoutPadding(.samples(decoded, format))
        samples += piece.count
        pieces.append(piece)
    }

    /// libmpg123 cuts what the encoder has added at the end by counting frames: behind a gap, that is for us to do.
    private func withoutPadding(_ piece: AudioPiece) -> AudioPiece {
        guard hasGap, let tag, let promised = tag.frames, let added = tag.added, frames <= promised else {
            return piece
        }
        return piece.prefix(max(0, promised * samplesInFrame - added - samples))
    }

    /// Whether something that was found behind junk is a frame: a like one, or the end, follows it.
    private func isFollowed(_ frame: MPEGHandle.Frame, _ header: MPEGHeader) -> Bool {
        let end = frame.place + frame.bytes.count
        if end >= file.count { return last.map(header.isLike) ?? true }
        guard let next = MPEGHeader(file.bytes(at: end, count: 4)) else { return Tags.fill(file, from: end) }
        return next.isLike(header)
    }

    private func noteGap(_ bytes: Int, before place: Int, _ header: MPEGHeader) {
        let behind = sizesOfFrames(from: place)
        // As many as would have fitted into the bytes, judged by the frames before and behind them,
        let sizes = lastSizes + behind.prefix(Self.neighbours)
        let estimate = Double(bytes * sizes.count) / Double(max(1, sizes.reduce(0, +)))
        var lost = Int(estimate.rounded())
        // or as many as the tag counts and are neither before nor behind them, if that can be.
        if let promised = tag?.frames, case let missing = promised - frames - behind.count,
            (estimate / 2 - 1...estimate * 2 + 1).contains(Double(missing))
        {
            lost = missing
        }
        guard lost > 0, lost * header.samples <= longestGap * header.sampleRate else { return }
        frames += lost
        samples += lost * header.samples
        hasGap = true
        let format = AudioFormat(sampleRate: header.sampleRate, channels: header.channels)
        pieces.append(.lost(lost * header.samples, format))
    }

    /// Bytes of each of the frames that follow each other from a place on.
    private func sizesOfFrames(from place: Int) -> [Int] {
        var (sizes, next): ([Int], Int) = ([], place)
        while next < file.count, let size = MPEGHeader(file.bytes(at: next, count: 4))?.byteCount {
            sizes.append(size)
            next += size
        }
        return sizes
    }

    /// Looks for a tag before the first frame that libmpg123 gives, which may have kept some for itself behind the tag.
    private func readTag(before place: Int) {
        let start = max(handle.start, place - 4096)
        let bytes = file.bytes(at: start, count: place - start)
        for offset in bytes.indices where bytes[offset] == 0xFF {
            guard let found = MPEGInfoTag(frame: Array(bytes[offset...].prefix(256))) else { continue }
            tag = found
            var next = start + offset
            while next < place, let size = MPEGHeader(file.bytes(at: next, count: 4))?.byteCount {
                next += size
                if next < place { frames += 1 }
            }
            return
        }
    }

    /// A tag may count itself, so that one frame too few says nothing.
    private func noteMissing() {
        if let promised = tag?.frames, promised > frames + 1 { missing += (promised - frames) * samplesInFrame }
    }

    private func noteTheEnd() {
        noteMissing()
        if missing > 0 {
            ending = .samplesMissing(missing)
        } else if let nextPlace, !Tags.fill(file, from: nextPlace), !endsInsideOfFrame(from: nextPlace) {
            ending = .unreadable(reason: "what follows is no MP3")
        }
    }

    /// A last frame that is not there as a whole is nothing that was promised.
    private func endsInsideOfFrame(from place: Int) -> Bool {
        let bytes = file.bytes(at: place, count: 4)
        guard bytes.count == 4 else { return true }
        guard let header = MPEGHeader(bytes), let length = header.byteCount else { return false }
        return place + length > file.count
    }
}

/// libmpg123 at work on a file from some place on.
private final class MPEGHandle {
    struct Frame {
        /// In the file.
        let place: Int
        /// Header and all.
        let bytes: [UInt8]
    }

    let start: Int
    private let cursor: FileCursor
    private let handle: OpaquePointer

    init(_ file: InputFile, start: Int) throws(AudioFileError) {
        mpg123_init()
        guard let handle = mpg123_new(nil, nil) else { throw .noDecoder("MP3") }
        (self.handle, self.start) = (handle, start)
        cursor = FileCursor(file, from: start)
        let (own, foreign) = (MPG123_GAPLESS.rawValue | MPG123_FORCE_FLOAT.rawValue, MPG123_AUTO_RESAMPLE.rawValue)
        mpg123_param(handle, MPG123_REMOVE_FLAGS, Int(foreign), 0)
        // What it would print is told by warnings.
        mpg123_param(handle, MPG123_ADD_FLAGS, Int(own | MPG123_QUIET.rawValue), 0)
        mpg123_param(handle, MPG123_RESYNC_LIMIT, -1, 0)
        mpg123_replace_reader_handle(
            handle, { FileCursor.of($0)?.read(into: $1, count: $2) ?? -1 },
            { FileCursor.of($0)?.seek(to: $1, whence: $2) ?? -1 }, nil)
        guard mpg123_open_handle(handle, cursor.handle) == MPG123_OK.rawValue else { throw .noDecoder("MP3") }
    }

    deinit { mpg123_delete(handle) }

    /// nil at the end.
    func nextFrame() -> Frame? {
        let status = mpg123_framebyframe_next(handle)
        guard status == MPG123_OK.rawValue || status == MPG123_NEW_FORMAT.rawValue else { return nil }
        var (header, length) = (UInt(0), 0)
        var body: UnsafeMutablePointer<UInt8>?
        guard mpg123_framedata(handle, &header, &body, &length) == MPG123_OK.rawValue else { return nil }
        let head = (0..<4).map { UInt8(truncatingIfNeeded: header >> (24 - 8 * $0)) }
        return Frame(
            place: start + Int(mpg123_framepos(handle)), bytes: head + UnsafeBufferPointer(start: body, count: length))
    }

    /// The samples of the frame that was found last, interleaved.
    func decode() -> ([Float], AudioFormat)? {
        var (rate, channels, encoding, length) = (0, Int32(0), Int32(0), 0)
        var audio: UnsafeMutablePointer<UInt8>?
        guard mpg123_framebyframe_decode(handle, nil, &audio, &length) == MPG123_OK.rawValue,
            mpg123_getformat(handle, &rate, &channels, &encoding) == MPG123_OK.rawValue,
            encoding == Int32(MPG123_ENC_FLOAT_32.rawValue), channels > 0
        else { return nil }
        let count = length / MemoryLayout<Float>.size
        let samples = [Float](unsafeUninitializedCapacity: count) { samples, written in
            if let audio { UnsafeMutableRawPointer(samples.baseAddress)?.copyMemory(from: audio, byteCount: count * 4) }
            written = count
        }
        return (samples, AudioFormat(sampleRate: rate, channels: Int(channels)))
    }

    /// Decodes the frame that was found last for nothing.
    func skip() { _ = decode() }

    /// A guess.
    var estimatedFrames: Int { max(0, Int(mpg123_framelength(handle))) }
}
