// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Transcript

/// Reads token files, and what is left of damaged ones.
public enum TokenFileReader {
    /// - Throws: `TokenFileError` if the header can't be used, or the end chunk claims what can't be. Damage after the header
    ///   costs only what it hit: the frames there are nil, and a warning says where.
    public static func read(_ file: [UInt8]) throws(TokenFileError) -> TokenRecording {
        let header = try TokenHeader(file)
        var reading = Reading(header: header, file: file)
        try reading.readChunks()
        return reading.finish()
    }
}

private struct Reading {
    /// Damage that is told of place by place.
    private static let mostWarnings = 100

    private let file: [UInt8]
    private var recording: TokenRecording
    private var end: (frames: Int, samples: Int)?
    /// Where the last text ends, in bytes, that can be read.
    private var textEnd: Int?
    /// Runs of frames of one level, ascending.
    private var levels: [(frames: Range<Int>, level: UInt8)] = []
    /// Bytes that texts may still take, and frames that may still be lost.
    private var textRoom = TextSegment.mostBytes
    private var lossRoom: Int
    /// Codes of words that may still be lost.
    private var wordRoom = WordCodes.mostLost
    private var untold = 0

    init(header: TokenHeader, file: [UInt8]) {
        self.file = file
        // No more can be missing than an hour, and as many frames as all of the file's bytes could hold.
        let leastBits = header.bitsPerCode * (header.counts.isVariable ? 1 : header.counts.maxCodes)
        lossRoom = TokenRecording.longestLoss + file.count * 8 / leastBits
        recording = TokenRecording(
            header: header, frames: [], texts: [], words: header.codesPerWord.map { _ in WordCodes() },
            sampleCount: header.sampleCount > 0 ? header.sampleCount : nil,
            sizes: TokenRecording.Sizes(fileBytes: file.count), warnings: [])
    }

    mutating func readChunks() throws(TokenFileError) {
        var finder = ChunkFinder(file)
        var position = recording.header.size
        while position < file.count {
            let chunk = finder.next(from: position)
            let next = chunk?.lowerBound ?? file.count
            if next > position {
                let told = chunk == nil && (takeTornFrames(at: position) || takeTornWords(at: position))
                if !told {
                    warn("bytes \(position) to \(next) of \(file.count) are damaged, after \(reached)")
                }
            }
            if let chunk { try take(chunk) }
            position = chunk?.upperBound ?? file.count
        }
    }

    /// What has been read, when all has been.
    consuming func finish() -> TokenRecording {
        if let end {
            if end.frames > recording.frames.count, recording.words == nil { loseFrames(upTo: end.frames) }
            recording.sampleCount = end.samples
        } else {
            warn("the file is cut off after \(reached)")
        }
        if recording.words != nil { warnOfMissingWords() }
        if recording.header.tellsLevels {
            recording.levels = levelsOfFrames()
            if !recording.warnings.isEmpty { warnOfMissingLevels() }
        }
        if untold > 0 { recording.warnings.append("and so on: \(untold) more of such lines") }
        return recording
    }

    /// How far the file has been read.
    private var reached: String {
        recording.words.map { "code \($0.codes.count) of the words" } ?? "frame \(recording.frames.count)"
    }

    private mutating func take(_ bytes: Range<Int>) throws(TokenFileError) {
        let (position, payload) = (bytes.lowerBound, file[bytes].dropFirst(ChunkHead.byteCount))
        guard let head = ChunkHead(file, at: position) else { return }
        switch head.kind {
        case .frames where recording.words == nil: takeFrames(payload, from: head.frame, at: position)
        case .voice where recording.words != nil: takeVoice(payload, in: bytes)
        case .words where recording.words != nil: takeWords(payload, from: head.frame, at: position)
        case .text: takeText(payload, from: head.frame, in: bytes)
        case .timing: takeTiming(payload, from: head.frame, in: bytes)
        case .levels where recording.header.tellsLevels: takeLevels(payload, from: head.frame, at: position)
        case .end where payload.count == 8:
            let samples = Int(truncatingIfNeeded: ByteReader(payload).peek(UInt64.self))
            guard TokenHeader.sampleCounts.contains(samples) else { throw .impossibleEnd(samples: samples) }
            end = (head.frame, samples)
        case .frames, .levels, .voice, .words, .end, nil: break
        }
    }

