// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import Testing
import TokenFile
import Transcript

/// What a caller asks for and the formats don't hold is a typed error.
@Suite struct RefusalTests {
    private func expectRefusal(location: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
        #expect(throws: TokenFileError.self, sourceLocation: location) { try body() }
    }

    @Test(arguments: [0, 7, 9]) func modelsAreNamedByEightBytes(count: Int) {
        expectRefusal { _ = try ModelIdentity([UInt8](repeating: 1, count: count)) }
    }

    @Test func headersHoldWhatTheyCan() {
        func header(
            rate: Int = 16000, frames: (Int, Int) = (25, 2), codebooks: Int = 8, bits: Int = 10, samples: Int = 0
        ) throws {
            let counts = CodeCounts(all: codebooks)
            _ = try TokenHeader(
                model: model, sampleRate: rate, frameRate: (frames.0, frames.1), counts: counts, bitsPerCode: bits,
                sampleCount: samples)
        }
        #expect(throws: Never.self) { try header() }
        for rate in [-1, 0, 7999, 192_001, .max] { expectRefusal { try header(rate: rate) } }
        for frames in [(0, 2), (25, 0), (-1, 2), (65_536, 2), (25, 1 << 40)] {
            expectRefusal { try header(frames: frames) }
        }
        expectRefusal { try header(codebooks: 256) }
        for bits in [-1, 0, 17] { expectRefusal { try header(bits: bits) } }
        for samples in [-1, 1 << 48, .max] { expectRefusal { try header(samples: samples) } }
    }

    @Test func writersTakeWhatFits() throws {
        var writer = try TokenFileWriter(header: header(codebooks: 2))
        for codes in [[], [1], [1, 2, 3], [1024, 0], [0, .max]] as [[UInt16]] {
            expectRefusal { _ = try writer.append(codes) }
        }
        for frames in [-1..<3, -3..<(-1), 1 << 32..<1 << 33] {
            expectRefusal { _ = try writer.append(TextSegment(frames: frames, text: "x")) }
        }
        for counts in [[1], [1, -1], [1, 2, 3], [.max, .max]] {
            expectRefusal {
                _ = try writer.append(TextSegment(frames: 0..<2, text: "x", timing: SymbolTiming(counts: counts)))
            }
        }
        for samples in [-1, 1 << 48] { expectRefusal { _ = try writer.finish(sampleCount: samples) } }
        #expect(try writer.append([1, 2]).isEmpty)
        #expect(try TokenFileReader.read(writer.start + writer.finish(sampleCount: 1280).end).frames == [[1, 2]])
    }

    /// What a later version may add is named, not misread.
    @Test(arguments: [8, 16, 0x80] as [UInt8]) func featuresToComeAreRefusedByName(flags: UInt8) throws {
        var bytes = TokenFileWriter(header: try header()).start
        bytes[11] = flags
        bytes.replaceSubrange(36..<40, with: littleEndian(crc32(bytes[..<36])))
        #expect(throws: TokenFileError.unknownFeatures(flags: flags)) { try TokenFileReader.read(bytes) }
    }

    @Test func packetsHoldWhatTheyCan() {
        for codes in [[], [UInt16](repeating: 1, count: 9), [1024], [.max]] as [[UInt16]] {
            expectRefusal { _ = try LivePacket.frame(number: 0, codes: codes).bytes(bitsPerCode: 10) }
        }
        expectRefusal { _ = try LivePacket.frame(number: 0, codes: [1], before: 1024).bytes(bitsPerCode: 10) }
        for bits in [-3, 0, 17, 64] {
            expectRefusal { _ = try LivePacket.frame(number: 0, codes: [0]).bytes(bitsPerCode: bits) }
            expectRefusal { _ = try LivePacketParser(bitsPerCode: bits) }
        }
        for number in [-1, .max, .min] {
            #expect(throws: Never.self) { try LivePacket.hello(model: model, nextFrame: number).bytes(bitsPerCode: 10) }
        }
    }

    @Test func packetsAreNoTokenFile() throws {
        let frames = try (0..<4).map { try LivePacket.frame(number: $0, codes: [7, 8]).bytes(bitsPerCode: 10) }
        let hello = try LivePacket.hello(model: model, nextFrame: 0).bytes(bitsPerCode: 10)
        for stream in [hello, hello + frames[0], frames.flatMap(\.self), [1, 2, 3] + frames.flatMap(\.self)] {
            #expect(throws: TokenFileError.packets) { try TokenFileReader.read(stream) }
        }
        #expect(throws: TokenFileError.notTokens) {
            try TokenFileReader.read([0xD3, 1] + [UInt8](repeating: 0, count: 99))
        }
    }
}
