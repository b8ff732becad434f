// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import TokenFile

/// `sotto stream decode` where packets are lost, late, damaged, foreign or none at all.
@Suite struct LossyStreamTests {
    let folder: TemporaryFolder
    /// A hello with a level, and 26 frames.
    let packets: [Data]
    /// Soft enough that no frame is too loud for 16 bits.
    let level: UInt8 = 30

    init() throws {
        folder = try TemporaryFolder()
        let tokens = try Tool.run("stream", "encode", input: PipeTests.audio).output
        let all = livePackets(tokens)
        packets = try [Self.hello(0, of: [UInt8](all[0][2..<10]), level: level)] + all.filter(hasCodes)
    }

    private func decode(_ packets: [Data], _ options: String...) throws -> Tool.Result {
        try Tool.run(Tool.binary, ["stream", "decode"] + options, input: Data(packets.joined()))
    }

    /// The hello of a sender whose next frame is that one.
    private func hello(_ frame: Int, of model: [UInt8]? = nil) throws -> Data {
        try Self.hello(frame, of: model ?? [UInt8](packets[0][2..<10]), level: level)
    }

    private static func hello(_ frame: Int, of model: [UInt8], level: UInt8) throws -> Data {
        let hello = LivePacket.hello(model: try ModelIdentity(model), nextFrame: frame, tellsLevels: true)
        let level = LivePacket.level(number: UInt8(truncatingIfNeeded: frame), level)
        return try Data(hello.bytes(bitsPerCode: 10) + level.bytes(bitsPerCode: 10))
    }

    /// Bytes of 16-bit samples that so many frames give, less what the decoder lags.
    private func bytes(_ frames: Int) -> Int { (frames * 1280 - 320) * 2 }

    // MARK: What is no stream of packets

    @Test func aTokenFileIsRefused() throws {
        let path = folder.path("x.sotto")
        #expect(try Tool.run("encode", Tool.sample("sermons.flac"), "-o", path).status == 0)
        let tokens = try Data(contentsOf: URL(filePath: path))
        let result = try decode([tokens])
        #expect(result.status == 65 && result.output.isEmpty && result.errors.count == 1)
        #expect(result.message == "sotto: this is a token file and not a stream of packets; use sotto decode\n")
        let tool = try LiveTool("stream", "decode")
        for byte in tokens.prefix(8) {
            try tool.send(Data([byte]))
            usleep(5000)
        }
        #expect(tool.finish().status == 65)
    }

    @Test func garbageIsRefused() throws {
        let garbage = (0..<50).map { Data("line \($0) of some text\n".utf8) }
        let result = try decode(garbage)
        #expect(result.status == 65 && result.output.isEmpty)
        #expect(result.message.split(separator: "\n").count == 2 && result.message.contains("no packets"))
    }

    // MARK: Statistics

    @Test func aPerfectStreamIsNotSpokenOf() throws {
        let result = try decode(packets)
        #expect(result.status == 0 && result.message.isEmpty && result.output.count == bytes(26))
    }

    @Test func lossesAreCountedInOneLine() throws {
        let garbage = Data("garbage".utf8)
        // Frame n is packet n + 1: 3 is lost, 8 is late, 10 comes twice.
        let order = [0, 1, 2, 3, 5, 6, 7, 8, 10, 9, 11, 11] + Array(12...26)
        let result = try decode(order.flatMap { [garbage, packets[$0]] })
        #expect(result.status == 0 && result.output.count == bytes(26))
        let wanted = "24 frames received, 2 lost, 0 repaired, 1 late, 1 duplicates, \(7 * order.count) garbage bytes"
        #expect(result.message == "sotto: \(wanted)\n")
    }

    @Test func whoAsksIsTold() throws {
        let tool = try LiveTool("stream", "decode")
        try tool.send(Data(packets[...4].joined()) + Data([1, 2, 3]))
        _ = try tool.read(bytes(4))
        kill(tool.process.processIdentifier, SIGUSR1)
        let line = try tool.readError(lines: 1)
        #expect(line == "sotto: 4 frames received, 0 lost, 0 repaired, 0 late, 0 duplicates, 3 garbage bytes\n")
        try tool.send(Data(packets[5...].joined()))
        try tool.endInput()
        #expect(try tool.read().count == bytes(26) - bytes(4) && tool.finish().status == 0)
    }

