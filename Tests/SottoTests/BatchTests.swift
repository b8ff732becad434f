// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TestSupport
import Testing

/// Streams that are advanced together give what each gives alone.
@Suite struct BatchTests {
    private let model: CodecModel
    private let text: CodecModel
    /// Speech and frames of several speakers, with all codes.
    private let speech: [[Float]]
    private let frames: [[TokenFrame]]

    init() throws {
        let model = try Fixture.model()
        let speech = try Fixture.samples.map { Array(try Fixture.sample($0).prefix(16 * 1280)) }
        (self.model, self.speech, text) = (model, speech, try TextFixture.model())
        frames = speech.map { SpeechEncoder.frames(of: $0, by: model) }
    }

    /// A stream of speech at some frame, and how it is told from others.
    private struct Source {
        let speaker: Int
        var frame: Int
    }

    private func source(_ generator: inout SeededGenerator) -> Source {
        let speaker = Int.random(in: frames.indices, using: &generator)
        return Source(speaker: speaker, frame: Int.random(in: frames[speaker].indices, using: &generator))
    }

    /// What arrives of a stream at a time: mostly a frame, of any number of codes; anything else that a line brings; or nothing.
    private func arrivals(of source: inout Source, _ generator: inout SeededGenerator) -> [Arrival] {
        func next() -> [Arrival] {
            let all = frames[source.speaker]
            let frame = all[source.frame % all.count]
            source.frame += 1
            let codes = Array(frame.codes.prefix(Int.random(in: 1...8, using: &generator)))
            return TokenFrame(codes: codes, level: frame.level).arrivals
        }
        let noise = ComfortNoise(level: UInt8.random(in: 80...160, using: &generator))
        switch Int.random(in: 0..<40, using: &generator) {
        case 0: return []
        case 1: return [.lost(Int.random(in: 1...6, using: &generator))]
        case 2: return [.lost(Int.random(in: 1...6, using: &generator))] + next()
        case 3: return [.noise(noise), .paused(2)]
        case 4: return next() + [.noise(noise)] + next()
        case 5: return next() + next() + next()
        case 6: return next() + [.codes([9999])] + next()
        case 7: return [.codes([])]
        case 8: return next() + [.lost(1)]
        default: return next()
        }
    }

