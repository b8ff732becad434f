// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import TokenFile

/// The three jobs, on real speech.
@Suite struct PathTests {
    static let text = "That is acting like a good fellow, and they all formed a circle round the fire …"

    let folder: TemporaryFolder
    let tokens: String

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("speech.sotto")
        let result = try Tool.run("encode", Tool.sample("campfire.flac"), "-o", tokens, "--text", Self.text)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    @Test func aRecordingComesBackWithItsLengthAndItsLoudness() throws {
        #expect(try Tool.run("decode", tokens, "-o", folder.path("back.wav")).status == 0)
        let back = samples(try Data(contentsOf: URL(filePath: folder.path("back.wav"))))
        #expect(back.count == 76_400)
        #expect(Set(back).count > 1000)
        #expect(folder.names == ["back.wav", "speech.sotto"])
    }

    @Test(arguments: [8000, 11025, 22050, 44100, 48000]) func otherRatesComeBackWithTheirExactLength(rate: UInt32)
        throws
    {
        for count in [1, 12_345] {
            let audio = (0..<count).map { Int16(3000 * sin(Double($0) * 0.05)) }
            let input = try folder.write("in.wav", wav(audio, rate: rate))
            #expect(try Tool.run("encode", "--force", input, "-o", tokens).status == 0)
            #expect(try Tool.run("decode", "--force", tokens, "-o", folder.path("out.wav")).status == 0)
            let output = try Data(contentsOf: URL(filePath: folder.path("out.wav")))
            #expect(samples(output).count == count)
            #expect(output[24..<28] == withUnsafeBytes(of: rate.littleEndian) { Data($0) })
        }
    }

