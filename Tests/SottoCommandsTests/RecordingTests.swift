// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Recordings that are odd, through the program: what it says, its status, and that nothing is left behind.
@Suite struct RecordingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Two seconds of a voice-like buzz.
    private static let buzz = (0..<32_000).map { (index: Int) -> Int16 in
        Int16(6000 * sin(Double(index % 133) * 0.3) * sin(Double(index) * 0.0006))
    }

    /// A WAV of two channels, of which the second one holds the first one's negative.
    private static let antiphase: Data = {
        var data = wav(buzz.flatMap { [$0, -$0] })
        data[22] = 2
        return data
    }()

    private func encode(_ data: Data, _ options: String..., name: String = "in.wav") throws -> Tool.Result {
        let path = try folder.write(name, data)
        return try Tool.run(Tool.binary, ["encode", path, "--force", "-o", folder.path("out.sotto")] + options)
    }

    private var tokens: Data { get throws { try Data(contentsOf: URL(filePath: folder.path("out.sotto"))) } }

    @Test func standardInputIsReadAsTheFileIs() throws {
        let flac = try Data(contentsOf: URL(filePath: Tool.sample("sermons.flac")))
        // Cut off, and damaged before that.
        var bad = flac.prefix(flac.count * 2 / 3)
        bad[bad.count / 2] ^= 1
        for data in [flac, bad, wav(Self.buzz), wav(Self.buzz).prefix(30_000)] {
            let named = try encode(data, name: "in.\(data.prefix(4) == Data("fLaC".utf8) ? "flac" : "wav")")
            let piped = try Tool.run("encode", "-", "-o", "-", input: data)
            #expect(named.status == 0 && piped.status == 0, "\(piped.message)")
            // The header of a file is written again when its length is known.
            #expect(try tokens.dropFirst(64) == piped.output.dropFirst(64))
            let said = piped.message.split(separator: "\n")
            #expect(said.count == named.message.split(separator: "\n").count)
            #expect(said.allSatisfy { $0.hasPrefix("sotto: warning: standard input is ") }, "\(said)")
        }
    }

    @Test func whatCantBeReadLeavesNothing() throws {
        let flac = try Data(contentsOf: URL(filePath: Tool.sample("sermons.flac")))
        for (data, reason) in [
            (flac.prefix(100), "promises"), (Data("....ftypM4A ....".utf8), "ffmpeg -i"),
            (Data("OggS".utf8), "nothing"),
            (Data("ID3\u{4}\0\0\0\0\u{2}\0".utf8) + Data(count: 256), "no audio"),
        ] {
            let result = try encode(data, name: "in.mp3")
            #expect(
                result.status == 65 && result.errors.count == 1 && result.message.contains(reason), "\(result.message)")
            #expect(folder.names == ["in.mp3"])
            let piped = try Tool.run("encode", "-", "-o", folder.path("out.sotto"), input: data)
            #expect(piped.status == 65 && piped.message.contains("standard input"), "\(piped.message)")
            #expect(folder.names == ["in.mp3"])
        }
    }

    @Test func channelsThatCancelEachOtherAreToldWithTheWayOut() throws {
        let mixed = try encode(Self.antiphase)
        #expect(
            mixed.status == 0 && mixed.message.contains("cancel each other out")
                && mixed.message.contains("--channel 1"))
        #expect(try encode(wav(Self.buzz)).message.isEmpty)
        let wanted = try tokens
        let left = try encode(Self.antiphase, "--channel", "1")
        #expect(left.status == 0 && left.message.isEmpty)
        #expect(try tokens == wanted)
        // Tokens don't tell a sound from its negative.
        var stereo = wav(zip(Self.buzz, Self.buzz.reversed()).flatMap { [$0, $1] })
        stereo[22] = 2
        #expect(try encode(stereo, "--channel", "2").message.isEmpty)
        let right = try tokens
        #expect(right != wanted)
        #expect(try encode(wav(Self.buzz.reversed())).message.isEmpty)
        #expect(try tokens == right)
        for none in ["0", "3"] {
            let result = try encode(Self.antiphase, "--channel", none)
            #expect(result.status == 64 && result.errors.count == 1 && result.message.contains("has 2"))
        }
    }

    @Test(arguments: ["wav", "flac"]) func aRecordingOfNoSamplesComesBackAsSuch(ending: String) throws {
        let empty = try encode(wav([]))
        #expect(empty.status == 0 && empty.message.contains("holds no samples"))
        let decoded = folder.path("decoded.\(ending)")
        #expect(try Tool.run("decode", folder.path("out.sotto"), "-o", decoded).message.isEmpty)
        let again = try Tool.run("encode", decoded, "-o", folder.path("again.sotto"))
        #expect(again.status == 0 && again.message.contains("holds no samples"))
    }

    @Test func whatIsTooLoudToBeHeardIsTold() throws {
        let loud = Self.buzz.map { Int16(clamping: Int($0) * 40) }
        #expect(try encode(wav(loud)).message.isEmpty)
        let output = folder.path("out.wav")
        let clipped = try Tool.run("decode", folder.path("out.sotto"), "-o", output)
        #expect(clipped.status == 0 && clipped.message.contains("too loud for 16 bits"), "\(clipped.message)")
        #expect(try Tool.run("decode", "--force", "--float", folder.path("out.sotto"), "-o", output).message.isEmpty)
        let packets = try Tool.run("stream", "encode", input: loud.withUnsafeBytes { Data($0) }).output
        let live = try Tool.run("stream", "decode", input: packets)
        #expect(live.status == 0 && live.message.contains("too loud for 16 bits"))
        #expect(live.message.split(separator: "\n").count == 1)
        #expect(try Tool.run("stream", "decode", "--format", "f32le", input: packets).message.isEmpty)
    }

    @Test func filesAndWrongScalesInStreamsAreTold() throws {
        let file = try Tool.run("stream", "encode", input: wav(Self.buzz))
        #expect(file.status == 0 && file.message.contains("begins like a file (WAV)"))
        #expect(file.message.split(separator: "\n").count == 1)
        let floats = Self.buzz.map { Float($0) }.withUnsafeBytes { Data($0) }
        let scaled = try Tool.run("stream", "encode", "--format", "f32le", input: floats)
        #expect(scaled.status == 0 && scaled.message.contains("far beyond full scale"))
        #expect(scaled.message.split(separator: "\n").count == 1)
        #expect(try Tool.run("stream", "encode", input: wav(Self.buzz).dropFirst(44)).message.isEmpty)
    }

    @Test(arguments: ["alaw", "mulaw"]) func telephoneSamplesGoThroughStreams(format: String) throws {
        let raw = wav(Self.buzz).dropFirst(44)
        let packets = try Tool.run("stream", "encode", input: raw).output
        let coded = try Tool.run("stream", "decode", "--format", format, "--rate", "8000", input: packets)
        #expect(coded.status == 0 && coded.message.isEmpty)
        let plain = try Tool.run("stream", "decode", "--rate", "8000", input: packets).output
        #expect(coded.output.count == plain.count / 2)
        let again = try Tool.run("stream", "encode", "--format", format, "--rate", "8000", input: coded.output)
        #expect(again.status == 0 && again.message.isEmpty)
        #expect(livePackets(again.output).count(where: hasCodes) == livePackets(packets).count(where: hasCodes))
    }
}
