// SPDX-License-Identifier: Apache-2.0

import AudioFile
import CSndfile
import Foundation
import SystemIO
import TestSupport
import Testing

/// A tone that starts and ends softly.
func tone(_ frequency: Double, rate: Int, count: Int) -> [Float] {
    (0..<count).map { i in
        let fade = min(1, Double(min(i, count - 1 - i)) / Double(rate) * 20)
        return Float(0.5 * fade * sin(2 * .pi * frequency * Double(i) / Double(rate)))
    }
}

func readAll(_ path: String, block: Int = 1000) throws -> [Float] {
    var reader = try AudioFileReader(path: path)
    var samples: [Float] = []
    while case let more = try reader.read(upTo: block), !more.isEmpty { samples += more }
    return samples
}

/// Writes any format that libsndfile knows, the same samples in each channel.
func writeFile(_ path: String, format: Int, rate: Int, channels: Int, samples: [Float]) throws {
    var info = SF_INFO()
    info.samplerate = Int32(rate)
    info.channels = Int32(channels)
    info.format = Int32(format)
    let file = try #require(sf_open(path, Int32(SFM_WRITE), &info), "\(String(cString: sf_strerror(nil)))")
    let interleaved = samples.flatMap { [Float](repeating: $0, count: channels) }
    #expect(sf_writef_float(file, interleaved, sf_count_t(samples.count)) == samples.count)
    sf_close(file)
}

