// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Quantizer
import Sotto
import SystemIO
import TokenFile

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Encode or decode live, from standard input to standard output.",
        discussion: """
            The first SIGINT or SIGTERM ends the input: what has arrived is still coded and written, and the exit \
            status is 130 or 143. A second one ends the program at once. If the reader of the output goes away, the \
            program ends without a word, with status 141.
            """,
        subcommands: [StreamEncode.self, StreamDecode.self])
}

struct PCMOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Samples a second of the raw audio.", valueName: "Hz"))
    var rate = 16000
    @Option(help: ArgumentHelp("Interleaved channels of the raw audio.", valueName: "n"))
    var channels = 1
    @Option(help: "How a sample is stored.")
    var format = PCMFormat.s16le
}

struct StreamEncode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Raw audio in, token packets out, each as soon as its frame is there.")

    @OptionGroup var pcm: PCMOptions
    @OptionGroup var encoding: EncodingOptions
    @Flag(help: "Send next to nothing in pauses; the decoder then makes a noise like the background's.")
    var dtx = false
    @Flag(
        help: "Send the first code of each frame with the next one too: a frame lost by itself is then heard coarsely.")
    var fec = false
    @OptionGroup var model: ModelOptions

    func run() throws {
        let interruption = try Interruption()
        let model = try model.load()
        var encoder = try encoding.encoder(of: model)
        guard encoder.counts.most <= LivePacket.mostCodes else {
            throw UsageError("packets hold up to \(LivePacket.mostCodes) codes a frame; pass --codebooks")
        }
        var samples = try PCMDecoder(format: pcm.format, channels: pcm.channels)
        var resampler = try Resampler(from: pcm.rate, to: model.configuration.sampleRate)
        var pauses = dtx ? PauseDetector(model) : nil
        var packets = LivePacketWriter(model: model, repeats: fec)
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            let audio = try resampler.process(samples.push(bytes))
            let noises = pauses?.push(audio)
            for (index, codes) in encoder.push(audio).enumerated() { try packets.send(codes, noise: noises?[index]) }
        }
        if samples.danglingBytes > 0 {
            Message.warning("the input ended inside of a sample; its \(samples.danglingBytes) bytes are left out")
        }
        for codes in encoder.push(try resampler.finish()) + encoder.finish() { try packets.send(codes) }
        if let signal { throw Interrupted(signal: signal) }
    }
}

/// Frames out, with a hello before the first and every few seconds. Of a pause, its noise goes out when it begins, with
/// each hello and when it has changed, and a sign of life every few frames.
private struct LivePacketWriter {
    let model: Model
    /// Whether frames go with the first code of the one before.
    let repeats: Bool
    private var frame = 0
    /// The first code of the frame before, nil if that is one of a pause or if there is none.
    private var before: UInt16?
    /// The noise that was sent last in this pause, and the number of the frame that last sent anything.
    private var noise: ComfortNoise?
    private var lastSent = 0
    /// Mean change of the background, in dB, that is worth a packet.
    private static let audibleChange: Float = 3

    init(model: Model, repeats: Bool) {
        (self.model, self.repeats) = (model, repeats)
    }

    /// The frame's codes, or the noise that stands for them if it is one of a pause.
    mutating func send(_ codes: Codes, noise now: ComfortNoise? = nil) throws(SystemError) {
        var packets: [LivePacket] = []
        if frame % LivePacket.helloInterval(frameRate: model.configuration.frameRate) == 0 {
            packets.append(.hello(model: model.tokenIdentity, nextFrame: frame))
        }
        let number = UInt8(truncatingIfNeeded: frame)
        if let now {
            if let noise, packets.isEmpty, noise.distance(to: now) < Self.audibleChange {
                if frame - lastSent >= LivePacket.pauseInterval { packets.append(.pause(number: number)) }
            } else {
                packets.append(.noise(number: number, levels: now.levels))
                noise = now
            }
        } else {
            packets.append(.frame(number: number, codes: codes, before: repeats ? before : nil))
            noise = nil
        }
        before = now == nil ? codes.first : nil
        if !packets.isEmpty { lastSent = frame }
        frame += 1
        guard !packets.isEmpty else { return }
        let bits = model.configuration.bitsPerCode
        try ByteSink.standardOutput.write(packets.flatMap { $0.bytes(bitsPerCode: bits) })
    }
}

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
    private let encoder: PCMEncoder
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
        if transcripts.nextChange <= nextFrame + lost { try makeUpForLost() }
        transcripts.apply(at: nextFrame, to: &decoder)
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
    }
}