    private mutating func takeVoice(_ payload: ArraySlice<UInt8>, in chunk: Range<Int>) {
        recording.sizes.voiceBytes += chunk.count
        guard let (voice, level) = WordCodes.unpack(payload) else {
            warn("the voice at byte \(chunk.lowerBound) can't be read and is left out")
            return
        }
        recording.words?.voice = voice
        recording.words?.level = level
    }

    /// Codes of words, which come in order.
    private mutating func takeWords(_ payload: ArraySlice<UInt8>, from first: Int, at position: Int) {
        let count = recording.words?.codes.count ?? 0
        guard first >= count, first - count <= wordRoom else {
            warn("the words at byte \(position) are not where they belong and are left out")
            return
        }
        wordRoom -= first - count
        if first > count { warn("codes \(count) to \(first - 1) of the words are lost") }
        recording.words?.codes += [UInt8?](repeating: nil, count: first - count)
        recording.words?.codes += payload.map(Optional.init)
        recording.sizes.codeBits += payload.count * recording.header.bitsPerCode
    }

    /// What words can't be spoken without, or not as they were said.
    private mutating func warnOfMissingWords() {
        if recording.texts.first?.timing == nil { warn("the transcript of the words, or its timing, is lost") }
        if recording.words?.voice == nil { warn("the voice is lost; one of no one in particular stands for it") }
    }

    private mutating func takeFrames(_ payload: ArraySlice<UInt8>, from first: Int, at position: Int) {
        let count = Int(payload.first ?? 0)
        let (frames, used) = unpack(payload.dropFirst(), count: count)
        guard frames.count == count, used == payload.count - 1, first >= recording.frames.count else {
            warn("the frames at byte \(position) are not where they belong and are left out")
            return
        }
        guard loseFrames(upTo: first) else { return }
        append(frames)
    }

    /// Takes the whole frames of a chunk that the file's end cuts off. Whether it is one is told by its head alone, as its checksum
    /// can't be checked; false if it isn't.
    private mutating func takeTornFrames(at position: Int) -> Bool {
        let header = recording.header
        guard header.codesPerWord == nil, let head = ChunkHead(file, at: position), head.end > file.count,
            head.kind == .frames, head.frame == recording.frames.count,
            case let payload = file[(position + ChunkHead.byteCount)...],
            let count = payload.first, (1...TokenFileWriter.framesPerChunk).contains(Int(count))
        else { return false }
        let least = Int(count) * (header.counts.isVariable ? 1 : header.counts.maxCodes)
        let lengths = [least, Int(count) * header.counts.maxCodes].map {
            1 + BitPacking.byteCount(codes: $0, bits: header.bitsPerCode)
        }
        guard (lengths[0]...lengths[1]).contains(head.end - position - ChunkHead.byteCount),
            case let frames = unpack(payload.dropFirst(), count: Int(count)).frames, !frames.isEmpty
        else { return false }
        let first = recording.frames.count
        append(frames)
        warn(
            "frames \(first) to \(recording.frames.count - 1) have lost their checksum: whether they are right can't be told"
        )
        return true
    }

    /// The same of codes of words.
    private mutating func takeTornWords(at position: Int) -> Bool {
        guard let first = recording.words?.codes.count, let head = ChunkHead(file, at: position), head.end > file.count,
            head.kind == .words, head.frame == first,
            head.end - position - ChunkHead.byteCount <= WordCodes.perChunk,
            case let codes = file[(position + ChunkHead.byteCount)...], !codes.isEmpty
        else { return false }
        takeWords(codes, from: first, at: position)
        warn(
            "codes \(first) to \(first + codes.count - 1) of the words have lost their checksum: whether they are right "
                + "can't be told")
        return true
    }

    private mutating func append(_ frames: [[UInt16]]) {
        recording.frames += frames
        recording.sizes.codeBits += frames.reduce(0) { $0 + $1.count } * recording.header.bitsPerCode
    }

