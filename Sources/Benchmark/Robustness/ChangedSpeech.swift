// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import Spectral
import SystemIO

/// A clip as it may sound elsewhere, with the same words: softer or louder, with noise, recoded, or through a telephone. Signals are at
/// 16 kHz.
package enum ChangedSpeech {
    /// dB by which it is made softer and louder.
    static let levels = [0.1, 0.5, 1, 3, 6]
    /// dB between speech and noise.
    static let ratios = [20, 10]

    /// What can be done to a clip here, in the order of the report: real noise if there is some, recoding if there is FFmpeg.
    package static func names(noises: Noises?, recodes: Bool) -> [String] {
        levels.flatMap { ["-\(short($0)) dB", "+\(short($0)) dB"] }
            + (noises == nil ? [] : ratios.map { "noise \($0) dB" }) + ratios.map { "white noise \($0) dB" }
            + (recodes ? ["MP3 32 kbit/s", "Opus 16 kbit/s"] : []) + ["telephone"]
    }

    /// Each change of a clip, in the order of `names`, rounded to 16 bits and clipped as in a file.
    ///
    /// - Parameter seed: of what is drawn, so that every run draws the same.
    package static func changes(
        of audio: [Float], noises: Noises?, recodes: Bool, seed: UInt64
    ) throws -> [[Float]] {
        var generator = SplitMix64(seed: seed)
        var changed = levels.flatMap { level in
            [-level, level].map { decibels in scaled(audio, by: pow(10, decibels / 20)) }
        }
        if let noises {
            changed += ratios.map { with(noises.part(of: audio.count, using: &generator), in: audio, ratio: $0) }
        }
        changed += ratios.map { with(white(audio.count, using: &generator), in: audio, ratio: $0) }
        if recodes {
            changed.append(try recoded(audio, by: "libmp3lame", kilobits: 32, ending: "mp3"))
            changed.append(try recoded(audio, by: "libopus", kilobits: 16, ending: "opus"))
        }
        changed.append(telephone(audio))
        return changed.map { $0.map { (min(max($0, -1), 32767 / 32768) * 32768).rounded(.toNearestOrEven) / 32768 } }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }

    private static func scaled(_ audio: [Float], by factor: Double) -> [Float] { audio.map { $0 * Float(factor) } }

    private static func power(_ audio: [Float]) -> Double {
        audio.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, audio.count))
    }

    private static func with(_ noise: [Float], in speech: [Float], ratio: Int) -> [Float] {
        let gain = Float((power(speech) / (power(noise) + 1e-12) * pow(10, -Double(ratio) / 10)).squareRoot())
        return zip(speech, noise).map { $0 + gain * $1 }
    }

    /// Of normal distribution (Box & Muller 1958).
    private static func white(_ count: Int, using generator: inout SplitMix64) -> [Float] {
        (0..<count).map { _ in
            let radius = (-2 * log(Double.random(in: Double.leastNormalMagnitude..<1, using: &generator))).squareRoot()
            return Float(radius * cos(Double.random(in: 0..<2 * .pi, using: &generator)))
        }
    }

    /// What is left between 300 and 3400 Hz; each edge falls over an eighth of an octave.
    private static func telephone(_ audio: [Float]) -> [Float] {
        var size = 2
        while size < audio.count { size *= 2 }
        let fft = RealFFT(size: size)
        var signal = audio + [Float](repeating: 0, count: size - audio.count)
        var spectrum = [Float](repeating: 0, count: fft.spectrumCount)
        fft.forward(&signal, into: &spectrum)
        for bin in 0...size / 2 {
            let hertz = max(1, Double(bin) * Double(Audio.rate) / Double(size))
            func passes(_ edge: Double) -> Double { min(max(0.5 + 8 * log2(hertz / edge), 0), 1) }
            let gain = Float(passes(300) * (1 - passes(3400)))
            spectrum[2 * bin] *= gain
            spectrum[2 * bin + 1] *= gain
        }
        fft.inverse(&spectrum, into: &signal)
        return Array(signal.prefix(audio.count))
    }

    /// After a codec of FFmpeg's, in step.
    private static func recoded(_ audio: [Float], by codec: String, kilobits: Int, ending: String) throws -> [Float] {
        let folder = try ScratchFolder()
        let (wav, coded, back) = (
            folder.path(of: "in.wav"), folder.path(of: "coded.\(ending)"), folder.path(of: "back.wav")
        )
        var writer = try AudioFileWriter(path: wav, sampleRate: Audio.rate, encoding: .float32, replaces: true)
        try writer.write(audio[...])
        try writer.finish()
        let tool = ["ffmpeg", "-loglevel", "error", "-threads", "1", "-y", "-i", "{in}"]
        _ = try Command(words: tool + ["-c:a", codec, "-b:a", "\(kilobits)k", "{out}"]).run(from: wav, to: coded)
        _ = try Command(words: tool + ["-ar", "\(Audio.rate)", "-c:a", "pcm_f32le", "{out}"]).run(from: coded, to: back)
        let samples = try Audio.read(back).prefix(audio.count)
        return samples + [Float](repeating: 0, count: audio.count - samples.count)
    }

    /// Whether FFmpeg is here, with both codecs.
    static func canRecode() -> Bool {
        (try? changes(of: [Float](repeating: 0.01, count: Audio.rate), noises: nil, recodes: true, seed: 0)) != nil
    }
}

/// Recordings of noise, of which parts are drawn.
public struct Noises: Sendable {
    private let recordings: [[Float]]

    /// The recordings of a folder that are longer than a second and not silent.
    ///
    /// - Throws: `BenchmarkError` if it holds none, or what reading one of them throws.
    public init(folder: String) throws {
        var recordings: [[Float]] = []
        for name in try Folder.names(in: folder) {
            let url = URL(filePath: folder).appending(path: name)
            guard audioEndings.contains(url.pathExtension.lowercased()) else { continue }
            let audio = try Audio.read(url.path(percentEncoded: false))
            let power = audio.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(1, audio.count))
            if audio.count > Audio.rate, power > 1e-8 { recordings.append(audio) }
        }
        guard !recordings.isEmpty else {
            throw BenchmarkError("\(folder) holds no recordings of noise that are longer than a second")
        }
        self.recordings = recordings
    }

    /// So many samples from anywhere in one of them, which goes round.
    func part(of count: Int, using generator: inout some RandomNumberGenerator) -> [Float] {
        let recording = recordings[Int.random(in: recordings.indices, using: &generator)]
        let start = Int.random(in: recording.indices, using: &generator)
        return (0..<count).map { recording[(start + $0) % recording.count] }
    }
}
