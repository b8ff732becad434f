// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Transcript

/// A decoder that trims the delay which the codec adds: its output starts with the first sample that was encoded and ends with the last.
public struct DelayCompensatedDecoder: Sendable {
    private var decoder: SpeechDecoder
    private var toSkip: Int
    private var remaining: Int?

    /// - Parameters:
    ///   - model: whose codes come.
    ///   - sampleCount: how long the recording is at the model's rate; nil plays every frame to its end.
    public init(_ model: CodecModel, sampleCount: Int?) {
        self.init(SpeechDecoder(model), sampleCount: sampleCount)
    }

    /// One that is conditioned on a transcript: as `SpeechDecoder.init(_:transcript:timing:)`.
    public init(_ model: CodecModel, sampleCount: Int?, transcript: String, timing: SymbolTiming? = nil)
        throws(ModelError)
    {
        self.init(try SpeechDecoder(model, transcript: transcript, timing: timing), sampleCount: sampleCount)
    }

    private init(_ decoder: SpeechDecoder, sampleCount: Int?) {
        self.decoder = decoder
        toSkip = decoder.delay
        remaining = sampleCount
    }

    /// As `SpeechDecoder.joinsMidStream`.
    public var joinsMidStream: Bool {
        get { decoder.joinsMidStream }
        set { decoder.joinsMidStream = newValue }
    }

    /// Decodes what arrives, as `SpeechDecoder.push(_:)` → the samples that it completes.
    ///
    /// - Throws: as that.
    public mutating func push(_ arrivals: some Sequence<Arrival>) throws(QuantizerError) -> ArraySlice<Float> {
        trimmed(try decoder.push(arrivals))
    }

    /// As `SpeechDecoder.longestPause`.
    package var longestPause: Int { decoder.longestPause }

    /// One frame.
    public mutating func push(_ codes: Codes) throws(QuantizerError) -> ArraySlice<Float> {
        try push(CollectionOfOne(.codes(codes)))
    }

    /// One frame as the encoder told it, at the speaker's level.
    public mutating func push(_ frame: TokenFrame) throws(QuantizerError) -> ArraySlice<Float> {
        trimmed(try decoder.push(frame))
    }

    /// Ends the recording: the samples that a decoder that reads text still holds back.
    public mutating func finish() -> ArraySlice<Float> { trimmed(decoder.finish()) }

    /// As `SpeechDecoder.setTranscript`.
    public mutating func setTranscript(_ text: String, timing: SymbolTiming? = nil) throws(ModelError) {
        try decoder.setTranscript(text, timing: timing)
    }

    /// As `SpeechDecoder.transcriptMatch`.
    public var transcriptMatch: Double? { decoder.transcriptMatch }

    /// Whether all samples of a recording of known length have been returned.
    package var isComplete: Bool { remaining == 0 }

    private mutating func trimmed(_ audio: [Float]) -> ArraySlice<Float> {
        let skipped = min(toSkip, audio.count)
        toSkip -= skipped
        let wanted = audio[skipped...].prefix(remaining ?? audio.count)
        remaining = remaining.map { $0 - wanted.count }
        return wanted
    }
}
