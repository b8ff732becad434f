// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
public import TokenFile
public import Transcript

/// A live stream's packets → speech, by the model that the stream names: the receiving end of a line.
///
/// Every frame takes its time once, whether it came, was lost or is one of a pause, so that the delay stays what it is. Frames that
/// follow the hello of a model that is not here are that model's, until another hello comes: they are silent. A receiver that
/// joins mid-stream hears speech fade in.
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
    /// The model that the stream has named last, if it is not here.
    private var foreign: ModelIdentity?
    /// The first model that was named and is not here, and the version of the first hello that can't be read.
    public private(set) var unknownModel: ModelIdentity?
    public private(set) var unknownVersion: Int?

    /// - Parameters:
    ///   - codes: the most codes of a frame that are played; nil plays all.
    ///   - usesTranscripts: whether transcripts are read, which holds frames back by the model's lookahead.
    /// - Throws: `ModelError.readsNoText` if `usesTranscripts` and the first model reads none.
    public init(_ models: ModelShelf, codes: Int? = nil, usesTranscripts: Bool = false) throws {
        (self.models, model, self.usesTranscripts) = (models, models.first, usesTranscripts)
        self.codes = codes ?? .max
        parser = try LivePacketParser(bitsPerCode: models.first.configuration.bitsPerCode)
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
    /// - Throws: `ModelError.readsNoText` if the stream goes on with a model that reads no transcripts, and some are to be read.
    public mutating func push(_ bytes: some Sequence<UInt8>) throws -> [Float] {
        parser.append(bytes)
        var (audio, arrivals) = ([Float](), [Arrival]())
        while let event = parser.next() { try take(event, &arrivals, &audio) }
        return try audio + decoder.push(arrivals)
    }

    /// Ends the stream: the samples of what is still held back.
    public mutating func finish() throws -> [Float] {
        var (audio, arrivals) = ([Float](), [Arrival]())
        for event in parser.finish() { try take(event, &arrivals, &audio) }
        audio += try decoder.push(arrivals)
        return try audio + decoder.finish()
    }

    private mutating func take(
        _ event: LivePacketParser.Event, _ arrivals: inout [Arrival], _ audio: inout [Float]
    ) throws {
        if case .frames(let arrival) = event, foreign == nil {
            if case .codes(let codes) = arrival {
                hasPlayed = true
                arrivals.append(.codes(Array(codes.prefix(self.codes))))
            } else {
                arrivals.append(arrival)
            }
            return
        }
        audio += try decoder.push(arrivals)
        arrivals = []
        switch event {
        case .frames(let arrival):
            audio += try decoder.push(CollectionOfOne(.lost(arrival.frameCount)))
            audio += try decoder.settle()
        case .hello(let identity, let nextFrame):
            audio += try decoder.settle()
            audio += try goOn(with: identity)
            decoder.go(to: nextFrame)
            if nextFrame == 0, foreign == nil { decoder.joinsMidStream = false }
        case .unknownVersion(let version): unknownVersion = unknownVersion ?? version
        case .skipped: break
        }
    }

    private mutating func goOn(with identity: ModelIdentity) throws -> [Float] {
        guard let next = models.model(of: identity) else {
            unknownModel = unknownModel ?? identity
            foreign = identity
            return []
        }
        foreign = nil
        guard try identity != model.tokenIdentity else { return [] }
        model = next
        try parser.setBitsPerCode(next.configuration.bitsPerCode)
        var fresh = try ScheduledDecoder(next, usesTranscripts: usesTranscripts)
        fresh.joinsMidStream = true
        return try decoder.goOn(with: fresh)
    }

    /// - Throws: `TokenFileError.otherModel` if all that came was of a model that is not here.
    public func requireModel() throws(TokenFileError) {
        if let foreign, !hasPlayed { try foreign.require(model.tokenIdentity) }
    }
}
