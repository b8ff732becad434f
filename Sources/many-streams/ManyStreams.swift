// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Platform
import Quantizer
import Sotto

/// What each of many streams costs, one after the other and together: `many-streams SPEECH.wav`, for `Benchmarks/speed.py`.
///
/// A line for each side and each number of streams: milliseconds of CPU for a frame of a stream, one stream after the other, and all
/// together. Then a line with the kilobytes that a stream keeps on each side.
@main struct ManyStreams {
    static func main() throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            print("usage: many-streams SPEECH.wav")
            exit(64)
        }
        let model = try CodecModel.load()
        var reader = try AudioFileReader(path: path)
        let speech = Speech(try reader.read(upTo: reader.frameCount), model)
        let memory = try kilobytes(speech, model)
        for count in [1, 10, 100, 1000] {
            var (encoding, decoding) = (Least(), Least())
            for _ in 0..<3 { try measure(count, speech, model, &encoding, &decoding) }
            print("encode", count, encoding.alone, encoding.together)
            print("decode", count, decoding.alone, decoding.together)
        }
        print("memory", memory.encoder, memory.decoder)
    }

    /// Speech as samples and as frames.
    struct Speech {
        let samples: [[Float]]
        let frames: [TokenFrame]

        init(_ audio: [Float], _ model: CodecModel) {
            let size = model.configuration.frameSize
            samples = stride(from: 0, to: audio.count - size, by: size).map { Array(audio[$0..<$0 + size]) }
            var encoder = SpeechEncoder(model)
            frames = encoder.push(audio)
        }

        /// Each stream is somewhere else in it.
        func place(_ stream: Int, _ frame: Int) -> Int { (37 * stream + frame) % samples.count }

        func arrivals(_ stream: Int, _ frame: Int) -> [Arrival] { frames[place(stream, frame)].arrivals }
    }

    /// The least milliseconds of a frame so far.
    struct Least {
        var alone = Double.infinity
        var together = Double.infinity
    }

    static func measure(
        _ count: Int, _ speech: Speech, _ model: CodecModel, _ encoding: inout Least, _ decoding: inout Least
    ) throws {
        let (warmUp, frames) = (1, max(2, 400 / count))
        var encoders = [SpeechEncoder](repeating: SpeechEncoder(model), count: count)
        var decoders = [SpeechDecoder](repeating: SpeechDecoder(model), count: count)
        var (encoderBatch, decoderBatch) = (SpeechEncoderBatch(encoders), SpeechDecoderBatch(decoders))
        var times = [0.0, 0.0, 0.0, 0.0]
        for frame in 0..<warmUp + frames {
            let audio = (0..<count).map { speech.samples[speech.place($0, frame)] }
            let arrivals = (0..<count).map { speech.arrivals($0, frame) }
            let taken = [
                milliseconds { for stream in 0..<count { _ = encoders[stream].push(audio[stream]) } },
                milliseconds { _ = encoderBatch.push(audio) },
                try milliseconds { for stream in 0..<count { _ = try decoders[stream].push(arrivals[stream]) } },
                milliseconds { _ = decoderBatch.push(arrivals) },
            ]
            if frame >= warmUp { for way in taken.indices { times[way] += taken[way] / Double(frames * count) } }
        }
        encoding = Least(alone: min(encoding.alone, times[0]), together: min(encoding.together, times[1]))
        decoding = Least(alone: min(decoding.alone, times[2]), together: min(decoding.together, times[3]))
    }

    /// What an encoder and a decoder take that have worked for a while, in kilobytes.
    static func kilobytes(_ speech: Speech, _ model: CodecModel) throws -> (encoder: Double, decoder: Double) {
        let count = 500
        var (encoders, decoders): ([SpeechEncoder], [SpeechDecoder]) = ([], [])
        func stream() throws -> (SpeechEncoder, SpeechDecoder) {
            var (encoder, decoder) = (SpeechEncoder(model), SpeechDecoder(model))
            for frame in 0..<3 {
                _ = encoder.push(speech.samples[frame])
                _ = try decoder.push(speech.arrivals(0, frame))
            }
            return (encoder, decoder)
        }
        _ = try stream()
        let before = residentKilobytes()
        for _ in 0..<count { encoders.append(try stream().0) }
        let between = residentKilobytes()
        for _ in 0..<count { decoders.append(try stream().1) }
        let after = residentKilobytes()
        return withExtendedLifetime((encoders, decoders)) {
            ((between - before) / Double(count), (after - between) / Double(count))
        }
    }

    private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
        }
        let begin = now()
        try body()
        return now() - begin
    }

    private static func residentKilobytes() -> Double {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1024 : 0
    }
}
