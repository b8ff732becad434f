// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import NeuralNet
import Quantizer
import Sotto
import Spectral
import TestSupport
import Testing
import Transcript

/// Speech by the word, from samples to samples, with the models that ship.
@Suite struct WordTests {
    let model: CodecModel
    let words: WordModel

    init() throws { (model, words) = (try Fixture.model(), try WordFixture.words()) }

    /// The features of the hops that are voiced, on average: 80 bands and the pitch.
    private func timbre(_ audio: [Float]) -> [Double] {
        var extractor = FeatureExtractor(model)
        var (found, sums, count) = (FeatureExtractor.Features(), [Double](repeating: 0, count: 81), 0.0)
        let (size, columns) = (model.configuration.frameSize, 82)
        for start in stride(from: 0, through: audio.count - size, by: size) {
            extractor.advance(audio[start..<start + size], into: &found)
            let values = found.rows.values
            for hop in stride(from: 0, to: values.count, by: columns) where values[hop + columns - 1] > 0.5 {
                for i in sums.indices { sums[i] += Double(values[hop + i]) }
                count += 1
            }
        }
        return sums.map { $0 / max(1, count) }
    }

    private func distance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    @Test func speechComesBackInStepWithItsWords() throws {
        let speech = try Fixture.sample("campfire")
        let spoken = try WordFixture.spoken(model, words)
        let all = try #require(spoken.words(frameRate: model.configuration.frameRate))
        #expect(all.map(\.text).filter { !$0.isEmpty } == WordFixture.text.split(separator: " ").map(String.init))
        #expect(spoken.codes.count == all.reduce(0) { $0 + ($1.text.isEmpty ? 1 : 4) })
        let decoded = try WordFixture.decoded(spoken, model, words, sampleCount: speech.count)
        #expect(decoded.count == speech.count && decoded.allSatisfy(\.isFinite))
        // As loud at the same time: the words are where they were.
        let (a, b) = (loudness(speech), loudness(decoded))
        #expect(correlation(a, b) > 0.7, "\(correlation(a, b))")
    }

    /// Samples of any chunking give the same, and so does one stream after the other.
    @Test func chunksMakeNoDifference() throws {
        let speech = try Fixture.sample("campfire")
        var encoder = try WordEncoder(model, words: words, transcript: WordFixture.text)
        for start in stride(from: 0, to: speech.count, by: 777) { encoder.push(speech[start...].prefix(777)) }
        #expect(try encoder.finish() == WordFixture.spoken(model, words))
        #expect(throws: WordError.noSpeech) { try encoder.finish() }
    }

    /// With the voice of another speaker, the same words sound more like that one.
    @Test(arguments: ["sermons"]) func voicesAreHeard(name: String) throws {
        let spoken = try WordFixture.spoken(model, words, codes: 0)
        let text = try String(contentsOfFile: Fixture.path("Samples/\(name).txt"), encoding: .utf8)
        let other = try WordFixture.spoken(model, words, sample: name, text: text, codes: 0)
        #expect(spoken.voice != other.voice)
        var changed = spoken
        changed.voice = other.voice
        let sounds = try [spoken, changed, other].map { timbre(try WordFixture.decoded($0, model, words)) }
        let (before, after) = (distance(sounds[0], sounds[2]), distance(sounds[1], sounds[2]))
        #expect(after < 0.7 * before, "\(before) \(after)")
    }

