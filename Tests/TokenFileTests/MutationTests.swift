// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile

/// Files and streams changed at random, with their checksums made right again: whatever they say, they are read, and take no more
/// memory than an hour and what is there.
@Suite struct MutationTests {
    private static let odd: [UInt32] = [0, 1, 2, 7, 255, 256, 45_000, 65_535, 1 << 31 - 1, 1 << 31, .max]

    private func put(_ value: some FixedWidthInteger, into bytes: inout [UInt8], at place: Int) {
        let field = littleEndian(value)
        bytes.replaceSubrange(place..<place + field.count, with: field)
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }

    /// The chunks of a sound body.
    private func chunks(_ body: ArraySlice<UInt8>) -> [[UInt8]] {
        var (chunks, rest): ([[UInt8]], ArraySlice<UInt8>) = ([], body)
        while rest.count >= 14 {
            let size = 14 + number(rest.dropFirst(2).prefix(4))
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func filesAreReadWhateverTheySay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames = randomFrames(400, codebooks: 3, seed: seed)
        let whole = try file(
            frames, text: String(repeating: "the words ", count: 40), timing: randomTiming(400, seed: seed),
            header: header(codebooks: 3), sampleCount: 512_000)
        for _ in 0..<40 {
            var header = Array(whole[..<40])
            var body = chunks(whole[40...])
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0..<7, using: &random) {
                case 0: body.insert(body[place], at: Int.random(in: 0...body.count, using: &random))
                case 1 where body.count > 1: body.remove(at: place)
                case 2: put(Self.odd.randomElement(using: &random) ?? 0, into: &body[place], at: 6)
                case 3: body[place][1] = [0x46, 0x4C, 0x54, 0x50, 0x45, 0].randomElement(using: &random) ?? 0
                case 4:
                    let last = body[place].count - 1
                    if last > 14 {
                        body[place][Int.random(in: 14...last, using: &random)] = .random(in: 0...255, using: &random)
                    }
                case 5: body[place].removeLast(Int.random(in: 0...body[place].count - 14, using: &random))
                default:
                    header[Int.random(in: 8..<36, using: &random)] =
                        [0, 1, 2, 16, 255].randomElement(using: &random) ?? 0
                }
                let sound = body.indices.filter { _ in Int.random(in: 0..<10, using: &random) > 0 }
                for place in sound {
                    put(UInt32(body[place].count - 14), into: &body[place], at: 2)
                    put(crc32(body[place][..<10] + body[place][14...]), into: &body[place], at: 10)
                }
            }
            put(crc32(header[..<36]), into: &header, at: 36)
            let bytes = header + body.flatMap(\.self)
            guard let recording = try? TokenFileReader.read(bytes) else { continue }
            #expect(recording.frames.count <= 45_000 + 2 * 8 * bytes.count)
            #expect((0..<1 << 48).contains(recording.sampleCount ?? 0) && recording.warnings.count <= 102)
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func streamsAreReadWhateverTheySay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sent = try (0..<200).flatMap { frame -> [[UInt8]] in
            let number = UInt8(truncatingIfNeeded: frame)
            let isPause = frame % 50 > 30
            let packet: LivePacket =
                isPause
                ? frame % 4 == 0
                    ? .pause(number: number) : .noise(number: number, noise(99))
                : .frame(number: number, codes: [1, 2, 3], before: frame % 3 == 0 ? 4 : nil)
            let hello = LivePacket.hello(model: model, nextFrame: frame, tellsLevels: frame % 32 == 0)
            let level = LivePacket.level(number: number, 40)
            return try (frame % 16 == 0 ? [hello, level] : []).map { try $0.bytes(bitsPerCode: 10) }
                + [packet.bytes(bitsPerCode: 10)]
        }
        for _ in 0..<20 {
            var parser = try LivePacketParser(bitsPerCode: 10)
            var (frames, count, garbage) = (0, 0, 0)
            for var packet in sent where Int.random(in: 0..<10, using: &random) > 0 {
                if Int.random(in: 0..<4, using: &random) == 0 {
                    packet[Int.random(in: 1..<packet.count - 2, using: &random)] = .random(in: 0...255, using: &random)
                    if packet.count == 16, Bool.random(using: &random) {
                        put(Self.odd.randomElement(using: &random) ?? 0, into: &packet, at: 10)
                    }
                    if Bool.random(using: &random) {
                        put(crc16(packet.dropLast(2)), into: &packet, at: packet.count - 2)
                    }
                }
                count += packet.count
                for event in parser.push(packet) {
                    switch event {
                    case .frames(.codes): frames += 1
                    case .frames(.lost(let count)), .frames(.paused(let count)): #expect(count > 0 && count <= 45_000)
                    case .skipped(let count): garbage += count
                    case .hello, .unknownVersion, .frames(.noise), .frames(.latents), .frames(.level): break
                    }
                }
            }
            _ = parser.finish()
            #expect(parser.statistics.garbageBytes == garbage && garbage <= count)
            #expect(frames <= parser.statistics.received + parser.statistics.repaired && frames <= 2 * sent.count)
        }
    }
}
