// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Sotto
public import TokenFile

/// A recording → the bytes of a token file, as they come.
public struct RecordingEncoder: Sendable {
    /// What the end of a recording brings.
    public struct Ending: Sendable {
        /// The file's last bytes.
        public var bytes: [UInt8]
        /// The file's first bytes, now that all is known, for a file that can go back there.
        public var header: [UInt8]
        /// How well the transcript fits; nil if there is none that says anything.
        public var transcriptFit: TranscriptFit?
    }

    private var encoder: SpeechEncoder
    private var writer: TokenFileWriter
    private let transcript: String?
    private var frameCount = 0

    /// - Parameters:
    ///   - model: whose codes they are to be.
    ///   - sampleRate: of the recording, in Hz, which its decoding has again.
    ///   - codes: how many codes the frames get; nil gives each one code of every codebook.
    ///   - transcript: what is said; it is stored, with its timing if it fits.
    /// - Throws: `StreamError.codes` if the model doesn't make so many codes, `.tokens` if the header can't hold one of these.
    public init(
        _ model: CodecModel, sampleRate: Int, codes: CodesPerFrame? = nil, transcript: String? = nil
    ) throws(StreamError) {
        do { encoder = try SpeechEncoder(model, codes: codes, transcript: transcript) } catch { throw .codes(error) }
        do {
            writer = TokenFileWriter(
                header: try model.tokenHeader(
                    sampleRate: sampleRate, counts: encoder.counts, allowsLetters: transcript?.isEmpty == false))
        } catch { throw .tokens(error) }
        self.transcript = transcript
    }

    /// What the file starts with.
    public var start: [UInt8] { writer.start }

    /// Takes mono samples at the model's sample rate and returns the bytes that they complete.
    public mutating func push(_ audio: some Sequence<Float>) throws(TokenFileError) -> [UInt8] {
        try write(encoder.push(audio))
    }

    /// Ends the recording, which has so many samples at its own rate.
    ///
    /// - Throws: `TokenFileError.unwritable` if the format doesn't hold so many, or the transcript.
    public mutating func finish(sampleCount: Int) throws(TokenFileError) -> Ending {
        let ending = encoder.finish()
        var bytes = try write(ending.frames)
        if let transcript, !transcript.isEmpty {
            bytes += try writer.append(
                TextSegment(frames: 0..<frameCount, text: transcript, timing: ending.timing))
        }
        let (end, header) = try writer.finish(sampleCount: sampleCount)
        let fit = ending.transcriptMatch.map { TranscriptFit(match: $0, of: transcript ?? "") }
        return Ending(bytes: bytes + end, header: header, transcriptFit: fit)
    }

    private mutating func write(_ frames: [TokenFrame]) throws(TokenFileError) -> [UInt8] {
        frameCount += frames.count
        var bytes: [UInt8] = []
        for frame in frames { bytes += try writer.append(frame) }
        return bytes
    }
}