    // MARK: Losses

    /// 30 % lost and each packet up to three places late: what is heard takes as long as what was sent.
    @Test(arguments: 0..<4 as Range<UInt64>, [[], ["--fec"], ["--dtx"]]) func theDelayStays(
        seed: UInt64, options: [String]
    ) throws {
        var random = SeededGenerator(seed: seed)
        let speech = try Tool.run("decode", try encoded(), "-o", "-").output.dropFirst(44)
        let pause = Data(count: 64_000)
        let sent = try Tool.run(
            Tool.binary, ["stream", "encode"] + options, input: speech + pause + speech + pause + speech)
        let all = livePackets(sent.output)
        let tail = Array(all.suffix(20))
        let arriving = all.dropLast(20).enumerated().compactMap { place, packet in
            Double.random(in: 0..<1, using: &random) < 0.3
                ? nil : (place: Double(place) + Double.random(in: 0...3.5, using: &random), packet: packet)
        }
        let order = [all[0]] + arriving.sorted { $0.place < $1.place }.map(\.packet) + tail
        let (whole, heard) = (try decode(all), try decode(order))
        #expect(heard.status == 0 && heard.output.count == whole.output.count, "\(heard.message)")
        #expect(heard.message.split(separator: "\n").count == 1 && whole.message.isEmpty)
    }

    private func encoded() throws -> String {
        let path = folder.path("speech.sotto")
        _ = try Tool.run("encode", Tool.sample("campfire.flac"), "-o", path)
        return path
    }

    /// A gap of any length: the same samples from packets as from a file, in time, and silent once the voice has faded.
    @Test(arguments: [4, 16, 17, 18, 25, 26, 33, 60]) func aLongGapIsSilence(gap: Int) throws {
        let after = packets[11...].enumerated().map { index, packet -> Data in
            var bytes = [UInt8](packet.prefix(12))
            bytes[1] = UInt8(10 + gap + index)
            return Data(bytes + littleEndian(crc16(bytes)))
        }
        let live = try decode(Array(packets[...10]) + [hello(10 + gap)] + after)
        #expect(live.status == 0 && live.output.count == bytes(26 + gap))
        let heard = samples(Data(count: 44) + live.output)
        let silence = heard.prefix((10 + gap) * 1280 - 320).dropFirst(13 * 1280)
        let speech = heard.dropFirst((10 + gap) * 1280)
        #expect(silence.allSatisfy { $0 == 0 } && speech.contains { $0 != 0 })
        let file = try folder.write("gap.sotto", Data(try tokenFile(gap: gap)))
        let decoded = try Tool.run("decode", file, "-o", "-")
        let same = Array(samples(decoded.output).prefix(heard.count)) == heard
        #expect(decoded.status == 0 && same)
    }

