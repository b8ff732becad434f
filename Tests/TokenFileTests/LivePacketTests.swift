// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import TokenFile

@Suite struct LivePacketTests {
    let frames = randomFrames(600, codebooks: 8, seed: 11)

    private func packets() -> [[UInt8]] {
        frames.enumerated().flatMap { number, codes -> [[UInt8]] in
            let hello = LivePacket.hello(model: model, nextFrame: number)
            let frame = LivePacket.frame(number: UInt8(truncatingIfNeeded: number), codes: codes)
            let isHello = number % LivePacket.helloInterval == 0
            return (isHello ? [hello.bytes(bitsPerCode: 10)] : []) + [frame.bytes(bitsPerCode: 10)]
        }
    }

    private func read(_ bytes: [UInt8], chunks: () -> Int) -> [LivePacketParser.Event] {
        var parser = LivePacketParser(bitsPerCode: 10)
        var events: [LivePacketParser.Event] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + chunks())
            events += parser.push(bytes[start..<end])
            start = end
        }
        return events
    }

    private func frames(in events: [LivePacketParser.Event]) -> [[UInt16]] {
        events.compactMap { if case .frame(let codes) = $0 { codes } else { nil } }
    }

    @Test(arguments: 0..<6) func anyChunkingGivesAllFrames(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let events = read(packets().flatMap { $0 }) { Int.random(in: 1...(seed == 0 ? 1 : 60), using: &random) }
        #expect(frames(in: events) == frames)
        #expect(events.first == .hello(model))
        #expect(events.count { $0 == .hello(model) } == 10)
        #expect(events.count == 610)
    }

    @Test func lossesAreCountedOverTheWrapOfTheNumbers() {
        let kept = packets().enumerated().filter { $0.offset % 7 != 3 }.flatMap { $0.element }
        let events = read(kept) { 64 }
        let lost = events.reduce(0) { if case .lost(let count) = $1 { $0 + count } else { $0 } }
        #expect(frames(in: events).count + lost >= frames.count - 1)
        #expect(frames(in: events).count + lost <= frames.count)
    }

    @Test(arguments: 0..<10) func garbageBetweenPacketsIsSkipped(seed: UInt64) {
        var random = SeededGenerator(seed: 50 + seed)
        var bytes: [UInt8] = []
        for packet in packets() {
            bytes += packet
            if Int.random(in: 0..<5, using: &random) == 0 {
                bytes += (0..<Int.random(in: 1...30, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
        }
        let found = frames(in: read(bytes + [UInt8](repeating: 0, count: 20)) { 50 })
        #expect(found == frames)
    }

    @Test func aReceiverMayJoinInTheMiddle() {
        let bytes = Array(packets().flatMap { $0 }[3001...])
        let found = frames(in: read(bytes) { 100 })
        #expect(found.count > 350 && found == Array(frames.suffix(found.count)))
    }

    @Test func lateAndRepeatedPacketsAreIgnored() {
        let all = packets()
        let found = frames(in: read((all[0...4] + all[2...3] + all[5...6]).flatMap { $0 }) { 9 })
        #expect(found == Array(frames[0...5]))
    }

    @Test(arguments: 1...8) func lateCodesMayBeDropped(count: Int) {
        let packet = LivePacket.frame(number: 0, codes: Array(frames[0].prefix(count))).bytes(bitsPerCode: 10)
        #expect(packet.count == 4 + (count * 10 + 7) / 8)
        var parser = LivePacketParser(bitsPerCode: 10)
        #expect(parser.push(packet) == [.frame(Array(frames[0].prefix(count)))])
    }
}
