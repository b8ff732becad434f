// SPDX-License-Identifier: Apache-2.0

import AudioFile
import CSndfile
import Foundation
import SystemIO
import TestSupport
import Testing

/// What recorders, networks and people do to recordings, and what is said of it.
@Suite struct OddRecordingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(
        _ path: String, channel: Int? = nil
    ) throws -> (samples: [Float], warnings: [String], channelsCancel: Bool) {
        var reader = try AudioFileReader(path: path, channel: channel)
        var samples: [Float] = []
        while case let more = try reader.read(upTo: 999), !more.isEmpty { samples += more }
        return (samples, reader.warnings, reader.channelsCancel)
    }

    private func write(_ name: String, _ format: Int32, _ coding: Int32, count: Int = 5000) throws -> Data {
        let path = folder.path(name)
        try writeFile(
            path, format: Int(format) | Int(coding), rate: 16_000, channels: 1,
            samples: tone(300, rate: 16_000, count: count))
        return try Data(contentsOf: URL(filePath: path))
    }

    // MARK: Lengths that were never written

    /// The container, and where its length is behind the name of the chunk of samples.
    private static let containers: [(name: String, format: Int, mark: String, offset: Int, width: Int)] = [
        ("a.wav", SF_FORMAT_WAV, "data", 4, 4), ("b.wav", SF_FORMAT_WAVEX, "data", 4, 4),
        ("c.wav", SF_FORMAT_RF64, "ds64", 16, 8), ("a.w64", SF_FORMAT_W64, "data", 16, 8),
        ("a.aiff", SF_FORMAT_AIFF, "SSND", 4, 4), ("a.au", SF_FORMAT_AU, ".snd", 8, 4),
    ]

    @Test(arguments: containers.indices) func aRecorderThatWasKilledLeavesNoLength(index: Int) throws {
        let (name, format, mark, offset, width) = Self.containers[index]
        var data = try write(name, Int32(format), Int32(SF_FORMAT_PCM_16))
        let place = try #require(data.range(of: Data(mark.utf8))).lowerBound + offset
        for byte in place..<place + width { data[byte] = 0 }
        let (samples, warnings, _) = try read(try folder.write(name, data))
        #expect(samples.count == 5000)
        #expect(warnings.count == 1 && warnings[0].contains("never finished"))
    }

    @Test func aChunkThatIsEmptyIndeedIsNoSound() throws {
        let head = try write("a.wav", Int32(SF_FORMAT_WAV), Int32(SF_FORMAT_PCM_16), count: 0)
        let note = Data("LIST\u{4}\0\0\0INFO".utf8)
        for data in [head, head + note] {
            let (samples, warnings, _) = try read(try folder.write("b.wav", data))
            #expect(samples.isEmpty)
            #expect(warnings.count == 1 && warnings[0].contains("holds no samples"))
        }
    }

    @Test(arguments: [0x0001_0000, 0x6000_0000, 0xC000_0000]) func aWavThatClaimsMoreSaysHowMuchIsMissing(size: Int)
        throws
    {
        var data = try write("a.wav", Int32(SF_FORMAT_WAV), Int32(SF_FORMAT_PCM_16))
        let place = try #require(data.range(of: Data("data".utf8))).upperBound
        for byte in 0..<4 { data[place + byte] = UInt8(truncatingIfNeeded: size >> (8 * byte)) }
        let (samples, warnings, _) = try read(try folder.write("b.wav", data))
        #expect(samples.count == 5000)
        #expect(warnings.count == 1 && warnings[0].contains("cut off: \(size - 10_000) bytes"))
    }

    @Test func chunksBehindTheSamplesAreNoSamples() throws {
        let data = try write("a.wav", Int32(SF_FORMAT_WAV), Int32(SF_FORMAT_PCM_16))
        let (samples, warnings, _) = try read(try folder.write("b.wav", data + Data("LIST\u{4}\0\0\0INFO".utf8)))
        #expect(samples.count == 5000 && warnings.isEmpty)
    }

    // MARK: Nothing to read

    @Test(arguments: [
        ("....ftypM4A ....", "MP4"), ("\u{1A}E\u{DF}\u{A3}............", "WebM"), ("#!AMR\n..........", "AMR"),
        ("wvpk............", "WavPack"), ("MThd............", "MIDI"),
    ]) func foreignFormatsAreNamedWithTheWayOut(head: String, name: String) throws {
        let data = Data(head.unicodeScalars.map { UInt8($0.value) })
        let path = try folder.write("it's.mp3", data)
        let error = #expect(throws: AudioFileError.self) { try read(path) }
        #expect(error?.kind == .badData)
        let said = error?.description ?? ""
        #expect(said.contains(name) && said.contains("ffmpeg -i '") && said.contains("it'\\''s.wav'"))
        let piped = #expect(throws: AudioFileError.self) {
            _ = try AudioFileReader(path: path, name: "standard input")
        }
        #expect(piped?.description.contains("ffmpeg -i - -f wav -") == true)
        #expect(piped?.description.contains(folder.url.lastPathComponent) == false)
    }

    @Test func speexInOggIsNamed() throws {
        // A page that begins a stream: its checksum is that of these very bytes.
        var page = Data("OggS\0\u{2}".utf8) + Data(count: 8) + Data([1, 0, 0, 0]) + Data(count: 4)
        page += Data(count: 4) + Data([1, 8]) + Data("Speex   ".utf8)
        let sum = page.reduce(UInt32(0)) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte) << 24) { sum, _ in sum << 1 ^ (sum >> 31) * 0x04C1_1DB7 }
        }
        for byte in 0..<4 { page[22 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * byte)) }
        let path = try folder.write("a.ogg", page)
        let error = #expect(throws: AudioFileError.self) { try read(path) }
        #expect(error?.description.contains("Speex in Ogg") == true && error?.kind == .badData)
    }

    @Test func titlesAloneAreNoSound() throws {
        let tag = Data("ID3\u{4}\0\0\0\0\u{2}\0".utf8) + Data(count: 256)
        let error = #expect(throws: AudioFileError.self) { try read(try folder.write("a.mp3", tag)) }
        #expect(error == .nothingButTags(folder.path("a.mp3")))
    }

    @Test(arguments: ["OggS", "fLaC", "RIFF", "caff", "FORM", "ID3", "\u{FF}\u{FB}\u{90}\u{44}", ""])
    func whatOnlyBeginsLikeARecordingIsRefused(head: String) throws {
        let start = Data(head.unicodeScalars.map { UInt8($0.value) })
        for rest in [Data(), Data(count: 5000), Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) })] {
            let path = try folder.write("a.bin", start + rest)
            guard !(start + rest).isEmpty else { continue }
            let error = #expect(throws: AudioFileError.self, "\(head)") { try read(path) }
            #expect(error?.kind == .badData && error?.description.contains("\n") == false)
        }
    }

    // MARK: Channels

    private func writeStereo(_ left: [Float], _ right: [Float]) throws -> String {
        let path = folder.path("stereo.wav")
        var info = SF_INFO(
            frames: 0, samplerate: 16_000, channels: 2, format: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_FLOAT),
            sections: 0, seekable: 0)
        let file = try #require(sf_open(path, Int32(SFM_WRITE), &info))
        sf_writef_float(file, zip(left, right).flatMap { [$0, $1] }, sf_count_t(left.count))
        sf_close(file)
        return path
    }

    @Test func oneChannelCanBeTaken() throws {
        let (left, right) = (tone(300, rate: 16_000, count: 3000), tone(500, rate: 16_000, count: 3000))
        let path = try writeStereo(left, right)
        #expect(try read(path, channel: 1).samples == left)
        #expect(try read(path, channel: 2).samples == right)
        #expect(try read(path).samples == zip(left, right).map { ($0 + $1) / 2 })
        for none in [0, 3, -1] {
            let error = #expect(throws: AudioFileError.self) { try read(path, channel: none) }
            #expect(error == .noSuchChannel(none, of: 2))
        }
    }

    @Test func channelsThatCancelEachOtherAreNoted() throws {
        let left = tone(300, rate: 16_000, count: 3000)
        #expect(try read(try writeStereo(left, left.map { -$0 })).channelsCancel)
        #expect(try read(try writeStereo(left, left.map { -$0 }), channel: 1).channelsCancel == false)
        #expect(try read(try writeStereo(left, left)).channelsCancel == false)
        #expect(try read(try writeStereo(left, tone(500, rate: 16_000, count: 3000))).channelsCancel == false)
        #expect(try read(try writeStereo(left, [Float](repeating: 0, count: 3000))).channelsCancel == false)
        let silence = [Float](repeating: 0, count: 3000)
        #expect(try read(try writeStereo(silence, silence)).channelsCancel == false)
    }

    @Test func samplesFarBeyondFullScaleAreTold() throws {
        let loud = tone(300, rate: 16_000, count: 3000).map { $0 * 32768 }
        let warnings = try read(try writeStereo(loud, loud)).warnings
        #expect(warnings.count == 1 && warnings[0].contains("far beyond full scale, up to ±1.6"))
        // As codecs do it.
        let slightly = tone(300, rate: 16_000, count: 3000).map { $0 * 3 }
        #expect(try read(try writeStereo(slightly, slightly)).warnings.isEmpty)
    }

    // MARK: What is written

    @Test(arguments: ["a.wav", "a.flac"]) func aRecordingOfNoSamplesComesBackAsSuch(name: String) throws {
        var writer = try AudioFileWriter(
            path: folder.path(name), sampleRate: 22_050, encoding: .pcm16, replaces: false)
        try writer.write([])
        try writer.finish()
        var reader = try AudioFileReader(path: folder.path(name))
        #expect(reader.sampleRate == 22_050)
        #expect(try reader.read(upTo: 10).isEmpty)
        #expect(reader.warnings.count == 1 && reader.warnings[0].contains("no samples"))
    }

    @Test func whatIsTooLoudForTheFileIsCounted() throws {
        for (encoding, count) in [(AudioFileWriter.Encoding.pcm16, 3), (.float32, 0)] {
            var writer = try AudioFileWriter(
                path: folder.path("a.wav"), sampleRate: 22_050, encoding: encoding, replaces: true)
            try writer.write([0.5, 1.5, -1])
            try writer.write([-1.2, 1.01])
            #expect(writer.clipped == count)
            try writer.finish()
        }
    }
}
