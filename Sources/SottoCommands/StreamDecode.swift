// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Sotto
import SystemIO
import TokenFile

struct StreamDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Token packets in, raw audio out, each frame as soon as it is there.",
        discussion: """
            The model is the one that the stream names, of those that came with sotto, unless --model says otherwise; \
            who joins in the middle hears the usual one until then.

            What is said may come beside the packets, with --text-from, for a model that reads text: in lines of a frame's \
            number as the sender counts, a tab, and what is said from that frame on; no text ends it. A line holds from its \
            frame on if it has been written before the frame's packet, else from the next frame on, unless one of a later \
            frame holds already. The speech comes out later with this option, by as many frames as the model looks ahead. \
            See Docs/text.md.
            """)

    @OptionGroup var pcm: PCMOptions
    @OptionGroup var codebooks: CodebookOptions
    @Option(
        help: ArgumentHelp("What is said: an open descriptor's number, a file or a named pipe.", valueName: "place"))
    var textFrom: String?
    @OptionGroup var model: ModelOptions

    func run() throws {
        let interruption = try Interruption()
        var model = try self.model.load()
        let most = try codebooks.count(of: model.configuration.quantizer.codebooks)
        var lines = try textFrom.map { try TranscriptLines(from: $0) }
        var player = try player(of: model)
        var parser = LivePacketParser(bitsPerCode: model.configuration.bitsPerCode)
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            for line in try lines?.read() ?? [] { player.transcripts.add(line.text, from: line.frame) }
            for event in parser.push(bytes) {
                switch event {
                case .hello(let identity, let nextFrame):
                    try player.makeUpForLost()
                    // Codes take as many bits in all models that came with sotto.
                    if identity != model.tokenIdentity {
                        model = try self.model.load(for: identity)
                        try player.goOn(as: self.player(of: model))
                    }
                    player.nextFrame = nextFrame
                case .lost(let count): player.lost += count
                case .frame(let codes): try player.play(Array(codes.prefix(most)))
                case .noise(let levels): player.noise = ComfortNoise(levels: levels)
                case .paused(let count): for _ in 0..<count { try player.playPause() }
                case .skipped(let count): Message.warning("\(count) bytes of the stream belong to no packet")
                }
            }
        }
        try player.finish()
        if let signal { throw Interrupted(signal: signal) }
    }

    private func player(of model: Model) throws -> Player {
        let decoder =
            try textFrom == nil
            ? AlignedDecoder(model, sampleCount: nil) : AlignedDecoder(model, sampleCount: nil, transcript: "")
        return Player(
            decoder, resampler: try Resampler(from: model.configuration.sampleRate, to: pcm.rate),
            encoder: try PCMEncoder(format: pcm.format, channels: pcm.channels))
    }
}

/// Decodes frame by frame, by the transcript of each, to standard output.
private struct Player: ~Copyable {
    private var decoder: AlignedDecoder
    private var resampler: Resampler
    private var encoder: PCMEncoder
    var transcripts = TranscriptSchedule()
    /// The number of the frame that comes next, as the sender counts.
    var nextFrame = 0
    /// Frames from that one on that never came; they are played when it is known what follows them.
    var lost = 0
    /// What the background sounds like, once that has been said.
    var noise: ComfortNoise?

    init(_ decoder: AlignedDecoder, resampler: consuming Resampler, encoder: PCMEncoder) {
        self.decoder = decoder
        self.resampler = resampler
        self.encoder = encoder
    }

    /// A frame, and those lost before it.
    mutating func play(_ codes: Codes) throws {
        transcripts.apply(at: nextFrame, to: &decoder)
        // A new text begins at its frame, be it lost or not.
        if transcripts.nextChange <= nextFrame + lost {
            try makeUpForLost()
            transcripts.apply(at: nextFrame, to: &decoder)
        }
        try write(decoder.push(codes, afterLosing: lost), frames: lost + 1)
        lost = 0
    }

    /// Plays the lost frames, whatever follows them.
    mutating func makeUpForLost() throws {
        while lost > 0 {
            transcripts.apply(at: nextFrame, to: &decoder)
            try write(decoder.push(nil))
            lost -= 1
        }
    }

    /// A frame of a pause.
    mutating func playPause() throws {
        if let noise {
            try makeUpForLost()
            try write(decoder.pushNoise(noise))
        } else {
            lost += 1
            try makeUpForLost()
        }
    }

    private mutating func write(_ audio: ArraySlice<Float>, frames: Int = 1) throws {
        nextFrame += frames
        try put(audio)
    }

    private mutating func put(_ audio: ArraySlice<Float>) throws {
        try ByteSink.standardOutput.write(encoder.encode(resampler.process(Array(audio))))
    }

    /// The frames that come next are another model's.
    mutating func goOn(as next: consuming Player) throws {
        try finish()
        next.transcripts = transcripts
        next.transcripts.goOn(with: &next.decoder)
        self = next
    }

    mutating func finish() throws {
        try makeUpForLost()
        let complaint = transcripts.complaint(at: nextFrame, decoder)
        try put(decoder.finish())
        try ByteSink.standardOutput.write(encoder.encode(resampler.finish()))
        if let complaint { Message.warning(complaint) }
        if encoder.clipped > 0 {
            Message.warning(
                "\(encoder.clipped) samples are too loud for 16 bits and are clipped; --format f32le keeps them")
        }
    }
}
