// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

@Suite struct LivePacketTests {
    let frames = randomFrames(600, codebooks: 8, seed: 11)
    let helloInterval = 64
    private let background = ComfortNoise(levels: Array(100..<116))!

    private func packets() throws -> [[UInt8]] {
        try frames.enumerated().flatMap { number, codes -> [[UInt8]] in
            let hello = LivePacket.hello(model: model, nextFrame: number)
            let frame = LivePacket.frame(number: UInt8(truncatingIfNeeded: number), codes: codes)
            let isHello = number % helloInterval == 0
            return try (isHello ? [hello.bytes(bitsPerCode: 10)] : []) + [frame.bytes(bitsPerCode: 10)]
        }
    }

    private func read(_ bytes: [UInt8], chunks: () -> Int) throws -> [LivePacketParser.Event] {
        var parser = try LivePacketParser(bitsPerCode: 10)
        var events: [LivePacketParser.Event] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + chunks())
            events += parser.push(bytes[start..<end])
            start = end
        }
        return events + parser.finish()
    }

    private func frames(in events: [LivePacketParser.Event]) -> [[UInt16]] {
        events.compactMap { if case .frames(.codes(let codes)) = $0 { codes } else { nil } }
    }

    @Test(arguments: 0..<6) func anyChunkingGivesAllFrames(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let events = try read(packets().flatMap { $0 }) { Int.random(in: 1...(seed == 0 ? 1 : 60), using: &random) }
        #expect(frames(in: events) == frames)
        let hellos = events.filter { if case .hello = $0 { true } else { false } }
        #expect(hellos == (0..<10).map { .hello(model, nextFrame: 64 * $0) } && events.first == hellos.first)
        #expect(events.count == 610)
    }

    @Test func lossesAreCountedOverTheWrapOfTheNumbers() throws {
        let kept = try packets().enumerated().filter { $0.offset % 7 != 3 }.flatMap { $0.element }
        let events = try read(kept) { 64 }
        let lost = events.reduce(0) { if case .frames(.lost(let count)) = $1 { $0 + count } else { $0 } }
        #expect(frames(in: events).count + lost >= frames.count - 1)
        #expect(frames(in: events).count + lost <= frames.count)
    }

    @Test(arguments: 0..<10) func garbageBetweenPacketsIsSkipped(seed: UInt64) throws {
        var random = SeededGenerator(seed: 50 + seed)
        var bytes: [UInt8] = []
        for packet in try packets() {
            bytes += packet
            if Int.random(in: 0..<5, using: &random) == 0 {
                bytes += (0..<Int.random(in: 1...30, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
        }
        let found = frames(in: try read(bytes + [UInt8](repeating: 0, count: 20)) { 50 })
        #expect(found == frames)
    }

    @Test func aReceiverMayJoinInTheMiddle() throws {
        let bytes = Array(try packets().flatMap { $0 }[3001...])
        let found = frames(in: try read(bytes) { 100 })
        #expect(found.count > 350 && found == Array(frames.suffix(found.count)))
    }

    @Test func lateAndRepeatedPacketsAreIgnored() throws {
        let all = try packets()
        let found = frames(in: try read((all[0...4] + all[2...3] + all[5...6]).flatMap { $0 }) { 9 })
        #expect(found == Array(frames[0...5]))
    }

    @Test(arguments: 1...8) func lateCodesMayBeDropped(count: Int) throws {
        let packet = try LivePacket.frame(number: 0, codes: Array(frames[0].prefix(count))).bytes(bitsPerCode: 10)
        #expect(packet.count == 4 + (count * 10 + 7) / 8)
        var parser = try LivePacketParser(bitsPerCode: 10)
        #expect(parser.push(packet) == [.frames(.codes(Array(frames[0].prefix(count))))])
    }

    /// Frame packets of the numbers given, with hellos where the sender puts them.
    private func packets(_ numbers: some Sequence<Int>) throws -> [UInt8] {
        try numbers.flatMap { number -> [UInt8] in
            let hello = try LivePacket.hello(model: model, nextFrame: number).bytes(bitsPerCode: 10)
            let frame = LivePacket.frame(number: UInt8(truncatingIfNeeded: number), codes: [UInt16(number % 1000)])
            return try (number % helloInterval == 0 ? hello : []) + frame.bytes(bitsPerCode: 10)
        }
    }

    private func lost(_ events: [LivePacketParser.Event]) -> Int {
        events.reduce(0) { if case .frames(.lost(let count)) = $1 { $0 + count } else { $0 } }
    }

    @Test(arguments: [1, 100, 127, 128, 200, 223, 224, 255, 256, 257, 500, 1000, 44_000])
    func lossesOfAnyLengthAreCounted(length: Int) throws {
        for start in [1, 63, 64, 300] {
            let events = try read(packets(0..<start) + packets(start + length..<start + length + 200)) { 50 }
            #expect(lost(events) + frames(in: events).count == start + length + 200)
            #expect(lost(events) >= length && lost(events) <= length + 96)
        }
    }

    /// Counting from each hello on, a frame's number is the sender's, whatever is lost and wherever one joins.
    @Test(arguments: 0..<20) func framesCanBeNumbered(seed: UInt64) throws {
        var random = SeededGenerator(seed: 300 + seed)
        let first = Int.random(in: 0..<700, using: &random)
        let sent =
            (first..<first + 900).filter { $0 % 300 > 90 && Int.random(in: 0..<9, using: &random) > 0 } + Array(0..<80)
        var next: Int?
        var count = 0
        for event in try read(packets(sent), chunks: { Int.random(in: 1...300, using: &random) }) {
            switch event {
            case .hello(_, let number): next = number
            case .frames(.lost(let count)): next = next.map { $0 + count }
            case .frames(.codes(let codes)):
                guard let number = next else { continue }
                #expect(codes == [UInt16(number % 1000)])
                (next, count) = (number + 1, count + 1)
            default: break
            }
        }
        #expect(count > 400)
    }

    @Test func aSenderThatStartsAfreshLosesNothing() throws {
        let events = try read(packets(0..<1000) + packets(0..<100)) { 50 }
        #expect(lost(events) == 0 && frames(in: events).count == 1100)
        let far = try read(packets(0..<10) + packets(640_000..<640_010)) { 50 }
        #expect(lost(far) == 0 && frames(in: far).count == 20)
    }

    /// However few frames went before, or are left before the same number comes again.
    @Test(arguments: [1, 20, 64, 300]) func anotherModelIsASenderThatStartsAfresh(count: Int) throws {
        let other = try ModelIdentity([UInt8](repeating: 9, count: 8))
        let hello = try LivePacket.hello(model: other, nextFrame: 0).bytes(bitsPerCode: 10)
        let events = try read(packets().prefix(count).flatMap(\.self) + hello + packets()[1...].flatMap(\.self)) { 50 }
        let after = events.drop { $0 != .hello(other, nextFrame: 0) }
        #expect(lost(events) == 0 && Array(frames(in: Array(after)).prefix(64)) == Array(frames.prefix(64)))
    }

    @Test(arguments: 0..<5) func nothingIsLostTwice(seed: UInt64) throws {
        var random = SeededGenerator(seed: 80 + seed)
        let kept = (0..<5000).filter { $0 % 700 < 300 || Int.random(in: 0..<20, using: &random) > 0 }
        let sent = Array(kept.filter { $0 % 1500 < 900 }) + [5000]
        let events = try read(packets(sent)) { 33 }
        #expect(lost(events) + frames(in: events).count >= 5000 - 64)
        #expect(lost(events) + frames(in: events).count <= 5001)
    }

    @Test(arguments: [1, 17, 63, 64, 65, 90]) func joiningInTheMiddleCountsFromThere(first: Int) throws {
        let events = try read(packets(first..<first + 40) + packets(first + 60..<first + 200)) { 50 }
        #expect(lost(events) == 20 && frames(in: events).count == 180)
    }

    /// Packets of the numbers given that hold the first code of the frame before.
    private func doubles(_ numbers: some Sequence<Int>) throws -> [UInt8] {
        try numbers.flatMap { number in
            let low = UInt8(truncatingIfNeeded: number)
            let before = number > 0 ? frames[number - 1][0] : nil
            return try LivePacket.frame(number: low, codes: frames[number], before: before).bytes(bitsPerCode: 10)
        }
    }

    @Test func theFirstCodeOfTheFrameBeforeStandsInForIt() throws {
        #expect(try read(doubles(0..<600)) { 7 } == frames.map { .frames(.codes($0)) })
        let kept = (0..<600).filter { ![40, 80, 81, 82, 599].contains($0) }
        var wanted = frames.map { LivePacketParser.Event.frames(.codes($0)) }
        wanted[40] = .frames(.codes([frames[40][0]]))
        wanted.replaceSubrange(80...82, with: [.frames(.lost(2)), .frames(.codes([frames[82][0]]))])
        #expect(try read(doubles(kept)) { 13 } == wanted.dropLast())
        #expect(try doubles(1..<2).count == 4 + (9 * 10 + 7) / 8)
    }

    @Test func whatComesLateOrFirstHasNothingBeforeIt() throws {
        #expect(try read(doubles([5, 6, 4, 6, 7])) { 9 } == [5, 6, 7].map { .frames(.codes(frames[$0])) })
    }

    @Test func aFrameBeforeEndsThePause() throws {
        let noise = noise(90)
        let packet = try LivePacket.noise(number: 1, noise).bytes(bitsPerCode: 10)
        let events = try read(doubles(0..<1) + packet + doubles(8..<10)) { 100 }
        let pause: [Arrival] = [.noise(noise), .paused(5)]
        #expect(
            events
                == ([.codes(frames[0])] + pause + [.codes([frames[7][0]]), .codes(frames[8]), .codes(frames[9])])
                .map { .frames($0) })
    }

    /// Frames 0 to 9 speak, 10 to 99 are a pause, 100 to 109 speak again.
    private func conversation() throws -> [(number: Int, bytes: [UInt8])] {
        try (0..<110).flatMap { number -> [(number: Int, bytes: [UInt8])] in
            let low = UInt8(truncatingIfNeeded: number)
            var packets: [LivePacket] = []
            if number % helloInterval == 0 { packets.append(.hello(model: model, nextFrame: number)) }
            if number < 10 || number >= 100 {
                packets.append(.frame(number: low, codes: [UInt16(number)]))
            } else if number == 10 || number == 64 {
                packets.append(.noise(number: low, background))
            } else if number % 4 == 0 {
                packets.append(.pause(number: low))
            }
            return try packets.map { (number, try $0.bytes(bitsPerCode: 10)) }
        }
    }

    private func paused(_ events: [LivePacketParser.Event]) -> Int {
        events.reduce(0) { sum, event in
            switch event {
            case .frames(.paused(let count)): sum + count
            case .frames(.noise): sum + 1
            default: sum
            }
        }
    }

    @Test(arguments: [1, 3, 1000]) func aPauseIsCountedButNotLost(chunk: Int) throws {
        let events = try read(conversation().flatMap(\.bytes)) { chunk }
        #expect(frames(in: events).count == 20 && paused(events) == 90 && lost(events) == 0)
        #expect(events.filter { $0 == .frames(.noise(background)) }.count == 2)
    }

    @Test(arguments: 0..<10) func packetsOfAPauseMayBeLost(seed: UInt64) throws {
        var random = SeededGenerator(seed: 200 + seed)
        let kept = try conversation().filter { $0.number == 0 || $0.number > 105 || Bool.random(using: &random) }
        let events = try read(kept.flatMap(\.bytes)) { 50 }
        #expect(frames(in: events).count + paused(events) + lost(events) == 110)
        #expect(paused(events) >= 80)
    }
}