    private func decoder(_ generator: inout SeededGenerator) throws -> SpeechDecoder {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            var decoder = SpeechDecoder(model)
            decoder.joinsMidStream = true
            return decoder
        case 1: return try SpeechDecoder(model, transcript: "when the sun shines on the rain")
        case 2: return SpeechDecoder(text)
        default: return SpeechDecoder(model)
        }
    }

    /// Streams join and leave at any time, lose frames, pause, and bring codes that can't be.
    @Test(arguments: [1, 2, 3]) func decodersGiveWhatTheyGiveAlone(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (batch, alone, sources) = (SpeechDecoderBatch(), [SpeechDecoder](), [Source]())
        var (compared, failures) = (0, 0)
        for time in 0..<40 {
            while alone.count < 3 || alone.count < 24 && Int.random(in: 0..<3, using: &generator) > 0 {
                let decoder = try alone.isEmpty ? SpeechDecoder(model) : decoder(&generator)
                alone.append(decoder)
                batch.streams.append(decoder)
                sources.append(source(&generator))
            }
            if time % 5 == 4 {
                let gone = Int.random(in: 1..<alone.count, using: &generator)
                alone.remove(at: gone)
                batch.streams.remove(at: gone)
                sources.remove(at: gone)
            }
            let arrivals = sources.indices.map { self.arrivals(of: &sources[$0], &generator) }
            let together = batch.push(arrivals)
            #expect(together.count == alone.count)
            for stream in alone.indices {
                let one = Result { () throws(QuantizerError) in try alone[stream].push(arrivals[stream]) }
                #expect(together[stream] == one, "stream \(stream) at \(time)")
                compared += 1
                if case .failure = one { failures += 1 }
            }
        }
        #expect(compared > 500 && failures > 5)
    }

    @Test func arrivalsOfMoreOrFewerStreamsThanThereAre() throws {
        var batch = SpeechDecoderBatch([SpeechDecoder](repeating: SpeechDecoder(model), count: 3))
        let frame = [Arrival.codes(frames[0][0].codes)]
        let sizes = { (results: [Result<[Float], QuantizerError>]) in try results.map { try $0.get().count } }
        #expect(try sizes(batch.push([frame])) == [1280, 0, 0])
        #expect(try sizes(batch.push([frame, frame, frame, frame, frame])) == [1280, 1280, 1280])
        #expect(try sizes(batch.push([])) == [0, 0, 0])
        batch.streams = []
        #expect(batch.push([frame]).isEmpty)
    }

    /// A latent of the model of 6.25 Hz is half a frame.
    @Test func framesOfTwoLatents() throws {
        let model = try LevelFixture.model("level-model-6hz")
        let frames = try LevelFixture.frames("6hz.")
        var batch = SpeechDecoderBatch([SpeechDecoder](repeating: SpeechDecoder(model), count: 5))
        var alone = batch.streams
        for time in 0..<6 {
            let arrivals = (0..<5).map { [Arrival.codes(frames[(time + $0) % frames.count].codes)] }
            let together = batch.push(arrivals)
            for stream in 0..<5 { #expect(try together[stream].get() == alone[stream].push(arrivals[stream])) }
        }
        let audio = try LevelFixture.audio()
        var encoders = SpeechEncoderBatch([SpeechEncoder](repeating: SpeechEncoder(model), count: 5))
        var lonely = encoders.streams
        let pieces = (0..<5).map { Array(audio.dropFirst(700 * $0)) }
        let heard = encoders.push(pieces)
        for stream in 0..<5 { #expect(heard[stream] == lonely[stream].push(pieces[stream])) }
    }

    private func encoder(_ generator: inout SeededGenerator) throws -> SpeechEncoder {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: try SpeechEncoder(model, codes: .average(4))
        case 1: try SpeechEncoder(model, codes: .fixed(2), transcript: "when the sun shines on the rain")
        case 2: SpeechEncoder(text)
        default: SpeechEncoder(model)
        }
    }

    /// Any number of samples at a time; streams join and leave.
    @Test(arguments: [1, 2]) func encodersGiveWhatTheyGiveAlone(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (batch, alone, places) = (SpeechEncoderBatch(), [SpeechEncoder](), [(speaker: Int, sample: Int)]())
        var compared = 0
        for time in 0..<30 {
            while alone.count < 3 || alone.count < 20 && Int.random(in: 0..<3, using: &generator) > 0 {
                let encoder = try alone.isEmpty ? SpeechEncoder(model) : encoder(&generator)
                alone.append(encoder)
                batch.streams.append(encoder)
                places.append((Int.random(in: speech.indices, using: &generator), 0))
            }
            if time % 5 == 4 {
                let gone = Int.random(in: 1..<alone.count, using: &generator)
                let ending = batch.streams[gone].finish()
                let same = alone[gone].finish()
                #expect(ending.frames == same.frames && ending.timing == same.timing)
                #expect(ending.transcriptMatch == same.transcriptMatch)
                alone.remove(at: gone)
                batch.streams.remove(at: gone)
                places.remove(at: gone)
            }
            let audio = places.indices.map { stream in
                let count = [0, 160, 1000, 1280, 1280, 3000].randomElement(using: &generator) ?? 0
                let all = speech[places[stream].speaker]
                let start = places[stream].sample % (all.count - count)
                places[stream].sample += count
                return Array(all[start..<start + count])
            }
            let together = batch.push(audio)
            for stream in alone.indices {
                let one = alone[stream].push(audio[stream])
                #expect(together[stream] == one, "stream \(stream) at \(time)")
                #expect(batch.streams[stream].level == alone[stream].level)
                compared += one.count
            }
        }
        #expect(compared > 200)
        let nothing = batch.push([])
        #expect(nothing == [[TokenFrame]](repeating: [], count: alone.count))
    }
}
