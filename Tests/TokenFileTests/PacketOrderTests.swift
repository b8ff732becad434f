// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// Packets in any order: no frame is made up, and each that is heard is heard at its time.
@Suite struct PacketOrderTests {
    enum Kind: CaseIterable {
        case plain
        case repeating
        case pausing
    }

    /// A sender's packets from frame `first` up to `end`, with a hello every so many frames; the code of frame n is n + `base`.
    private func packets(
        _ kind: Kind, _ first: Int, _ end: Int, hellos: Int = 64, of sender: ModelIdentity = model, base: Int = 0
    ) -> [LivePacket] {
        (first..<end).flatMap { frame -> [LivePacket] in
            let number = UInt8(truncatingIfNeeded: frame)
            let hello = frame % hellos == 0 ? [LivePacket.hello(model: sender, nextFrame: frame)] : []
            guard kind != .pausing || frame % 40 < 12 else {
                if frame % 40 == 12 || !hello.isEmpty {
                    return hello + [.noise(number: number, noise(90))]
                }
                return frame % 4 == 0 ? [.pause(number: number)] : []
            }
            let before = kind == .repeating && frame > 0 ? UInt16(frame - 1 + base) : nil
            return hello + [.frame(number: number, codes: [UInt16(frame + base)], before: before)]
        }
    }

    private func events(_ packets: [LivePacket]) throws -> [LivePacketParser.Event] {
        var parser = try LivePacketParser(bitsPerCode: 10)
        return try packets.flatMap { try parser.push($0.bytes(bitsPerCode: 10)) } + parser.finish()
    }

    /// Whether each frame is heard at its time; then the number of the frame that comes next.
    private func end(_ events: [LivePacketParser.Event]) -> Int? {
        var next: Int?
        for event in events {
            switch event {
            case .hello(_, let number):
                guard next ?? number == number else { return nil }
                next = number
            case .frames(.codes(let codes)):
                guard next ?? Int(codes[0]) == Int(codes[0]) else { return nil }
                next = Int(codes[0]) + 1
            case .frames(.lost(let count)), .frames(.paused(let count)): next = next.map { $0 + count }
            case .frames(.noise): next = next.map { $0 + 1 }
            case .skipped, .unknownVersion, .frames(.latents), .frames(.level): return nil
            }
        }
        return next
    }

    private func orders<Element>(_ elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index -> [[Element]] in
            var rest = elements
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }

    /// The packets, those of a window in each of its orders.
    private func orders(_ packets: [LivePacket], window: Range<Int>) -> [[LivePacket]] {
        orders(Array(packets[window])).map { packets[..<window.lowerBound] + $0 + packets[window.upperBound...] }
    }

    /// From the start, from the middle, and over the wrap of the numbers.
    @Test(arguments: Kind.allCases, [0, 37, 243, 251]) func anyOrderOfFivePackets(kind: Kind, first: Int) throws {
        let packets = packets(kind, first, first + 40, hellos: 4) + packets(.plain, first + 40, first + 42)
        for start in 0..<14 {
            for order in orders(packets, window: start..<start + 5) {
                let end = end(try events(order))
                #expect(end == first + 42, "\(order[start..<start + 5])")
            }
        }
    }

    @Test func aHelloRightAfterItsFrameTakesNoTime() throws {
        let packets = packets(.plain, 64, 70)
        let late = [packets[1], packets[0]] + packets[2...]
        let codes = (64..<70).map { LivePacketParser.Event.frames(.codes([$0])) }
        #expect(try events(late) == [codes[0], .hello(model, nextFrame: 65)] + codes[1...])
    }

