// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `sotto stream` among other programs: what it does when they stall, stop, go away or are stopped.
@Suite(.serialized) struct PipeTests {
    /// Two seconds of a tone that rises.
    static let audio = Data(wav((0..<32_000).map { Int16(8000 * sin(Double($0) * Double($0) * 3e-6)) }).dropFirst(44))
    let tokens: Data
    let speech: Data

    init() throws {
        tokens = try Tool.run("stream", "encode", input: Self.audio).output
        speech = try Tool.run("stream", "decode", input: tokens).output
        #expect(livePackets(tokens).count(where: hasCodes) == 26 && speech.count == (26 * 1280 - 320) * 2)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsTheEncoderInOrder(number: Int32) throws {
        let tool = try LiveTool("stream", "encode")
        try tool.send(Self.audio)
        // All that came is under way when the first frames are out.
        let first = try tool.read(beginning(of: tokens, frames: 25).count)
        kill(tool.process.processIdentifier, number)
        #expect(try first + tool.read() == tokens)
        #expect(tool.finish() == (128 + number, ""))
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsTheDecoderInOrder(number: Int32) throws {
        let tool = try LiveTool("stream", "decode")
        try tool.send(tokens.prefix(beginning(of: tokens, frames: 10).count + 3))
        let first = try tool.read(1920)
        kill(tool.process.processIdentifier, number)
        #expect(try first + tool.read() == speech.prefix((10 * 1280 - 320) * 2))
        #expect(tool.finish() == (128 + number, ""))
    }

    @Test func aSecondSignalEndsItAtOnce() throws {
        let tool = try LiveTool("stream", "decode")
        // More than a pipe holds, which nobody reads: the first signal can't be followed yet.
        try tool.send(tokens + tokens + tokens)
        _ = try tool.read(1)
        while tool.process.isRunning {
            kill(tool.process.processIdentifier, SIGTERM)
            usleep(50_000)
        }
        #expect(tool.finish().status == -SIGTERM)
    }

    @Test(arguments: ["encode", "decode"]) func itLeavesQuietlyWhenItsReaderHasGone(direction: String) throws {
        let tool = try LiveTool("stream", direction)
        try tool.closeOutput()
        let input = direction == "encode" ? Self.audio : tokens
        for _ in 0..<1000 where tool.process.isRunning { guard (try? tool.send(input)) != nil else { break } }
        #expect(tool.finish() == (128 + SIGPIPE, ""))
    }

    @Test func theFirstAudioLeavesWithTheFirstTokens() throws {
        let tool = try LiveTool("stream", "decode")
        for frame in 0..<4 {
            let sent = beginning(of: tokens, frames: frame).count
            try tool.send(beginning(of: tokens, frames: frame + 1).dropFirst(sent))
            // The very first frame is short of the 320 samples of the delay.
            let from = frame == 0 ? 0 : (frame * 1280 - 320) * 2
            let expected = speech[from..<((frame + 1) * 1280 - 320) * 2]
            #expect(try tool.read(expected.count) == expected)
        }
        try tool.endInput()
        #expect(tool.finish().status == 0)
    }

    @Test func theFirstTokensLeaveWithTheirLastSample() throws {
        let tool = try LiveTool("stream", "encode")
        try tool.send(Self.audio.prefix(2560))
        let first = beginning(of: tokens, frames: 1)
        #expect(try tool.read(first.count) == first)
        try tool.endInput()
        #expect(tool.finish().status == 0)
    }

    @Test(arguments: [0, 1, 2] as [UInt64]) func anyCutsAndStallsGiveTheSame(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for (direction, input, wanted) in [("encode", Self.audio, tokens), ("decode", tokens, speech)] {
            let tool = try LiveTool("stream", direction)
            var rest = input
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...max(1, input.count / 8), using: &random))
                try tool.send(part)
                rest = rest.dropFirst(part.count)
                if Bool.random(using: &random) { usleep(20_000) }
            }
            try tool.endInput()
            #expect(try tool.read() == wanted)
            #expect(tool.finish() == (0, ""))
        }
    }

    @Test func aSlowReaderGetsEverything() throws {
        let tool = try LiveTool("stream", "decode")
        try tool.send(tokens)
        try tool.endInput()
        var heard = Data()
        while case let part = try tool.read(5001), !part.isEmpty {
            heard += part
            usleep(10_000)
        }
        #expect(heard == speech)
        #expect(tool.finish() == (0, ""))
    }

    @Test func anInputThatStopsInsideASampleKeepsTheWholeOnes() throws {
        let result = try Tool.run("stream", "encode", input: Self.audio + Data([7]))
        #expect(result.status == 0 && result.output == tokens)
        #expect(result.errors.isEmpty && result.message.contains("1 bytes"))
        let cut = try Tool.run("stream", "decode", input: tokens.dropLast(3))
        #expect(cut.status == 0 && cut.output == speech.prefix((25 * 1280 - 320) * 2))
    }

    @Test func nothingInGivesNothingOut() throws {
        for direction in ["encode", "decode"] {
            let result = try Tool.run("stream", direction)
            #expect(result.status == 0 && result.output.isEmpty && result.message.isEmpty)
        }
    }

    @Test(
        arguments: [8000, 11_025, 44_100, 48_000, 192_000], [(1, "s16le"), (2, "s16le"), (2, "f32le"), (3, "f32le")])
    func anyRateAndChannels(rate: Int, kind: (channels: Int, format: String)) throws {
        let (channels, format) = kind
        let width = format == "s16le" ? 2 : 4
        let options = ["--rate", "\(rate)", "--channels", "\(channels)", "--format", format]
        var input = Data()
        for i in 0..<rate {
            let sample = 0.2 * sin(Double(i) * 2 * .pi * 200 / Double(rate))
            for _ in 0..<channels {
                if width == 2 {
                    withUnsafeBytes(of: Int16(sample * 32768).littleEndian) { input.append(contentsOf: $0) }
                } else {
                    withUnsafeBytes(of: Float(sample).bitPattern.littleEndian) { input.append(contentsOf: $0) }
                }
            }
        }
        let live = try Tool.run(Tool.binary, ["stream", "encode"] + options, input: input)
        let heard = try Tool.run(Tool.binary, ["stream", "decode"] + options, input: live.output)
        #expect(live.status == 0 && heard.status == 0, "\(live.message)\(heard.message)")
        #expect(livePackets(live.output).count(where: hasCodes) == 13)
        #expect(heard.output.count == Int((Double((13 * 1280 - 320) * rate) / 16000).rounded()) * channels * width)
        let size = width * channels
        let first = stride(from: 0, to: heard.output.count, by: size).map { heard.output[$0..<$0 + width] }
        let last = stride(from: 0, to: heard.output.count, by: size).map {
            heard.output[$0 + size - width..<$0 + size]
        }
        #expect(first.elementsEqual(last) { $0.elementsEqual($1) }, "every channel is the same")
    }

    /// More of them than there are cores, so that each waits for the others in other places.
    @Test func tokensAreTheSameUnderLoad() throws {
        let count = max(4, 2 * ProcessInfo.processInfo.activeProcessorCount)
        let tools = try (0..<count).map { _ in try LiveTool("stream", "encode") }
        for tool in tools { try tool.send(Self.audio) }
        for tool in tools {
            try tool.endInput()
            #expect(try tool.read() == tokens)
            #expect(tool.finish() == (0, ""))
        }
    }

    @Test func pausesCostNextToNothing() throws {
        // Two seconds of a tone that swells like speech, ten of the background alone, two of the tone again.
        let audio = (0..<224_000).map { (i: Int) -> Int16 in
            let isPause = (32_000..<192_000).contains(i)
            let tone: Double = isPause ? 0 : 8000 * sin(Double(i) * 0.05) * pow(sin(Double(i) * 0.001), 2)
            return Int16(i % 7 * 3) + Int16(tone)
        }
        let input = audio.withUnsafeBytes { Data($0) }
        let plain = try Tool.run("stream", "encode", input: input)
        let sparse = try Tool.run("stream", "encode", "--dtx", input: input)
        #expect(plain.status == 0 && sparse.status == 0)
        // Ten seconds less 320 ms, of which little is left.
        #expect(sparse.output.count < plain.output.count - 110 * 14 + 300)
        let heard = try Tool.run("stream", "decode", input: sparse.output)
        let whole = try Tool.run("stream", "decode", input: plain.output)
        #expect(heard.message.isEmpty && heard.output.count == whole.output.count)
        #expect([UInt8](heard.output.prefix(60_000)) == [UInt8](whole.output.prefix(60_000)))
    }

    @Test(.enabled(if: isInstalled("ffmpeg"), "ffmpeg is not installed")) func ffmpegOnBothSides() throws {
        let folder = try TemporaryFolder()
        try shell(
            """
            ffmpeg -loglevel error -i '\(Tool.sample("campfire.flac"))' -f s16le - | "$SOTTO" stream encode \
                | "$SOTTO" stream decode | ffmpeg -loglevel error -y -f s16le -ar 16000 -ac 1 -i - live.wav
            """, in: folder)
        let size = try Data(contentsOf: URL(filePath: folder.path("live.wav"))).count
        #expect(size > 76_400 * 2 && size < (76_400 + 1600) * 2 + 200)
    }

    @Test(.enabled(if: isInstalled("sox"), "sox is not installed")) func soxOnBothSides() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("in.wav", wav((0..<44_100).map { Int16($0 % 200 * 40) }, rate: 44_100))
        try shell(
            """
            sox in.wav -t raw -r 48000 -c 2 -e signed -b 16 - | "$SOTTO" stream encode --rate 48000 --channels 2 \
                | "$SOTTO" stream decode --rate 8000 --format f32le \
                | sox -t raw -r 8000 -c 1 -e float -b 32 - -b 16 -e signed live.wav
            """, in: folder)
        let size = try Data(contentsOf: URL(filePath: folder.path("live.wav"))).count
        #expect(size > 8000 * 2 && size < 9000 * 2)
    }

    private func shell(_ script: String, in folder: TemporaryFolder) throws {
        let program = "set -eu; SOTTO='\(Tool.binary.path(percentEncoded: false))'; \(script)"
        let result = try Tool.run(URL(filePath: "/bin/sh"), ["-c", program], in: folder.url)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }
}

private func isInstalled(_ program: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
}