    /// The codes of up to `count` frames, as many as are whole, and the bytes that they take.
    private func unpack(_ packed: ArraySlice<UInt8>, count: Int) -> (frames: [[UInt16]], bytes: Int) {
        let header = recording.header
        let all = BitPacking.unpack(packed, count: packed.count * 8 / header.bitsPerCode, bits: header.bitsPerCode)
        var rest = all[...]
        var frames: [[UInt16]] = []
        while frames.count < count, let size = rest.first.map(header.counts.count(after:)), size <= rest.count {
            frames.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return (frames, BitPacking.byteCount(codes: all.count - rest.count, bits: header.bitsPerCode))
    }

    /// Runs of levels, which come in order: so they take no more time than there are bytes and frames.
    private mutating func takeLevels(_ payload: ArraySlice<UInt8>, from first: Int, at position: Int) {
        guard let runs = LevelRuns.unpack(payload), first >= levels.last?.frames.upperBound ?? 0 else {
            warn("the levels at byte \(position) can't be read and are left out")
            return
        }
        recording.sizes.levelBits += payload.count * 8
        var start = first
        for run in runs {
            levels.append((start..<start + run.length, run.level))
            start += run.length
        }
    }

    /// The level of each frame; where none is told, the one before goes on.
    private func levelsOfFrames() -> [UInt8?] {
        let count = recording.frames.count
        var told: [UInt8?] = []
        told.reserveCapacity(count)
        for run in levels {
            let (start, end) = (min(run.frames.lowerBound, count), min(run.frames.upperBound, count))
            told += repeatElement(told.last ?? nil, count: start - told.count)
            told += repeatElement(Optional(run.level), count: end - start)
        }
        return told + repeatElement(told.last ?? nil, count: count - told.count)
    }

    /// Writers tell the level of every frame, so that in a damaged file those that aren't told have been lost.
    private mutating func warnOfMissingLevels() {
        let count = recording.frames.count
        var start = 0
        for run in levels.map(\.frames) + [count..<count] {
            let gap = start..<min(run.lowerBound, count)
            if !gap.isEmpty {
                let instead = start == 0 ? "the nominal one" : "that of the frame before"
                warn(
                    "the levels of frames \(gap.lowerBound) to \(gap.upperBound - 1) are lost; \(instead) stands for them"
                )
            }
            start = min(run.upperBound, count)
        }
    }

    private mutating func takeText(_ payload: ArraySlice<UInt8>, from first: Int, in chunk: Range<Int>) {
        recording.sizes.textBytes += chunk.count
        var fields = ByteReader(payload)
        guard payload.count >= 8 else { return }
        let last = Int(fields.next(UInt32.self))
        let length = TextLength(
            field: fields.next(UInt32.self), lettersAllowed: recording.header.allowsLetters)
        let count = length.way == .plain ? fields.rest.count : length.count
        guard count <= textRoom else {
            warn(
                "the text at byte \(chunk.lowerBound) is left out: a file holds \(TextSegment.mostBytes) bytes of text")
            return
        }
        // Also one that turns out to be damaged: many of them cost no more time than one.
        textRoom -= count
        guard let text = length.way.expand(fields.rest, count: count), last >= first else {
            warn("the text at byte \(chunk.lowerBound) can't be read and is left out")
            return
        }
        recording.texts.append(TextSegment(frames: first..<last, text: text))
        textEnd = chunk.upperBound
    }

    /// The timing of the text right before it.
    private mutating func takeTiming(_ payload: ArraySlice<UInt8>, from first: Int, in chunk: Range<Int>) {
        recording.sizes.textBytes += chunk.count
        recording.sizes.timingBytes += chunk.count
        // A frame takes a bit at least, so that no more memory is needed than there are bits, whatever the text claims.
        guard chunk.lowerBound == textEnd, let last = recording.texts.indices.last,
            case let frames = recording.texts[last].frames, frames.lowerBound == first,
            let counts = UnaryPacking.unpack(payload, count: frames.count)
        else {
            warn("the timing at byte \(chunk.lowerBound) belongs to no text and is left out")
            return
        }
        recording.texts[last].timing = SymbolTiming(counts: counts)
    }

    /// Marks the frames up to `frame` as lost; false if there can't be so many.
    @discardableResult
    private mutating func loseFrames(upTo frame: Int) -> Bool {
        let lost = frame - recording.frames.count
        guard lost > 0 else { return true }
        guard lost <= lossRoom else {
            warn("frame \(frame) is too far on to be true; what follows it is left out")
            return false
        }
        lossRoom -= lost
        warn("frames \(recording.frames.count) to \(frame - 1) are lost")
        recording.frames += [[UInt16]?](repeating: nil, count: lost)
        return true
    }

    private mutating func warn(_ line: String) {
        if recording.warnings.count < Self.mostWarnings { recording.warnings.append(line) } else { untold += 1 }
    }
}
