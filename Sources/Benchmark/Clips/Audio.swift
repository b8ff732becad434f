// SPDX-License-Identifier: Apache-2.0

import AudioFile

/// Whole recordings at the rate that everything is compared at.
enum Audio {
    static let rate = 16000

    /// Mono, at 16 kHz.
    static func read(_ path: String) throws -> [Float] {
        var reader = try AudioFileReader(path: path)
        var resampler = try Resampler(from: reader.sampleRate, to: rate)
        var samples: [Float] = []
        while case let block = try reader.read(upTo: reader.sampleRate), !block.isEmpty {
            samples += try resampler.process(block)
        }
        return samples + (try resampler.finish())
    }

    static func write(_ samples: [Float], to path: String, sampleRate: Int) throws {
        var resampler = try Resampler(from: rate, to: sampleRate)
        var writer = try AudioFileWriter(path: path, sampleRate: sampleRate, encoding: .pcm16, replaces: true)
        try writer.write(resampler.process(samples))
        try writer.write(resampler.finish())
        try writer.finish()
    }
}
