// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Quantizer
import Sotto
import SystemIO

/// Decodes frame by frame, by the transcript of each, to standard output.
struct StreamPlayer: ~Copyable {
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
        self.decoder.joinsMidStream = true
        self.resampler = resampler
        self.encoder = encoder
    }

    /// The next frame is its stream's first. A player that isn't told so joins mid-stream.
    mutating func begin() { decoder.joinsMidStream = false }

    /// A frame, and those lost before it.
    mutating func play(_ codes: Codes) throws {
        transcripts.apply(at: nextFrame, to: &decoder)
        // A new text begins at its frame, be it lost or not; and what is lost for long comes in pieces.
        if transcripts.nextChange <= nextFrame + lost || lost > Decoder.framesAtOnce {
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
            let count = min(lost, Decoder.framesAtOnce, transcripts.nextChange - nextFrame)
            try write(decoder.push(frames: [Codes?](repeating: nil, count: count)), frames: count)
            lost -= count
        }
    }

    /// Frames that are lost, or can't be told from lost ones, whatever follows them. Noise, where it has been said, fades.
    mutating func playLost(_ count: Int) throws {
        guard let noise else {
            lost += count
            return try makeUpForLost()
        }
        for _ in 0..<count { try write(decoder.pushNoise(noise, isLost: true)) }
    }

    /// Frames of a pause.
    mutating func playPause(_ count: Int) throws {
        guard let noise else { return try playLost(count) }
        try makeUpForLost()
        for _ in 0..<count { try write(decoder.pushNoise(noise)) }
    }

    private mutating func write(_ audio: ArraySlice<Float>, frames: Int = 1) throws {
        nextFrame += frames
        try put(audio)
    }

    private mutating func put(_ audio: ArraySlice<Float>) throws {
        try ByteSink.standardOutput.write(encoder.encode(resampler.process(Array(audio))))
    }

    /// The frames that come next are another model's.
    mutating func goOn(as next: consuming StreamPlayer) throws {
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