    /// The same frames as a file.
    private func tokenFile(gap: Int) throws -> [UInt8] {
        var parser = try LivePacketParser(bitsPerCode: 10)
        let frames = parser.push(packets.joined()).compactMap {
            if case .frames(.codes(let codes)) = $0 { codes } else { nil }
        }
        let told = try TokenFileReader.read([UInt8](Data(contentsOf: URL(filePath: encoded())))).header
        let header = try TokenHeader(  // without levels
            model: told.model, sampleRate: told.sampleRate, frameRate: told.frameRate, counts: told.counts,
            bitsPerCode: told.bitsPerCode)
        func body(_ frames: ArraySlice<[UInt16]>, at first: Int) throws -> [UInt8] {
            var writer = TokenFileWriter(header: header)
            for codes in frames { #expect(try writer.append(codes).isEmpty) }
            let payload = try writer.finish(sampleCount: 0).end.dropLast(22).dropFirst(14)
            return chunk("F", UInt32(first), Array(payload))
        }
        let end = chunk("E", UInt32(26 + gap), littleEndian((26 + gap) * 1280))
        let levels = chunk("L", 0, [level, UInt8(26 + gap)])
        return try TokenFileWriter(header: told).start + body(frames[..<10], at: 0)
            + body(frames[10...], at: 10 + gap) + levels + end
    }

    /// Hours of loss from few bytes, in ten seconds of processor time and little memory.
    @Test func hoursOfLossCostNextToNothing() throws {
        let noise = Data(
            try LivePacket.noise(number: 27, try #require(ComfortNoise(levels: [UInt8](repeating: 80, count: 16))))
                .bytes(bitsPerCode: 10))
        for last in [packets[26], noise] {
            let stream = try Data((packets[...25] + [last]).joined()) + hello(44_026) + hello(88_026)
            let script = "ulimit -v 1200000; ulimit -t 10; exec \"$0\" stream decode | wc -c"
            let program = Tool.binary.path(percentEncoded: false)
            let result = try Tool.run(URL(filePath: "/bin/sh"), ["-c", script, program], input: stream)
            let count = Int(
                String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(count == bytes(88_026), "\(result.message)")
        }
    }

    // MARK: Models

    @Test func framesOfAForeignModelAreSilent() throws {
        let foreign = [UInt8](repeating: 7, count: 8)
        let again = try [hello(0)] + packets[1...]
        let result = try decode(packets + [hello(0, of: foreign)] + packets[1...] + again)
        let whole = try decode(packets).output
        #expect(result.status == 0 && result.output.count == bytes(78))
        #expect(result.message.split(separator: "\n").count == 1 && result.message.contains("0707070707070707"))
        #expect(result.output.prefix(whole.count) == whole)
        // The last 320 samples of what was made up lie before the frame that comes again.
        let (silence, speech) = (bytes(29)..<bytes(52), bytes(53)..<bytes(78))
        #expect(result.output[silence].allSatisfy { $0 == 0 } && result.output[speech].contains { $0 != 0 })
        for _ in 0..<2 {
            let nothing = try decode([hello(0, of: foreign)] + packets[1...])
            #expect(nothing.status == 65 && nothing.errors.count == 1 && nothing.message.contains("0707070707070707"))
        }
    }

    /// From then on their files are not needed.
    @Test func modelsAreLoadedOnce() throws {
        let (program, models) = (folder.path("bin/sotto"), folder.path("share/sotto"))
        for place in [folder.path("bin"), models] {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(at: Tool.binary, to: URL(filePath: program))
        for name in ["sotto-16k", "sotto-16k-6hz"] {
            let source = Tool.root.appending(path: "Models/\(name).safetensors")
            try FileManager.default.copyItem(at: source, to: URL(filePath: "\(models)/\(name).safetensors"))
        }
        let slow = try Tool.run("stream", "encode", "--model", "sotto-16k-6hz", input: PipeTests.audio).output
        let tool = try LiveTool("stream", "decode", binary: URL(filePath: program))
        let turn = Data(packets[...8].joined()) + beginning(of: slow, frames: 8)
        try tool.send(turn)
        // Frames of 80 ms and of 160 ms, each model's less its lag.
        let first = try tool.read((8 * 1280 - 320 + 8 * 2560 - 320) * 2)
        try FileManager.default.removeItem(atPath: models)
        for _ in 0..<3 { try tool.send(turn) }
        try tool.endInput()
        let rest = try tool.read()
        let (status, message) = tool.finish()
        #expect(status == 0 && message.isEmpty && rest == first + first + first, "\(message)")
    }

    // MARK: Harm

    @Test(arguments: 0..<12 as Range<UInt64>) func changedStreamsDoNoHarm(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let stream = (0..<4).flatMap { _ in packets }.map { packet -> Data in
            guard Int.random(in: 0..<3, using: &random) == 0 else { return packet }
            var bytes = [UInt8](packet)
            bytes[Int.random(in: 1..<bytes.count - 2, using: &random)] = .random(in: 0...255, using: &random)
            guard Bool.random(using: &random) else { return Data(bytes) }
            return Data(bytes.dropLast(2) + littleEndian(crc16(bytes.dropLast(2))))
        }
        let script = "ulimit -v 1200000; ulimit -t 10; exec \"$0\" stream decode >/dev/null"
        let program = Tool.binary.path(percentEncoded: false)
        let result = try Tool.run(URL(filePath: "/bin/sh"), ["-c", script, program], input: Data(stream.joined()))
        #expect(result.status == 0 && result.message.split(separator: "\n").count <= 2, "\(result.message)")
    }
}