    @Test func transcriptsThatDoNotFitAreRefused() throws {
        let other = "Moral sermons and goody-goodness won't chime."
        #expect {
            try WordFixture.spoken(model, words, text: other)
        } throws: {
            if case .transcriptFitsBadly(let match) = $0 as? WordError { match < 0.5 } else { false }
        }
        for text in ["", " — ", "\n"] {
            #expect(throws: WordError.noTranscript) { try WordEncoder(model, words: words, transcript: text) }
        }
        #expect(throws: WordError.impossibleNumber(3, counts: [0, 2, 4])) {
            try WordEncoder(model, words: words, codes: 3, transcript: "a")
        }
    }

    @Test func modelsThatDoNotBelongTogetherAreRefused() throws {
        let other = try CodecModel(path: Fixture.path("Models/sotto-16k-6hz.safetensors"))
        #expect(throws: WordError.otherBase(words.name, model: other.configuration.name)) {
            try WordEncoder(other, words: words, transcript: "a")
        }
        #expect(throws: WordError.otherBase(words.name, model: other.configuration.name)) {
            try WordDecoder(WordFixture.spoken(model, words), by: other, words: words)
        }
        #expect(throws: WordError.notWords(Fixture.modelPath)) { try WordModel(path: Fixture.modelPath) }
        #expect(throws: (any Error).self) { try CodecModel(path: WordFixture.path) }
    }

    /// What no encoder made: refused, or spoken.
    @Test func anyWordsComeBack() throws {
        let spoken = try WordFixture.spoken(model, words)
        var random = SeededGenerator(seed: 26)
        for round in 0..<12 {
            var told = spoken
            switch round % 6 {
            case 0: told.codes = told.codes.map { Bool.random(using: &random) ? $0 : nil }
            case 1: told.codes = []
            case 2: told.voice = round < 6 ? nil : [1, 2]
            case 3: told.voice = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 4: told.codes += [UInt8?](repeating: 7, count: 10_000)
            default: told.level = .max
            }
            let frames = try WordFixture.decoded(told, model, words)
            #expect(
                frames.count == spoken.timing.counts.count * 1280 - model.configuration.delay
                    && frames.allSatisfy(\.isFinite))
        }
        for timing: SymbolTiming in [[-1], [.max], [200]] {
            var told = spoken
            told.timing = timing
            #expect(throws: WordError.self) { try WordDecoder(told, by: model, words: words) }
        }
        var told = spoken
        (told.timing, told.transcript) = ([], "🙂")
        #expect(try WordFixture.decoded(told, model, words).isEmpty)
        told.codesPerWord = 3
        #expect(throws: WordError.impossibleNumber(3, counts: [0, 2, 4])) {
            try WordDecoder(told, by: model, words: words)
        }
    }

    /// More frames than are taken at a time give what fewer do: a part's edges aren't heard.
    @Test func partsMakeNoDifference() throws {
        let text = [WordFixture.text, WordFixture.text, WordFixture.text].joined(separator: " ")
        let speech = try Fixture.sample("campfire")
        var encoder = try WordEncoder(model, words: words, transcript: text)
        encoder.push(speech + speech + speech)
        let spoken = try encoder.finish()
        #expect(spoken.timing.counts.count > 128)
        let latents = try WordFixture.latents(spoken, words)
        // What comes after frame 140 makes no difference to frame 125, of another part, but for letters.
        var cut = spoken
        cut.timing = SymbolTiming(counts: Array(spoken.timing.counts.prefix(140)))
        let before = try WordFixture.latents(cut, words)
        let same = zip(latents, before).prefix { $0 == $1 }.count / 33
        #expect((110..<140).contains(same), "\(same)")
    }

    /// A file that is changed anywhere is no words' model.
    @Test func damagedModelsAreRefused() throws {
        let (folder, whole) = (try TemporaryFolder(), try Data(contentsOf: URL(filePath: WordFixture.path)))
        var random = SeededGenerator(seed: 27)
        let header = Int(whole.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian }) + 8
        for round in 0..<60 {
            let place = Int.random(in: round % 2 == 0 ? 0..<header : header..<whole.count, using: &random)
            var bytes = whole
            bytes[place] ^= 1 << Int.random(in: 0..<8, using: &random)
            let path = try folder.write("flipped.safetensors", bytes)
            // Spaces that fill up the header are no part of what it says.
            guard !(whole[place] == UInt8(ascii: " ") && place < header) else { continue }
            #expect(throws: (any Error).self, "byte \(place)") { try WordModel(path: path) }
        }
        #expect(throws: (any Error).self) {
            try WordModel(path: folder.write("cut.safetensors", whole.prefix(100_000)))
        }
    }

    /// The power of each 40 ms.
    private func loudness(_ audio: [Float]) -> [Double] {
        stride(from: 0, to: audio.count - 640, by: 640).map { start in
            log(audio[start..<start + 640].reduce(1e-6) { $0 + Double($1 * $1) })
        }
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
        let (x, y) = (a.map { $0 - meanA }, b.map { $0 - meanB })
        func sum(_ p: [Double], _ q: [Double]) -> Double { zip(p, q).reduce(0) { $0 + $1.0 * $1.1 } }
        return sum(x, y) / (sum(x, x) * sum(y, y)).squareRoot()
    }
}
