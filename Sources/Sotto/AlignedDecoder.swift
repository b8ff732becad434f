// SPDX-License-Identifier: Apache-2.0

public import Quantizer

/// A decoder for recordings: its output starts with the first sample that was encoded and ends with the last.
public struct AlignedDecoder: Sendable {
    private var decoder: Decoder
    private var toSkip: Int
    private var remaining: Int?

    /// - Parameter sampleCount: how long the recording is at the model's rate; nil plays every frame to its end.
    public init(_ model: Model, sampleCount: Int?) {
        self.init(Decoder(model), sampleCount: sampleCount)
    }

    /// One that is told what is said: as `Decoder.init(_:transcript:pace:)`.
    public init(_ model: Model, sampleCount: Int?, transcript: String, pace: [Int]? = nil) throws(ModelError) {
        self.init(try Decoder(model, transcript: transcript, pace: pace), sampleCount: sampleCount)
    }

    private init(_ decoder: Decoder, sampleCount: Int?) {
        self.decoder = decoder
        toSkip = decoder.delay
        remaining = sampleCount
    }

    /// As `Decoder.joinsMidStream`.
    public var joinsMidStream: Bool {
        get { decoder.joinsMidStream }
        set { decoder.joinsMidStream = newValue }
    }

    /// The codes of the next frames, nil for one that was lost → the samples that they complete.
    ///
    /// - Throws: as `Decoder.push`.
    public mutating func push(frames: [Codes?]) throws(QuantizerError) -> ArraySlice<Float> {
        aligned(try decoder.push(frames: frames))
    }

    /// One frame.
    public mutating func push(_ codes: Codes?) throws(QuantizerError) -> ArraySlice<Float> {
        try push(frames: [codes])
    }

    /// As `Decoder.push(_:afterLosing:)` → the samples that these frames complete.
    public mutating func push(_ codes: Codes, afterLosing count: Int) throws(QuantizerError) -> ArraySlice<Float> {
        aligned(try decoder.push(codes, afterLosing: count))
    }

    /// As `Decoder.pushNoise` → the samples that it completes.
    public mutating func pushNoise(_ noise: ComfortNoise, isLost: Bool = false) -> ArraySlice<Float> {
        aligned(decoder.pushNoise(noise, isLost: isLost))
    }

    /// Ends the recording: the samples that a decoder that reads text still holds back.
    public mutating func finish() -> ArraySlice<Float> { aligned(decoder.finish()) }

    /// As `Decoder.setTranscript`.
    public mutating func setTranscript(_ text: String, pace: [Int]? = nil) {
        decoder.setTranscript(text, pace: pace)
    }

    /// As `Decoder.transcriptMatch`.
    public var transcriptMatch: Double? { decoder.transcriptMatch }

    private mutating func aligned(_ audio: [Float]) -> ArraySlice<Float> {
        let skipped = min(toSkip, audio.count)
        toSkip -= skipped
        let wanted = audio[skipped...].prefix(remaining ?? audio.count)
        remaining = remaining.map { $0 - wanted.count }
        return wanted
    }
}
