// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Testing

@Suite struct PCMTests {
    @Test(arguments: PCMFormat.allCases, [1, 2, 3]) func comesBackInAnyChunking(format: PCMFormat, channels: Int) throws
    {
        let samples = tone(300, rate: 16000, count: 400)
        var encoder = try PCMEncoder(format: format, channels: channels)
        let bytes = encoder.encode(samples)
        #expect(bytes.count == 400 * channels * format.bytesPerSample)
        // Steps of G.711 are as large as a sixteenth of what they code.
        let tolerance: Float = format.bytesPerSample == 1 ? 1 / 64 : 0.5 / 32768
        for chunk in [1, 3, 7, 4096] {
            var decoder = try PCMDecoder(format: format, channels: channels)
            var read: [Float] = []
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                read += decoder.push(Array(bytes[start..<min(start + chunk, bytes.count)]))
            }
            #expect(decoder.danglingBytes == 0 && decoder.container == nil)
            #expect(read.count == 400 && zip(read, samples).allSatisfy { abs($0 - $1) <= tolerance })
        }
    }

    @Test func anUnfinishedSampleIsCounted() throws {
        var decoder = try PCMDecoder(format: .s16le, channels: 2)
        #expect(decoder.push([0, 0, 0, 0, 1, 2, 3]).count == 1)
        #expect(decoder.danglingBytes == 3)
    }

    @Test func telephoneCodesAreThoseOfTheStandard() throws {
        // ITU-T G.711's greatest and smallest values, on the scale of 16 bits.
        let known: [(PCMFormat, UInt8, Float)] = [
            (.mulaw, 0x00, -32124), (.mulaw, 0x80, 32124), (.mulaw, 0xFF, 0), (.mulaw, 0xFE, 8), (.mulaw, 0xEF, 132),
            (.alaw, 0x2A, -32256), (.alaw, 0xAA, 32256), (.alaw, 0xD5, 8), (.alaw, 0x55, -8), (.alaw, 0xC5, 264),
        ]
        for (format, code, sample) in known {
            var decoder = try PCMDecoder(format: format, channels: 1)
            #expect(decoder.push([code]) == [sample / 32768], "\(format) \(code)")
        }
    }

    @Test(arguments: [PCMFormat.alaw, .mulaw]) func everyTelephoneCodeComesBack(format: PCMFormat) throws {
        var decoder = try PCMDecoder(format: format, channels: 1)
        var encoder = try PCMEncoder(format: format, channels: 1)
        let codes = (0...255).map { UInt8($0) }
        let samples = decoder.push(codes)
        let again = encoder.encode(samples)
        // µ-law has two zeros, of which one is written.
        #expect(zip(codes, again).filter { $0 != $1 }.count == (format == .mulaw ? 1 : 0))
        // Between two neighbours, the nearer one is taken.
        let steps = Set(samples).sorted()
        for (low, high) in zip(steps, steps.dropFirst()) {
            let near = encoder.encode([low + (high - low) * 0.4, low + (high - low) * 0.6])
            #expect(decoder.push(near) == [low, high])
        }
    }

    @Test func whatIsTooLoudIsCounted() throws {
        for format in [PCMFormat.s16le, .alaw, .mulaw] {
            var encoder = try PCMEncoder(format: format, channels: 2)
            _ = encoder.encode([0.5, 1.2, -1, -1.1])
            _ = encoder.encode([3])
            #expect(encoder.clipped == 3, "\(format)")
        }
        var floating = try PCMEncoder(format: .f32le, channels: 1)
        _ = floating.encode([3])
        #expect(floating.clipped == 0)
    }

    @Test func samplesFarBeyondFullScaleAreCounted() throws {
        var encoder = try PCMEncoder(format: .f32le, channels: 1)
        var decoder = try PCMDecoder(format: .f32le, channels: 1)
        _ = decoder.push(encoder.encode([0.5, -1.5, 0.1]))
        #expect(decoder.warnings(name: "it").isEmpty)
        #expect(decoder.push(encoder.encode([19_000, .nan])) == [19_000, 0])
        let warnings = decoder.warnings(name: "it")
        #expect(warnings.count == 2)
        #expect(warnings.contains { $0.contains("1 samples far beyond full scale, up to ±1.9e+04") })
        #expect(warnings.contains { $0.contains("1 samples that are not numbers") })
    }

    @Test func channelsThatCancelEachOtherAreNoted() throws {
        var decoder = try PCMDecoder(format: .s16le, channels: 2)
        _ = decoder.push([0, 16, 0, 240, 0, 8, 0, 248, 0, 4, 0, 252])
        #expect(decoder.warnings(name: "it") == ["the channels of it cancel each other out"])
    }

    @Test(arguments: [
        ("RIFF....WAVEfmt ", "WAV"), ("fLaC............", "FLAC"), ("OggS............", "Ogg"),
        ("ID3.............", "MP3"),
        ("....ftypM4A ....", "MP4 (as .m4a files are)"), ("FORM....AIFF....", "AIFF, AU or CAF"),
    ]) func filesAreNoRawSamples(head: String, name: String) throws {
        for chunk in [1, 5, 100] {
            var decoder = try PCMDecoder(format: .s16le, channels: 1)
            let bytes = Array(head.utf8)
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                _ = decoder.push(Array(bytes[start...].prefix(chunk)))
            }
            #expect(decoder.container == name)
        }
    }
}
