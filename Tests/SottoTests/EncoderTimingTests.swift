// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import Sotto
import TestSupport
import Testing
import Transcript

/// The timing that an encoder finds of what is said.
@Suite struct EncoderTimingTests {
    let model: CodecModel

    init() throws { model = try Fixture.model() }

    private func sample(_ name: String) throws -> (speech: [Float], text: String) {
        var reader = try AudioFileReader(path: Fixture.path("Samples/\(name).flac"))
        let speech = try reader.read(upTo: reader.frameCount)
        #expect(reader.sampleRate == model.configuration.sampleRate)
        let text = try String(contentsOfFile: Fixture.path("Samples/\(name).txt"), encoding: .utf8)
        return (speech, text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Encodes chunks of so many samples.
    private func encode(
        _ speech: [Float], _ text: String?, codebooks: Int? = nil, chunk: Int = 16_000
    ) throws -> (codes: [Codes], timing: SymbolTiming?, match: Double?) {
        var encoder = try SpeechEncoder(model, codes: codebooks.map { .fixed($0) }, transcript: text)
        var codes: [Codes] = []
        for start in stride(from: 0, to: speech.count, by: chunk) {
            codes += encoder.push(speech[start..<min(start + chunk, speech.count)]).codes
        }
        let ending = encoder.finish()
        return (codes + ending.frames.codes, ending.timing, ending.transcriptMatch)
    }

    /// The frame in which a symbol begins.
    private func start(of symbol: Int, in timing: SymbolTiming) -> Int? {
        var begun = 0
        return timing.counts.firstIndex { count in
            begun += count
            return begun > symbol
        }
    }

    @Test(arguments: ["campfire", "centurion", "sermons", "strikes"])
    func wordsBeginWhereTheTokensSayThem(name: String) throws {
        let (speech, text) = try sample(name)
        let (codes, timing, match) = try encode(speech, text)
        let symbols = TextSymbols(text)
        let found = try #require(timing)
        #expect(found.counts.count == codes.count && found.counts.reduce(0, +) <= symbols.values.count + 1)
        #expect(try #require(match) >= 0.5)
        let aligned = try model.align(codes, with: text).words
        let pairs: [(paced: Int, aligned: Int)] = zip(symbols.words, aligned).compactMap { word, timing in
            guard let time = timing.start, let paced = start(of: word.symbols.lowerBound, in: found) else {
                return nil
            }
            return (paced, Int(time * 12.5))
        }
        let near = pairs.count { abs($0.paced - $0.aligned) <= 2 }
        #expect(2 * pairs.count > aligned.count && 4 * near >= 3 * pairs.count, "\(pairs)")
    }

    @Test(arguments: [160, 700, 50_000]) func thePaceDependsNeitherOnChunksNorOnCodebooks(chunk: Int) throws {
        let (speech, text) = try sample("strikes")
        let wanted = try encode(speech, text)
        let got = try encode(speech, text, codebooks: 1, chunk: chunk)
        #expect(got.timing == wanted.timing && got.match == wanted.match)
        #expect(try got.codes == encode(speech, nil, codebooks: 1).codes)
    }

    @Test func anotherTextHasNoPace() throws {
        let (speech, text) = try sample("campfire")
        let (_, timing, match) = try encode(speech, try sample("centurion").text)
        #expect(timing == nil)
        #expect(try #require(match) < 0.5)
        let silent = try encode([Float](repeating: 0, count: 32_000), text)
        #expect(silent.timing == nil)
    }

    @Test func whatHoldsNoLettersHasNoPaceAndNoMatch() throws {
        let (speech, _) = try sample("strikes")
        for text in [nil, "", " … ", "🙂"] {
            let found = try encode(speech, text)
            #expect(found.timing == nil && found.match == nil)
        }
        let none = try encode([], "some words")
        #expect(none.codes.isEmpty && none.timing == nil && none.match == nil)
    }

    @Test func finishStartsAfresh() throws {
        let (speech, text) = try sample("strikes")
        var encoder = try SpeechEncoder(model, codes: .fixed(1), transcript: text)
        _ = encoder.push(speech)
        let first = encoder.finish()
        #expect(first.timing != nil && first.transcriptMatch != nil)
        _ = encoder.push(speech)
        let second = encoder.finish()
        #expect(second.timing == nil && second.transcriptMatch == nil)
    }

    /// Longer than what is followed of a text at a time.
    @Test func aBookOfWhichOnlyTheStartIsSaidHasTheSamePace() throws {
        let (speech, text) = try sample("strikes")
        let book = text + " " + String(repeating: "nobody has read any further than here ", count: 200)
        let (short, long) = (
            try #require(try encode(speech, text).timing), try #require(try encode(speech, book).timing)
        )
        let words = TextSymbols(text).words
        let near = words.count { word in
            guard let a = start(of: word.symbols.lowerBound, in: short),
                let b = start(of: word.symbols.lowerBound, in: long)
            else { return false }
            return abs(a - b) <= 2
        }
        #expect(4 * near >= 3 * words.count)
    }
}
