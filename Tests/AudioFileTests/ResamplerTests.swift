// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Testing

@Suite struct ResamplerTests {
    private func resample(_ samples: [Float], _ from: Int, _ to: Int, chunk: Int) throws -> [Float] {
        var resampler = try Resampler(from: from, to: to)
        var output: [Float] = []
        for start in stride(from: 0, to: samples.count, by: chunk) {
            output += try resampler.process(Array(samples[start..<min(start + chunk, samples.count)]))
        }
        return try output + resampler.finish()
    }

    @Test(arguments: [8000, 11025, 22050, 44100, 48000, 96000, 192_000]) func keepsTimeAndLength(rate: Int) throws {
        for count in [1, 100, rate / 3] {
            let output = try resample(tone(400, rate: rate, count: count), rate, 16000, chunk: 777)
            #expect(output.count == Int((Double(count) * 16000 / Double(rate)).rounded()))
        }
        let output = try resample(tone(400, rate: rate, count: rate), rate, 16000, chunk: 4096)
        let wanted = tone(400, rate: 16000, count: 16000)
        #expect(zip(output, wanted).allSatisfy { abs($0 - $1) < 2e-3 })
    }

    @Test(arguments: [1, 160, 1000]) func chunksDontMatter(chunk: Int) throws {
        let samples = tone(700, rate: 44100, count: 9000)
        let whole = try resample(samples, 44100, 16000, chunk: samples.count)
        #expect(try resample(samples, 44100, 16000, chunk: chunk) == whole)
    }

    @Test func equalRatesChangeNothing() throws {
        let samples = tone(700, rate: 16000, count: 999)
        #expect(try resample(samples, 16000, 16000, chunk: 10) == samples)
    }

    @Test func impossibleRatesAreRefused() {
        for rate in [-1, 0, 7999, 192_001] {
            #expect(throws: AudioFileError.unsupportedRate(rate)) { _ = try Resampler(from: rate, to: 16000) }
        }
    }
}
