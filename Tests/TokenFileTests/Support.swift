// SPDX-License-Identifier: Apache-2.0

import Quantizer
import TestSupport
import TokenFile
import Transcript

let model = try! ModelIdentity([1, 35, 69, 103, 137, 171, 205, 239])

func header(codebooks: Int = 8, sampleRate: Int = 16000) throws -> TokenHeader {
    try TokenHeader(
        model: model, sampleRate: sampleRate, frameRate: (25, 2), counts: CodeCounts(all: codebooks), bitsPerCode: 10)
}

func randomFrames(_ count: Int, codebooks: Int, seed: UInt64) -> [[UInt16]] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in (0..<codebooks).map { _ in UInt16.random(in: 0..<1024, using: &random) } }
}

/// As many symbols a frame as speech has, or none.
func randomTiming(_ count: Int, seed: UInt64) -> SymbolTiming {
    var random = SeededGenerator(seed: seed)
    return SymbolTiming(counts: (0..<count).map { _ in max(0, Int.random(in: -2...4, using: &random)) })
}

/// A background that is as loud in all bands.
func noise(_ level: UInt8) -> ComfortNoise { ComfortNoise(levels: [UInt8](repeating: level, count: 16))! }

/// A whole file in memory, with its final header.
func file(
    _ frames: [[UInt16]], text: String? = nil, timing: SymbolTiming? = nil, header: TokenHeader, sampleCount: Int
) throws -> [UInt8] {
    var writer = TokenFileWriter(header: header)
    var body = try frames.flatMap { try writer.append($0) }
    if let text { body += try writer.append(TextSegment(frames: 0..<frames.count, text: text, timing: timing)) }
    let (end, start) = try writer.finish(sampleCount: sampleCount)
    return start + body + end
}