@Suite struct AudioFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [8000, 16000, 44100, 192_000], [1, 2, 6]) func readsWavAndFlacAtAnyRate(rate: Int, channels: Int)
        throws
    {
        let samples = tone(440, rate: rate, count: rate / 4)
        for (name, kind) in [("a.wav", SF_FORMAT_WAV), ("a.flac", SF_FORMAT_FLAC), ("a.aiff", SF_FORMAT_AIFF)] {
            let path = folder.path(name)
            try writeFile(
                path, format: Int(kind) | Int(SF_FORMAT_PCM_16), rate: rate, channels: channels, samples: samples)
            let read = try readAll(path)
            #expect(read.count == samples.count)
            #expect(zip(read, samples).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test func readsCompressedFormats() throws {
        let samples = tone(440, rate: 48000, count: 48000)
        for (name, format) in [
            ("a.ogg", Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS)), ("a.opus", Int(SF_FORMAT_OGG) | Int(SF_FORMAT_OPUS)),
            ("a.mp3", Int(SF_FORMAT_MPEG) | Int(SF_FORMAT_MPEG_LAYER_III)),
        ] {
            let path = folder.path(name)
            try writeFile(path, format: format, rate: 48000, channels: 1, samples: samples)
            let read = try readAll(path)
            #expect(abs(read.count - samples.count) < 4000, "\(name)")
            let (energy, wanted) = (read.map { $0 * $0 }.reduce(0, +), samples.map { $0 * $0 }.reduce(0, +))
            #expect(abs(energy / wanted - 1) < 0.1, "\(name)")
        }
    }

    @Test func blocksDontMatter() throws {
        let path = folder.path("a.wav")
        try writeFile(
            path, format: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16), rate: 16000, channels: 2,
            samples: tone(300, rate: 16000, count: 5000))
        let whole = try readAll(path, block: 100_000)
        for block in [1, 160, 999] { #expect(try readAll(path, block: block) == whole) }
    }

    @Test func aCutWavGivesWhatIsThereAndSaysSo() throws {
        let path = folder.path("a.wav")
        try writeFile(
            path, format: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16), rate: 16000, channels: 1,
            samples: tone(300, rate: 16000, count: 5000))
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(44 + 4000).write(to: URL(filePath: path))
        var reader = try AudioFileReader(path: path)
        #expect(try reader.read(upTo: 10_000).count == 2000)
        #expect(reader.warnings.count == 1 && reader.warnings[0].contains("cut off"))
    }

    @Test func samplesThatAreNotNumbersBecomeSilence() throws {
        let path = folder.path("a.wav")
        try writeFile(
            path, format: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_FLOAT), rate: 16000, channels: 1,
            samples: [.nan, 0.5, .infinity, -0.25])
        var reader = try AudioFileReader(path: path)
        #expect(try reader.read(upTo: 10) == [0, 0.5, 0, -0.25])
        #expect(try reader.read(upTo: 10).isEmpty)
        #expect(reader.warnings.count == 1 && reader.warnings[0].contains("2 samples"))
    }

    @Test func badFilesAreRefused() throws {
        let (empty, text) = (folder.path("empty.wav"), folder.path("text.wav"))
        try Data().write(to: URL(filePath: empty))
        try Data("these are words, not sounds".utf8).write(to: URL(filePath: text))
        #expect(throws: SystemError.noSuchFile(folder.path("none"))) { try readAll(folder.path("none")) }
        #expect(throws: SystemError.isDirectory(folder.url.path)) { try readAll(folder.url.path) }
        #expect(throws: AudioFileError.empty(empty)) { try readAll(empty) }
        let error = #expect(throws: AudioFileError.self) { try readAll(text) }
        #expect(error?.kind == .badData && error?.description.contains("\n") == false)
    }

    @Test(arguments: ["a.wav", "b.FLAC"]) func whatIsWrittenComesBack(name: String) throws {
        let samples = tone(500, rate: 22050, count: 3000) + [1.5, -1.5, .nan]
        var writer = try AudioFileWriter(path: folder.path(name), sampleRate: 22050, encoding: .pcm16, replaces: false)
        try writer.write(samples)
        #expect(!folder.names.contains(name))
        try writer.finish()
        #expect(folder.names == [name])
        let read = try readAll(folder.path(name))
        #expect(zip(read, samples.dropLast(3)).allSatisfy { abs($0 - $1) <= 0.5 / 32768 })
        #expect(Array(read.suffix(3)) == [32767.0 / 32768, -1, 0])
    }

    @Test func nothingIsLostOrLeftBehind() throws {
        let path = folder.path("a.wav")
        try Data("precious".utf8).write(to: URL(filePath: path))
        #expect(throws: SystemError.fileExists(path)) {
            _ = try AudioFileWriter(path: path, sampleRate: 16000, encoding: .pcm16, replaces: false)
        }
        do {
            var abandoned = try AudioFileWriter(path: path, sampleRate: 16000, encoding: .float32, replaces: true)
            try abandoned.write([0, 1])
        }
        #expect(throws: AudioFileError.unsupportedExtension(folder.path("a.xyz"))) {
            _ = try AudioFileWriter(path: folder.path("a.xyz"), sampleRate: 16000, encoding: .pcm16, replaces: false)
        }
        #expect(throws: SystemError.noSuchFolder(folder.path("none/"))) {
            _ = try AudioFileWriter(
                path: folder.path("none/a.wav"), sampleRate: 16000, encoding: .pcm16, replaces: false)
        }
        #expect(folder.names == ["a.wav"])
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
    }

    /// FLAC holds not all sample rates that there are.
    @Test(arguments: [8000, 44_100, 65_535, 65_536, 65_537, 88_200, 96_001, 147_070, 147_072, 192_000])
    func aSampleRateIsWrittenOrRefused(rate: Int) throws {
        let path = folder.path("a.flac")
        do {
            var writer = try AudioFileWriter(path: path, sampleRate: rate, encoding: .pcm16, replaces: false)
            try writer.write([Float](repeating: 0.25, count: 5000))
            try writer.finish()
            var reader = try AudioFileReader(path: path)
            #expect(try reader.sampleRate == rate && reader.read(upTo: 6000).count == 5000)
        } catch {
            #expect(error as? AudioFileError == .rateInFLAC(rate) && rate > 65_535 && folder.names.isEmpty)
        }
    }

    @Test func aFullDiskIsNamed() {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let error = #expect(throws: SystemError.self) {
            try ByteSink(descriptor: full, name: "out").write([UInt8](repeating: 0, count: 1 << 16))
        }
        #expect(error?.description == "out can't be written: the disk is full")
    }
}