    @Test(arguments: 1...8) func fewerCodebooksDecode(count: Int) throws {
        let fewer = folder.path("fewer.sotto")
        #expect(
            try Tool.run("encode", Tool.sample("campfire.flac"), "-o", fewer, "--codes", "\(count)").status == 0)
        #expect(try Tool.run("decode", fewer, "-o", folder.path("a.wav")).status == 0)
        #expect(
            try Tool.run("decode", tokens, "--no-text", "--codes", "\(count)", "-o", folder.path("b.wav")).status
                == 0)
        let decoded = try ["a.wav", "b.wav"].map { try Data(contentsOf: URL(filePath: folder.path($0))) }
        #expect(decoded.allSatisfy { samples($0).count == 76_400 })
        // Fewer codes are searched to be all there are: they needn't begin the best eight.
        #expect((decoded[0] == decoded[1]) == (count == 8))
    }

    @Test func standardInputAndOutputServeAsFiles() throws {
        let audio = try Data(contentsOf: URL(filePath: Tool.sample("campfire.flac")))
        let encoded = try Tool.run("encode", "-", "-o", "-", input: audio)
        let decoded = try Tool.run("decode", "-", "-o", "-", input: encoded.output)
        #expect(encoded.status == 0 && decoded.status == 0, "\(encoded.message)\(decoded.message)")
        #expect(samples(decoded.output).count == 76_400)
    }

    @Test func aStreamHasTheTokensOfTheFile() throws {
        #expect(try Tool.run("decode", tokens, "-o", folder.path("file.wav")).status == 0)
        let file = samples(try Data(contentsOf: URL(filePath: folder.path("file.wav"))))
        let input = try folder.write("in.wav", wav(file))
        #expect(try Tool.run("encode", input, "-o", folder.path("second.sotto")).status == 0)
        #expect(try Tool.run("decode", folder.path("second.sotto"), "-o", folder.path("second.wav")).status == 0)
        let wanted = samples(try Data(contentsOf: URL(filePath: folder.path("second.wav"))))
        let live = try Tool.run("stream", "encode", input: wav(file).dropFirst(44))
        let heard = try Tool.run("stream", "decode", input: live.output)
        #expect(live.status == 0 && heard.status == 0 && live.message.isEmpty && heard.message.isEmpty)
        let streamed = samples(Data(count: 44) + heard.output)
        let same = Array(streamed.prefix(wanted.count)) == wanted
        #expect(same)
    }

    @Test func aSenderMayStartAfresh() throws {
        let audio = wav((0..<60_000).map { Int16(3000 * sin(Double($0) * 0.05)) }).dropFirst(44)
        let live = try Tool.run("stream", "encode", input: Data(audio)).output
        let (once, twice) = (
            try Tool.run("stream", "decode", input: live), try Tool.run("stream", "decode", input: live + live)
        )
        #expect(twice.status == 0 && twice.message.isEmpty, "\(twice.message.prefix(500))")
        #expect(twice.output.count == 2 * once.output.count + 640, "only the first begins with the delay left out")
    }

    @Test func whoJoinsMidStreamHearsItFadeIn() throws {
        let audio = samples(try Tool.run("decode", tokens, "-o", "-").output)
        let live = try Tool.run("stream", "encode", input: wav(audio).dropFirst(44)).output
        let whole = try samples(Data(count: 44) + Tool.run("stream", "decode", input: live).output)
        func peak(_ part: ArraySlice<Int16>) -> Int { part.lazy.map { abs(Int($0)) }.max() ?? 0 }
        let packets = livePackets(live)
        let places = packets.indices.filter { hasCodes(packets[$0]) }
        for frame in 1..<50 {
            // It knows the level, as after any hello.
            let told = try #require(packets[..<places[frame]].last { $0.first == 0xB6 })
            let level = try LivePacket.level(number: UInt8(frame), told[2]).bytes(bitsPerCode: 10)
            let rest = Data(packets[places[frame]...].joined())
            let joined = try Tool.run("stream", "decode", input: Data(level) + rest)
            #expect(joined.status == 0 && joined.message.isEmpty)
            let heard = samples(Data(count: 44) + joined.output)
            #expect(heard.count == whole.count - frame * 1280)
            let right = max(328, peak(whole[(frame * 1280)...].prefix(16_000)))
            #expect(peak(heard.prefix(16_000)) * 100 < right * 141, "from frame \(frame)")
            #expect(peak(heard.prefix(960)) * 4 < right, "it fades in")
        }
    }

    @Test func framesLostAloneAreHeardCoarsely() throws {
        let audio = samples(wav((0..<64000).map { Int16(5000 * sin(Double($0) * 0.06)) }))
        let plain = try Tool.run("stream", "encode", input: wav(audio).dropFirst(44)).output
        let live = try Tool.run("stream", "encode", "--fec", input: wav(audio).dropFirst(44)).output
        let (heard, wanted) = (
            try Tool.run("stream", "decode", input: live), try Tool.run("stream", "decode", input: plain)
        )
        #expect(heard.status == 0 && heard.output == wanted.output)
        // The first frame without one before it, and then packets of 16 bytes; the tenth frame is lost.
        var packets = livePackets(live)
        #expect(packets.filter(hasCodes).map(\.count) == [14] + [Int](repeating: 16, count: 50))
        packets.remove(at: packets.indices.filter { hasCodes(packets[$0]) }[9])
        let lossy = try Tool.run("stream", "decode", input: Data(packets.joined()))
        #expect(lossy.status == 0 && lossy.output.count == wanted.output.count)
        let counts = "50 frames received, 0 lost, 1 repaired, 0 late, 0 duplicates, 0 garbage bytes"
        #expect(lossy.message == "sotto: \(counts)\n")
        let (before, after) = (8 * 1280 * 2, 20 * 1280 * 2)
        #expect(lossy.output.prefix(before) == wanted.output.prefix(before))
        #expect(lossy.output[before..<after] != wanted.output[before..<after])
    }

    @Test func aStreamSurvivesDamage() throws {
        let audio = samples(wav((0..<64000).map { Int16(5000 * sin(Double($0) * 0.06)) }))
        var live = try Tool.run("stream", "encode", input: wav(audio).dropFirst(44)).output
        live.replaceSubrange(200..<230, with: Data(repeating: 0x55, count: 17))
        let heard = try Tool.run("stream", "decode", input: live.dropFirst(7))
        #expect(heard.status == 0)
        #expect(heard.output.count > 50_000 * 2 && !heard.message.contains(" 0 garbage bytes"))
    }

    @Test func inspectTellsWhatIsInside() throws {
        let json = try Tool.run("inspect", tokens, "--json", "--verify")
        #expect(json.status == 0)
        let told = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        #expect(told["frames"] as? Int == 60 && told["codebooks"] as? Int == 8 && told["samples"] as? Int == 76_400)
        #expect(told["text"] as? [String] == [Self.text] && told["bits_per_second"] as? Double == 1000)
        #expect(told["paced"] as? [Bool] == [true])
        #expect(try Tool.run("inspect", tokens).status == 0)
    }

    @Test func anIndependentReaderAgreesWithExport() throws {
        let python = URL(filePath: "/usr/bin/env")
        let reader = Tool.root.appending(path: "Tests/read_tokens.py").path(percentEncoded: false)
        let read = try Tool.run(python, ["python3", reader, tokens])
        let lines = read.message.split(separator: "\n").filter { !$0.hasPrefix("levels ") }
        #expect(read.status == 0 && lines.count == 2 && lines[0] == "text: \(Self.text)")
        let timing = lines[1].split(separator: " ").compactMap { Int($0) }
        // 77 letters and spaces, and the end of them.
        #expect(timing.count == 60 && (70...78).contains(timing.reduce(0, +)))
        for ending in ["csv", "json", "npy"] {
            #expect(try Tool.run("export", tokens, "-o", folder.path("codes.\(ending)")).status == 0)
        }
        #expect(try Data(contentsOf: URL(filePath: folder.path("codes.csv"))) == read.output)
        let rows = numbers(read.output)
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.path("codes.json"))))
        #expect(json as? [[Int]] == rows && rows.count == 60)
        let npy = try Data(contentsOf: URL(filePath: folder.path("codes.npy")))
        #expect(npy.count % 64 == 60 * 8 * 2 % 64 && npy.starts(with: [0x93] + Array("NUMPY".utf8)))
        let words = stride(from: npy.count - 960, to: npy.count, by: 2).map { Int(npy[$0]) | Int(npy[$0 + 1]) << 8 }
        #expect(words == rows.flatMap { $0 })
    }

    @Test func severalInputsGoIntoAFolder() throws {
        let (a, b) = (Tool.sample("sermons.flac"), Tool.sample("strikes.flac"))
        #expect(try Tool.run("encode", a, b, "-o", folder.url.path).status == 0)
        #expect(folder.names == ["sermons.sotto", "speech.sotto", "strikes.sotto"])
        #expect(try Tool.run("encode", a, b, "-o", folder.path("one.sotto")).status == 64)
        #expect(try Tool.run("encode", a, a, "-o", folder.url.path, "--force").status == 64)
    }

    @Test func theModelIsFoundWhereverTheProgramIsPut() throws {
        let files = FileManager.default
        for part in ["bin", "share/sotto"] {
            try files.createDirectory(atPath: folder.path(part), withIntermediateDirectories: true)
        }
        let moved = URL(filePath: folder.path("bin/sotto"))
        try files.copyItem(at: Tool.binary, to: moved)
        let model = Tool.root.appending(path: "Models/sotto-16k.safetensors")
        let arguments = ["encode", Tool.sample("sermons.flac"), "-o", folder.path("moved.sotto")]
        let alone = try Tool.run(moved, arguments, in: folder.url)
        #expect(alone.status == 66 && alone.errors.count == 1 && alone.message.contains("--model"))
        try files.copyItem(at: model, to: URL(filePath: folder.path("share/sotto/sotto-16k.safetensors")))
        #expect(try Tool.run(moved, arguments, in: URL(filePath: "/")).status == 0)
    }
}