    /// 30 % of the packets lost, some sent twice, and each delayed by as much as `jitter` others.
    @Test(arguments: Kind.allCases, 0..<60 as Range<UInt64>) func lossesAndAnyOrder(kind: Kind, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let first = Bool.random(using: &random) ? 0 : Int.random(in: 1...300, using: &random)
            let jitter = Double(Int.random(in: 1...12, using: &random))
            let sent = packets(kind, first, first + 600, hellos: [4, 32, 64].randomElement(using: &random) ?? 64)
            let arriving = sent.enumerated().flatMap { place, packet -> [(time: Double, packet: LivePacket)] in
                (0..<(Int.random(in: 0..<20, using: &random) == 0 ? 2 : 1)).compactMap { _ in
                    let time = Double(place) + Double.random(in: 0...jitter, using: &random)
                    return Int.random(in: 0..<10, using: &random) < 3 ? nil : (time, packet)
                }
            }
            let order = arriving.sorted { $0.time < $1.time }.map(\.packet)
            #expect(end(try events(order + packets(.plain, first + 600, first + 660))) == first + 660)
        }
    }

    // MARK: A sender that starts afresh

    /// Whether frames are heard at their time, those of the new sender with codes from 600 on; how far each of the two got. Where
    /// their numbers modulo 256 meet, a few of the one may be taken for those of the other.
    private func ends(_ events: [LivePacketParser.Event], from first: Int, to sender: ModelIdentity) -> (Int, Int)? {
        var (next, before, mistaken): (Int, Int?, Int) = (first, nil, 0)
        for event in events {
            switch event {
            case .hello(sender, let number) where before == nil && (sender != model || number < 4):
                (before, next) = (next, number)
            case .hello(_, let number): guard number == next else { return nil }
            case .frames(.codes(let codes)):
                let (isNew, number) = (codes[0] >= 600, Int(codes[0]) - (codes[0] >= 600 ? 600 : 0))
                guard (number - next) % 256 == 0 else { return nil }
                mistaken += isNew == (before != nil) ? 0 : 1
                next += 1
            case .frames(.lost(let count)), .frames(.paused(let count)): next += count
            case .frames(.noise): next += 1
            case .skipped, .unknownVersion, .frames(.latents), .frames(.level): return nil
            }
        }
        return mistaken <= 3 ? before.map { ($0, next) } : nil
    }

    /// For many a number that the old sender's last frame may have, and another model's sender too.
    @Test(arguments: Kind.allCases, [false, true]) func anyOrderOfFourPacketsAtARestart(kind: Kind, isOther: Bool)
        throws
    {
        let sender = isOther ? try ModelIdentity([UInt8](repeating: 9, count: 8)) : model
        let fresh = packets(kind, 0, 12, of: sender, base: 600)
        for last in (300..<556).filter({ $0 % 7 == 0 || (496..<528).contains($0) }) {
            let old = packets(kind, last - 24, last)
            let first = last - 24
            // The old sender is known by its last hello.
            let known = [LivePacket.hello(model: model, nextFrame: first)] + old
            for start in known.count - 4...known.count {
                for order in orders(known + fresh, window: start..<start + 4) {
                    let ends = ends(try events(order), from: first, to: sender)
                    #expect(ends?.1 == 12 && ends?.0 ?? .max <= last + 3, "\(last): \(order[start..<start + 4])")
                }
            }
        }
    }

    /// Whatever number the old sender's last frame has: without packets that overtake each other, all frames are heard.
    @Test(arguments: Kind.allCases, [false, true]) func noFrameIsLostAtARestartInOrder(kind: Kind, isOther: Bool)
        throws
    {
        let sender = isOther ? try ModelIdentity([UInt8](repeating: 9, count: 8)) : model
        let fresh = packets(kind, 0, 12, of: sender, base: 600)
        let level = LivePacket.level(number: 0, 20)
        for last in 300..<556 {
            let old = packets(.plain, last - 24, last, hellos: 1000)
            let known = [LivePacket.hello(model: model, nextFrame: last - 24)] + old
            var wanted = [LivePacketParser.Event.hello(model, nextFrame: last - 24)]
            wanted += (last - 24..<last).map { .frames(.codes([UInt16($0)])) }
            wanted.append(.hello(sender, nextFrame: 0))
            wanted += (600..<612).map { .frames(.codes([UInt16($0)])) }
            for first in [[fresh[0]], [fresh[0], level]] {
                let heard = try events(known + first + fresh[1...]).filter { $0 != .frames(.level(20)) }
                #expect(heard == wanted, "\(last)")
            }
        }
    }

    /// The hello is told even if nothing comes after it, and before another.
    @Test func aHelloIsToldWhateverFollows() throws {
        let old = [LivePacket.hello(model: model, nextFrame: 232)] + packets(.plain, 232, 258, hellos: 1000)
        let hello = LivePacket.hello(model: model, nextFrame: 0)
        for count in 1...2 {
            let told = try events(old + [LivePacket](repeating: hello, count: count)).dropFirst(old.count)
            #expect(Array(told) == [LivePacketParser.Event](repeating: .hello(model, nextFrame: 0), count: count))
        }
    }

    // MARK: Statistics

    @Test func everyPacketIsAccountedFor() throws {
        var parser = try LivePacketParser(bitsPerCode: 10)
        let sent = packets(.plain, 0, 30)
        // Frame n is packet n + 1. 4 and 5 are lost, 9 is late, 12 comes twice.
        let arriving = sent[...4] + sent[7...9] + [sent[11], sent[10]] + sent[12...13] + [sent[13]] + sent[14...]
        for packet in arriving { _ = try parser.push([1, 2, 3] + packet.bytes(bitsPerCode: 10)) }
        let statistics = parser.statistics
        #expect(statistics.received == 27 && statistics.lost == 3 && statistics.late == 1 && statistics.duplicates == 1)
        #expect(statistics.garbageBytes == 3 * arriving.count && statistics.hellos == 1 && !statistics.isPerfect)
        #expect(statistics.packets == arriving.count && statistics.repaired == 0)
        #expect("\(statistics)" == "27 frames received, 3 lost, 0 repaired, 1 late, 1 duplicates, 90 garbage bytes")
    }

    @Test func repairedFramesAreNotLost() throws {
        var parser = try LivePacketParser(bitsPerCode: 10)
        let sent = packets(.repeating, 0, 30)
        for packet in sent[...9] + sent[11...] { _ = try parser.push(packet.bytes(bitsPerCode: 10)) }
        #expect(parser.statistics.repaired == 1 && parser.statistics.lost == 0 && parser.statistics.received == 29)
        _ = try parser.push(sent[10].bytes(bitsPerCode: 10))
        #expect(parser.statistics.late == 1 && parser.statistics.duplicates == 0)
    }

    /// A packet that was cut off is no garbage; one behind what looked like the start of another is heard.
    @Test func theEndOfAStream() throws {
        let frame = try LivePacket.frame(number: 7, codes: [5]).bytes(bitsPerCode: 10)
        var parser = try LivePacketParser(bitsPerCode: 10)
        #expect(parser.push(frame + frame.dropLast()) == [.frames(.codes([5]))] && parser.finish().isEmpty)
        #expect(parser.statistics.garbageBytes == 0)
        #expect(parser.push([0xD3] + frame.dropLast(6)).isEmpty)
        var other = try LivePacketParser(bitsPerCode: 10)
        #expect(other.push([0xD3] + frame).isEmpty && other.finish() == [.skipped(1), .frames(.codes([5]))])
    }
}
