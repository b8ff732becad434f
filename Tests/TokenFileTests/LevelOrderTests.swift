// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// Levels in a live stream, whose packets may be lost, come late or twice.
@Suite struct LevelOrderTests {
    private func frame(_ number: Int, before: UInt16? = nil) -> LivePacket {
        .frame(number: UInt8(truncatingIfNeeded: number), codes: [UInt16(number % 1024)], before: before)
    }

    private func level(_ number: Int, _ level: UInt8) -> LivePacket {
        .level(number: UInt8(truncatingIfNeeded: number), level)
    }

    private func hello(_ number: Int) -> LivePacket { .hello(model: model, nextFrame: number, tellsLevels: true) }

    /// What is heard of each frame that comes: its code, and the level that was told last.
    private func heard(_ packets: [LivePacket]) throws -> [[Int]] {
        var parser = try LivePacketParser(bitsPerCode: 10)
        let events = try packets.flatMap { try parser.push($0.bytes(bitsPerCode: 10)) } + parser.finish()
        var (level, heard) = (-1, [[Int]]())
        for case .frames(let arrival) in events {
            if case .level(let told) = arrival { level = Int(told) }
            if case .codes(let codes) = arrival { heard.append([Int(codes[0]), level]) }
        }
        return heard
    }

    @Test func packetsStayAsTheyAre() throws {
        let hello = try hello(7).bytes(bitsPerCode: 10)
        #expect(hello.count == 16 && hello.prefix(2) == [0xD3, 2])
        let level = try level(300, 41).bytes(bitsPerCode: 10)
        #expect(level == [0xB6, 44, 41] + littleEndian(crc16([0xB6, 44, 41])))
        #expect(try LivePacket.hello(model: model, nextFrame: 7).bytes(bitsPerCode: 10)[1] == 1)
    }

    @Test func holdsFromItsFrameOn() throws {
        let found = try heard([hello(0), level(0, 40), frame(0), frame(1), level(2, 41), frame(2), frame(3)])
        #expect(found == [[0, 40], [1, 40], [2, 41], [3, 41]])
    }

    /// Ahead of its frame it waits; behind it, it holds from the next frame on.
    @Test func overtakesAndIsOvertaken() throws {
        let early = [hello(0), level(0, 40), level(2, 41), frame(0), frame(1), frame(2)]
        #expect(try heard(early) == [[0, 40], [1, 40], [2, 41]])
        let late = [hello(0), level(0, 40), frame(0), frame(1), level(1, 41), frame(2)]
        #expect(try heard(late) == [[0, 40], [1, 40], [2, 41]])
    }

    @Test func anOlderOneDoesNotTakeBackANewerOne() throws {
        let found = try heard([
            hello(0), level(0, 40), frame(0), level(3, 42), frame(3), level(1, 41), frame(4), level(3, 42), frame(5),
        ])
        #expect(found == [[0, 40], [3, 42], [4, 42], [5, 42]])
    }

    /// It stays as it was, until the next one; the sender tells it after each hello.
    @Test func lostOnesAreToldAgain() throws {
        let found = try heard([hello(0), level(0, 40), frame(0), frame(1), hello(2), level(2, 45), frame(2)])
        #expect(found == [[0, 40], [1, 40], [2, 45]])
    }

    @Test func holdsOverLossesPausesAndTheEndOfTheNumbers() throws {
        let start = [hello(0), level(0, 40), frame(0), level(1, 44)]
        #expect(try heard(start + [frame(3)]) == [[0, 40], [3, 44]])
        #expect(try heard(start + [frame(3, before: 2)]) == [[0, 40], [2, 44], [3, 44]])
        let pause: [LivePacket] = [.noise(number: 1, noise(90)), .pause(number: 5)]
        #expect(try heard(start + pause + [frame(6)]) == [[0, 40], [6, 44]])
        var long = [hello(0), level(0, 40), frame(0)]
        var wanted = [[0, 40]]
        for number in 1..<600 {
            if number % 100 == 0 { long.append(level(number, UInt8(number / 100))) }
            long.append(frame(number))
            wanted.append([number, number < 100 ? 40 : number / 100])
        }
        #expect(try heard(long) == wanted)
    }

    /// The first level of a sender that starts afresh may overtake its hello.
    @Test func aFreshSenderHasItsOwn() throws {
        let old = [hello(1000), level(1000, 50), frame(1000), frame(1001)]
        for fresh in [[hello(0), level(0, 30), frame(0)], [level(0, 30), hello(0), frame(0)]] {
            #expect(try heard(old + fresh).last == [0, 30])
        }
        // One of before doesn't hold for it.
        let stray = old + [hello(0), level(0, 30), frame(0), level(1002, 51), frame(1)]
        #expect(try heard(stray).suffix(2) == [[0, 30], [1, 30]])
    }

    @Test func anyOrderAndLossTellsNothingThatWasNotSent() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var packets: [(place: Double, packet: LivePacket)] = []
            for number in 0..<200 {
                let place = Double(number)
                if number % 64 == 0 { packets.append((place - 0.3, hello(number))) }
                if number % 64 == 0 || number % 7 == 0 {
                    packets.append((place - 0.2 + .random(in: -2...2, using: &random), level(number, UInt8(number))))
                }
                packets.append((place + .random(in: -1...1, using: &random), frame(number)))
            }
            packets.removeAll { _ in Int.random(in: 0..<5, using: &random) == 0 }
            packets.sort { $0.place < $1.place }
            for found in try heard(packets.map(\.packet)) {
                // Never that of a later frame.
                #expect(found[1] <= found[0], "\(seed): \(found)")
            }
        }
    }
}
