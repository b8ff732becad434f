// SPDX-License-Identifier: Apache-2.0

import Quantizer
public import Sotto
public import TokenFile

/// What a token file holds → speech, a part at a time: the samples of a whole recording needn't be there at once.
public struct RecordingDecoder: Sendable {
    /// Frames that are decoded at a time.
    private static let framesAtOnce = 64

    private var decoder: ScheduledDecoder
    private let frames: [Codes?]
    private let levels: [UInt8?]
    /// The one that the decoder was told last.
    private var level: UInt8?
    private let codes: Int
    private var next = 0

    /// - Parameters:
    ///   - recording: what the file holds.
    ///   - model: one whose codes these are.
    ///   - codes: the most codes of a frame that are decoded; nil decodes all.
    ///   - usesTranscripts: whether the recording's transcripts are read, if it has any.
    /// - Throws: `StreamError.tokens` if the codes are another model's or by the word (`WordDecoder`), `.model` if there are transcripts to be read and the model reads
    ///   none.
    public init(
        _ recording: TokenRecording, by model: CodecModel, codes: Int? = nil, usesTranscripts: Bool = true
    ) throws(StreamError) {
        guard recording.words == nil else { throw .tokens(.byTheWord) }
        do { try recording.header.model.require(model.tokenIdentity) } catch { throw .tokens(error) }
        let (rate, modelRate) = (Double(recording.header.sampleRate), Double(model.configuration.sampleRate))
        decoder = try ScheduledDecoder(
            model, sampleCount: recording.sampleCount.map { Int((Double($0) * modelRate / rate).rounded(.up)) },
            transcripts: TranscriptSchedule(usesTranscripts ? recording.texts : []),
            usesTranscripts: usesTranscripts && !recording.texts.isEmpty)
        (frames, levels, self.codes) = (recording.frames, recording.levels, codes ?? .max)
    }

    /// How well the transcripts fit, once all is decoded; nil if none was followed.
    public var transcriptFit: TranscriptFit? { decoder.transcripts.fit }

    /// The samples of the next frames, at the model's sample rate, and how many frames these are; nil when the recording is over.
    ///
    /// Frames that a damaged file has beyond its samples are not decoded. Where it doesn't say how many samples there are, its frames
    /// are bounded by its bytes and by an hour of lost ones (`TokenFileReader`).
    ///
    /// - Throws: `StreamError.codes` if codes are none of the model's.
    public mutating func read() throws(StreamError) -> (samples: [Float], frames: Int)? {
        if decoder.hasLongLoss { return (try decoder.settle(atMost: Self.framesAtOnce), 0) }
        guard next <= frames.count else { return nil }
        guard next < frames.count, !decoder.isComplete else {
            next = frames.count + 1
            return (try decoder.finish(), 0)
        }
        let some = next..<min(next + Self.framesAtOnce, frames.count)
        next = some.upperBound
        return (try decoder.push(some.flatMap { arrivals(of: $0) }), some.count)
    }

    private mutating func arrivals(of frame: Int) -> [Arrival] {
        guard let codes = frames[frame] else { return [.lost(1)] }
        let coded = Arrival.codes(Array(codes.prefix(self.codes)))
        guard frame < levels.count, let level = levels[frame], level != self.level else { return [coded] }
        self.level = level
        return [.level(level), coded]
    }
}
