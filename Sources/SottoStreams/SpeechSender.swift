// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Sotto
public import TokenFile

/// Speech → a live stream's packets: the sending end of a line.
///
///     var sender = try SpeechSender(model, codes: .average(4))
///     for chunk in microphone { for packet in try sender.push(chunk) { send(packet) } }
public struct SpeechSender: Sendable {
    private var encoder: SpeechEncoder
    private var packets: PacketWriter
    /// nil if pauses are sent as speech is.
    private var pauses: PauseDetector?

    /// - Parameters:
    ///   - model: whose codes they are to be.
    ///   - codes: how many codes the frames get, 8 at most; nil gives each one code of every codebook.
    ///   - repeatsFirstCodes: whether each frame goes with the first code of the one before, so that one that is lost by itself is
    ///     heard coarsely.
    ///   - sendsPauses: whether pauses are sent as the background's noise, which takes next to nothing, and not as speech.
    /// - Throws: `StreamError.codes` if the model doesn't make so many codes, `.tokens` if packets don't hold so many.
    public init(
        _ model: CodecModel, codes: CodesPerFrame? = nil, repeatsFirstCodes: Bool = false, sendsPauses: Bool = false
    ) throws(StreamError) {
        do { encoder = try SpeechEncoder(model, codes: codes) } catch { throw .codes(error) }
        do {
            packets = try PacketWriter(model, counts: encoder.counts, repeatsFirstCodes: repeatsFirstCodes)
        } catch { throw .tokens(error) }
        pauses = sendsPauses ? PauseDetector(model) : nil
    }

    /// Takes mono samples at the model's sample rate and returns the bytes of each packet that they complete. In a pause most frames
    /// have none; with a hello or a speaker's level that is told anew, a frame has more than one.
    public mutating func push(_ audio: some Sequence<Float>) throws(TokenFileError) -> [[UInt8]] {
        guard var detector = pauses else { return try write(encoder.push(audio)) }
        defer { pauses = detector }
        var bytes: [[UInt8]] = []
        for (frame, pause) in encoder.push(audio, detecting: &detector) {
            bytes += try packets.write(frame, pause: pause)
        }
        return bytes
    }

    /// Ends the stream: the packets of the last samples, as speech.
    public mutating func finish() throws(TokenFileError) -> [[UInt8]] { try write(encoder.finish().frames) }

    private mutating func write(_ frames: [TokenFrame]) throws(TokenFileError) -> [[UInt8]] {
        var bytes: [[UInt8]] = []
        for frame in frames { bytes += try packets.write(frame) }
        return bytes
    }
}
