// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Quantizer
import Sotto
import SystemIO
import TokenFile

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
        let name = ByteSource.standardInputName
        var isRaw = true
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            let audio = try resampler.process(samples.push(bytes))
            if isRaw, let container = samples.container {
                isRaw = false
                Message.warning("\(name) begins like a file (\(container)), but all of it is taken for raw samples")
            }
            let noises = pauses?.push(audio)
            for (index, codes) in encoder.push(audio).enumerated() { try packets.send(codes, noise: noises?[index]) }
        }
        if samples.danglingBytes > 0 {
            Message.warning("the input ended inside of a sample; its \(samples.danglingBytes) bytes are left out")
        }
        for codes in encoder.push(try resampler.finish()) + encoder.finish() { try packets.send(codes) }
        for warning in samples.warnings(name: name) { Message.warning(warning) }
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
    mutating func send(_ codes: Codes, noise now: ComfortNoise? = nil) throws {
        var packets: [LivePacket] = []
        if frame % LivePacket.helloInterval(frameRate: model.configuration.frameRate) == 0 {
            packets.append(.hello(model: try model.tokenIdentity, nextFrame: frame))
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
        try ByteSink.standardOutput.write(packets.flatMap { try $0.bytes(bitsPerCode: bits) })
    }
}
