// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
public import TokenFile
public import Transcript

/// A live stream's packets → speech, by the model that the stream names: the receiving end of a line.
///
/// Every frame takes its time once, whether it came, was lost or is one of a pause, so that the delay stays what it is. Frames that
/// follow the hello of a model that is not here, or of a version to come, are silent until another hello comes. A receiver that
/// joins mid-stream hears speech fade in. The 20 ms by which the codec itself lags are trimmed from the start.
///
///     var receiver = try SpeechReceiver(ModelShelf(model))
///     for packet in line { play(try receiver.push(packet)) }
public struct SpeechReceiver: Sendable {
    private var parser: LivePacketParser
    private var models: ModelShelf
    private var model: CodecModel
    private var decoder: ScheduledDecoder
    private let codes: Int
    private let usesTranscripts: Bool
    private var hasPlayed = false
    /// Whether all has been returned.
    private var hasEnded = false
    /// Whether the hello heard last names a model that is not here, or can't be read: its frames can't be either.
    private var isForeign = false
    /// The first model that was named and is not here, and the version of the first hello that can't be read.
    public private(set) var unknownModel: ModelIdentity?
    public private(set) var unknownVersion: Int?

    /// - Parameters:
    ///   - models: those that the stream may name.
    ///   - codes: the most codes of a frame that are played; nil plays all.
    ///   - usesTranscripts: whether transcripts are read, which holds frames back by the model's lookahead.
    /// - Throws: `StreamError.model` if `usesTranscripts` and the first model reads no text.
    public init(_ models: ModelShelf, codes: Int? = nil, usesTranscripts: Bool = false) throws(StreamError) {
        (self.models, model, self.usesTranscripts) = (models, models.first, usesTranscripts)
        self.codes = codes ?? .max
        do {
            parser = try LivePacketParser(bitsPerCode: models.first.configuration.bitsPerCode)
        } catch { throw .tokens(error) }
        decoder = try ScheduledDecoder(models.first, usesTranscripts: usesTranscripts)
        decoder.joinsMidStream = true
    }

    /// Of what is returned, in Hz.
    public var sampleRate: Int { models.first.configuration.sampleRate }
    /// What has arrived so far, and what hasn't.
    public var statistics: LiveStatistics { parser.statistics }
    /// How well the transcripts have fitted, once the stream has ended; nil if none was followed.
    public var transcriptFit: TranscriptFit? { decoder.transcripts.fit }

    /// Says what is said from a frame on, as the sender counts. It holds from its frame on if it comes before the frame's packet,
    /// else from the next frame on, unless a later one holds already.
    public mutating func add(transcript text: String, timing: SymbolTiming? = nil, from frame: Int) {
        decoder.transcripts.add(text, timing: timing, from: frame)
    }

    /// Takes bytes, which may begin and end anywhere, and returns the samples of the frames that are known by now.
    ///
    /// What is lost is made up too, so that few bytes may stand for hours: who can't trust the sender takes the samples by `append`
    /// and `read` instead, a part at a time.
    ///
    /// - Throws: as `read`.
    public mutating func push(_ bytes: some Sequence<UInt8>) throws(StreamError) -> [Float] {
        append(bytes)
        return try readAll()
    }

    /// Ends the stream: the samples of what is still held back. The receiver is then of no more use.
    ///
    /// - Throws: as `read`.
    public mutating func finish() throws(StreamError) -> [Float] {
        end()
        return try readAll()
    }

    /// Takes bytes, which may begin and end anywhere.
    public mutating func append(_ bytes: some Sequence<UInt8>) { parser.append(bytes) }

    /// No more bytes come; `read` gives what is still held back.
    public mutating func end() { parser.end() }

    /// The samples of the next frames that are known by now, some 16 frames at most; nil if there are none.
    ///
    /// - Throws: `StreamError.model` if the stream goes on with a model that reads no transcripts, and some are to be read; `.codes` if
    ///   codes are none of the model's.
    public mutating func read() throws(StreamError) -> [Float]? {
        while !hasEnded {
            if decoder.hasLongLoss { return try decoder.settle(atMost: SpeechDecoder.framesAtOnce) }
            guard let event = parser.next() else {
                guard parser.hasEnded else { return nil }
                hasEnded = true
                return try decoder.finish()
            }
            let audio = try take(event)
            if !audio.isEmpty { return audio }
        }
        return nil
    }

    private mutating func readAll() throws(StreamError) -> [Float] {
        var audio: [Float] = []
        while let some = try read() { audio += some }
        return audio
    }

    private mutating func take(_ event: LivePacketParser.Event) throws(StreamError) -> [Float] {
        switch event {
        case .frames(let arrival) where isForeign:
            let audio = try decoder.push(CollectionOfOne(.lost(arrival.frameCount)))
            return try audio + decoder.settle(atMost: SpeechDecoder.framesAtOnce)
        case .frames(.codes(let codes)):
            hasPlayed = true
            return try decoder.push(CollectionOfOne(.codes(Array(codes.prefix(self.codes)))))
        case .frames(let arrival): return try decoder.push(CollectionOfOne(arrival))
        case .hello(let identity, let nextFrame):
            let audio = try decoder.settle() + goOn(with: identity)
            decoder.go(to: nextFrame)
            if nextFrame == 0, !isForeign { decoder.joinsMidStream = false }
            return audio
        case .unknownVersion(let version):
            (isForeign, unknownVersion) = (true, unknownVersion ?? version)
            return try decoder.settle()
        case .skipped: return []
        }
    }

    private mutating func goOn(with identity: ModelIdentity) throws(StreamError) -> [Float] {
        guard let next = models.model(of: identity) else {
            (isForeign, unknownModel) = (true, unknownModel ?? identity)
            return []
        }
        isForeign = false
        do {
            guard try identity != model.tokenIdentity else { return [] }
            model = next
            try parser.setBitsPerCode(next.configuration.bitsPerCode)
        } catch { throw .tokens(error) }
        var fresh = try ScheduledDecoder(next, usesTranscripts: usesTranscripts)
        fresh.joinsMidStream = true
        return try decoder.goOn(with: fresh)
    }

    /// - Throws: if nothing that came could be played, `TokenFileError.otherModel` if it was of a model that is not here,
    ///   `TokenFileError.futureVersion` if of a version to come.
    public func requireModel() throws(TokenFileError) {
        guard isForeign, !hasPlayed else { return }
        if let unknownVersion { throw .futureVersion(unknownVersion) }
        try unknownModel?.require(model.tokenIdentity)
    }
}
