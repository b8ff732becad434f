// SPDX-License-Identifier: Apache-2.0

import SystemIO

/// Mono samples of an audio file, block by block: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF and others.
///
/// What is there is read: what was cut off, damaged or joined goes on after it, gaps become silence where their length
/// is known, and `warnings` tell of it.
public struct AudioFileReader: ~Copyable {
    /// What messages call it.
    public let name: String
    /// In Hz. A part of another sample rate is converted to this one.
    public let sampleRate: Int
    public let channels: Int
    /// About how many samples there are, for progress; 0 if nothing tells before the end.
    public let frameCount: Int
    /// What was odd but could be worked around, each one line; complete once the end has been read.
    public private(set) var warnings: [String] = []
    /// Whether next to nothing is left of the channels when they are averaged, as of one that is the other's negative;
    /// known once the end has been read.
    public var channelsCancel: Bool { mixer.isCancelled }

    private let source: any AudioSource
    /// What has been read to see whether there is anything.
    private var first: AudioPiece?
    private let file: InputFile
    private var mixer: ChannelMixer
    private var notes = ReadingNotes()
    /// For parts of another sample rate.
    private var converter: RateConverter?
    /// Samples that wait for the next `read`, from `taken` on.
    private var (waiting, taken): ([Float], Int) = ([], 0)
    private var count = 0
    private var isAtEnd = false

    /// - Parameters:
    ///   - name: what messages call it; nil for its path.
    ///   - channel: the one that is read, counted from 1; nil for the average of all.
    /// - Throws: `SystemError` if the file can't be opened, `AudioFileError` if it is not audio of a supported kind, or
    ///   if nothing of it can be read.
    public init(path: String, name: String? = nil, channel: Int? = nil) throws {
        let opened = try Self.open(path, name: name ?? path, channel: channel)
        self.name = name ?? path
        (file, source, first) = (opened.file, opened.source, opened.first)
        (sampleRate, channels) = (opened.format.sampleRate, opened.format.channels)
        frameCount = opened.source.expectedCount
        mixer = ChannelMixer(channel: channel.map { $0 - 1 })
    }

    /// The next samples, at most `limit` of them and fewer only before the end; empty at the end.
    ///
    /// Samples that are not finite become zero.
    /// - Throws: `SystemError` if the file can't be read on, `AudioFileError` for a part of an unsupported sample rate.
    public mutating func read(upTo limit: Int) throws -> [Float] {
        while waiting.count - taken < limit, !isAtEnd {
            if let piece = try first ?? source.next() {
                first = nil
                try take(piece)
            } else {
                isAtEnd = true
                try noteTheEnd()
            }
        }
        let block = Array(waiting[taken..<min(waiting.count, taken + limit)])
        taken += block.count
        if taken == waiting.count { (waiting, taken) = ([], 0) }
        return block
    }
}

extension AudioFileReader {
    /// Reads as far as the first samples: by then it is known whether there are any.
    private static func open(
        _ path: String, name: String, channel: Int?
    ) throws -> (file: InputFile, source: any AudioSource, first: AudioPiece?, format: AudioFormat) {
        let file = try InputFile(path: path, name: name)
        guard file.count > 0 else { throw AudioFileError.empty(name) }
        let source = try source(file, path: path, name: name)
        let first = try source.next()
        if let failure = file.failure { throw failure }
        // A recording of no length is odd, but there is nothing to read in it.
        guard let format = first?.format ?? source.format, first != nil || source.ending == .whole else {
            throw AudioFileError.nothingReadable(name, reason: ReadingNotes.reason(for: source.ending))
        }
        try check(format, channel: channel)
        return (file, source, first, format)
    }

    private static func source(_ file: InputFile, path: String, name: String) throws -> any AudioSource {
        let start = Tags.end(in: file, from: 0)
        let container = AudioContainer(file.bytes(at: start, count: 64))
        switch container {
        case .flac: return try FLACSource(file, start: start)
        case .ogg: return try OggSource(file, name: name, start: start)
        case .mpeg: return try MPEGSource(file, start: 0)
        case .foreign(let format): throw AudioFileError.foreignFormat(name, format: format)
        case .plain: return try SndfileSource(file, path: path, name: name, start: start)
        case nil: break
        }
        guard start == 0 || start < file.count else { throw AudioFileError.nothingButTags(name) }
        // libsndfile takes these for MP3 whatever follows, and has libmpg123 print what it finds there.
        let isNamedMPEG = path.lowercased().hasSuffix(".mp3") || file.bytes(at: 0, count: 3) == Array("ID3".utf8)
        do {
            guard !isNamedMPEG else { throw AudioFileError.notAudio(name, reason: "no sound is found in it") }
            return try SndfileSource(file, path: path, name: name, start: start)
        } catch let refusal {
            // Frames of MP3 may come behind something else.
            guard let first = MPEGSearch.firstFrame(in: file, from: start, within: 1 << 20) else { throw refusal }
            return try MPEGSource(file, start: first)
        }
    }

    private static func check(_ format: AudioFormat, channel: Int?) throws(AudioFileError) {
        guard supportedSampleRates.contains(format.sampleRate) else { throw .unsupportedRate(format.sampleRate) }
        guard (1...64).contains(format.channels) else { throw .unsupportedChannels(format.channels) }
        guard (1...format.channels).contains(channel ?? 1) else {
            throw .noSuchChannel(channel ?? 1, of: format.channels)
        }
    }

    private mutating func take(_ piece: AudioPiece) throws {
        notes.note(piece, at: Double(count) / Double(sampleRate))
        var samples: [Float]
        switch piece {
        case .samples(let interleaved, let format): samples = mixer.mix(interleaved, channels: format.channels)
        case .lost(let count, _): samples = [Float](repeating: 0, count: count)
        }
        if converter?.input ?? sampleRate != piece.format.sampleRate {
            add(try converter?.finish() ?? [])
            converter = try RateConverter(from: piece.format.sampleRate, to: sampleRate)
        }
        if let converter { samples = try converter.process(samples) }
        add(samples)
    }

    private mutating func add(_ samples: [Float]) {
        count += samples.count
        if taken > 0 { waiting.removeFirst(taken) }
        taken = 0
        waiting += samples
    }

    private mutating func noteTheEnd() throws {
        if let failure = file.failure { throw failure }
        add(try converter?.finish() ?? [])
        warnings = notes.lines(
            name: name, ending: source.ending, length: Double(count) / Double(sampleRate), mixer: mixer)
    }
}

/// A resampler for a part of a recording whose sample rate is another one.
private final class RateConverter {
    let input: Int
    private var resampler: Resampler

    init(from input: Int, to output: Int) throws(AudioFileError) {
        self.input = input
        resampler = try Resampler(from: input, to: output)
    }

    func process(_ samples: [Float]) throws(AudioFileError) -> [Float] { try resampler.process(samples) }

    func finish() throws(AudioFileError) -> [Float] { try resampler.finish() }
}
