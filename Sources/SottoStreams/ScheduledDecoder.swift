// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Sotto

/// Decodes what arrives, each frame by the transcript that holds at it: the one way for recordings and for live streams.
///
/// What is lost is held back until it is known what follows it, since a short loss is made of both its neighbours. A transcript
/// begins at its frame, be that lost or not; a loss in which one begins is made up from what was before it.
public struct ScheduledDecoder: Sendable {
    /// What is said, and from which frame on.
    public var transcripts: TranscriptSchedule
    /// The number of the next frame to be decoded.
    public private(set) var position = 0
    private var decoder: DelayCompensatedDecoder
    /// Frames from `position` on that never came, and whether those before them in the same loss have been made up already.
    private var lost = 0
    private var isMadeUp = false
    /// The speaker's level from the next frame with codes on, if one was told.
    private var level: UInt8?

    /// - Parameters:
    ///   - model: whose codes come.
    ///   - sampleCount: how long the speech is at the model's sample rate; nil if that is not known.
    ///   - transcripts: what is said, if it is known before.
    ///   - usesTranscripts: whether transcripts are read, which holds frames back by the model's lookahead.
    /// - Throws: `StreamError.model` if `usesTranscripts` and the model reads no text.
    public init(
        _ model: CodecModel, sampleCount: Int? = nil, transcripts: TranscriptSchedule = TranscriptSchedule(),
        usesTranscripts: Bool
    ) throws(StreamError) {
        do {
            decoder =
                try usesTranscripts
                ? DelayCompensatedDecoder(model, sampleCount: sampleCount, transcript: "")
                : DelayCompensatedDecoder(model, sampleCount: sampleCount)
        } catch { throw .model(error) }
        self.transcripts = transcripts
    }

    /// As `SpeechDecoder.joinsMidStream`.
    public var joinsMidStream: Bool {
        get { decoder.joinsMidStream }
        set { decoder.joinsMidStream = newValue }
    }

    /// Takes what arrives, in its order, and returns the samples that it completes. Of what is lost nothing is played yet: see
    /// `hasLongLoss`.
    ///
    /// - Throws: `StreamError.codes` if codes are none of the model's.
    public mutating func push(_ arrivals: some Sequence<Arrival>) throws(StreamError) -> [Float] {
        var (audio, run) = ([Float](), Run())
        for arrival in arrivals {
            if case .lost(let count) = arrival {
                lost += max(0, count)
                continue
            }
            // It changes nothing about what is lost.
            if case .level(let number) = arrival {
                level = number
                continue
            }
            // Of a long pause without a sign of life, all but the start is as good as lost.
            let heard = if case .paused(let count) = arrival { min(count, decoder.longestPause) } else { 1 }
            if transcripts.nextChange <= position + run.frameCount { audio += try play(&run) }
            if run.isEmpty { try applyTranscripts() }
            if transcripts.nextChange <= position + run.frameCount + lost || isMadeUp {
                audio += try play(&run)
                audio += try settle()
                try applyTranscripts()
            }
            if lost > 0 { run.append(.lost(lost)) }
            lost = 0
            if case .paused(let count) = arrival {
                run.append(.paused(heard))
                lost = count - heard
            } else {
                if let level, arrival.isSpeech {
                    run.append(.level(level))
                    self.level = nil
                }
                run.append(arrival)
            }
        }
        return try audio + play(&run)
    }

    /// Whether so much is lost that it is made up from what was before it, whatever follows: `settle(atMost:)` then plays it in
    /// parts, since it may be hours.
    public var hasLongLoss: Bool { !isComplete && (lost > SpeechDecoder.framesAtOnce || isMadeUp && lost > 0) }

    /// Whether all samples of speech of known length have been returned: nothing that arrives now is heard.
    var isComplete: Bool { decoder.isComplete }

    /// Makes up for what was lost so far, whatever follows it: so many frames of it.
    public mutating func settle(atMost count: Int = .max) throws(StreamError) -> [Float] {
        var (audio, left) = ([Float](), count)
        while lost > 0, left > 0, !isComplete {
            try applyTranscripts()
            var run = Run()
            run.append(.lost(min(lost, left, transcripts.nextChange - position)))
            (lost, left) = (lost - run.frameCount, left - run.frameCount)
            isMadeUp = lost > 0
            audio += try play(&run)
        }
        return audio
    }

    /// The next frame has this number, as the sender counts.
    public mutating func go(to frame: Int) { position = frame }

    /// Ends the speech: the samples that are still held back.
    public mutating func finish() throws(StreamError) -> [Float] {
        let audio = try settle()
        transcripts.end(at: position, decoder)
        return audio + decoder.finish()
    }

    /// Goes on with a decoder of another model, which has decoded nothing yet: the samples that this one still holds back.
    public mutating func goOn(with next: consuming ScheduledDecoder) throws(StreamError) -> [Float] {
        let audio = try finish()
        next.transcripts = transcripts
        try next.takeUpTranscripts()
        self = next
        return audio
    }

    private mutating func takeUpTranscripts() throws(StreamError) {
        do { try transcripts.goOn(with: &decoder) } catch { throw .model(error) }
    }

    private mutating func applyTranscripts() throws(StreamError) {
        do { try transcripts.apply(at: position, to: &decoder) } catch { throw .model(error) }
    }

    /// Plays what arrived under one transcript, which has been applied.
    private mutating func play(_ run: inout Run) throws(StreamError) -> [Float] {
        guard !run.isEmpty else { return [] }
        defer { run = Run() }
        do {
            let audio = try decoder.push(run.arrivals)
            position += run.frameCount
            return Array(audio)
        } catch { throw .codes(error) }
    }

    private struct Run {
        private(set) var arrivals: [Arrival] = []
        private(set) var frameCount = 0

        var isEmpty: Bool { arrivals.isEmpty }

        mutating func append(_ arrival: Arrival) {
            arrivals.append(arrival)
            frameCount += arrival.frameCount
        }
    }
}
