// SPDX-License-Identifier: Apache-2.0
// What an app does with Sotto: tokens and back, packets and back, and errors that it can tell apart.

import Foundation
import Sotto
import SottoModels
import SottoStreams

// A second of a voice's harmonics, 120 Hz going up.
let speech = (0..<16000).map { index -> Float in
    let turns = Float(index) / 16000 * (120 + 20 * Float(index) / 16000)
    return (1...20).reduce(0) { $0 + 0.1 / Float($1) * sin(2 * .pi * turns * Float($1)) }
}

for kind in EmbeddedModel.allCases {
    let model = try CodecModel.embedded(kind)
    let codes = CodesPerFrame.average(min(4, model.configuration.quantizer.codebooks))
    var encoder = try SpeechEncoder(model, codes: codes)
    let frames = encoder.push(speech) + encoder.finish().frames
    let frameSize = model.configuration.frameSize
    require(frames.count == (speech.count + frameSize - 1) / frameSize, "a frame for each \(frameSize) samples")

    var decoder = SpeechDecoder(model)
    let decoded = try frames.flatMap { try decoder.push($0) }
    let power = decoded.reduce(0) { $0 + $1 * $1 } / Float(decoded.count)
    require(decoded.count == frames.count * frameSize && power > 0.001, "speech that can be heard")

    var sender = try SpeechSender(model, codes: codes)
    var receiver = try SpeechReceiver(ModelShelf(model))
    let packets = try sender.push(speech) + sender.finish()
    let heard = try packets.flatMap { try receiver.push($0) } + receiver.finish()
    // A receiver trims what the codec adds at the start.
    require(heard[...] == decoded.dropFirst(decoder.delay), "the same samples over a line")
    require(receiver.statistics.isPerfect, "a line without losses")
}

// Errors that can be told apart, with nothing but Sotto imported.
let model = try CodecModel.embedded()
do {
    _ = try SpeechEncoder(model, codes: .fixed(9))
    require(false, "an error")
} catch {
    require(error == .impossibleNumber(9, codebooks: 8), "QuantizerError, as the type says")
}
var reader = SpeechDecoder(model)
require(throwsError({ try reader.setTranscript("") }) { $0 == ModelError.madeWithoutTranscript }, "ModelError")
require(throwsError({ _ = try CodecModel(path: "/no") }) { $0 == SystemError.noSuchFile("/no") }, "SystemError")
let (torn, empty): ([UInt8], [UInt8]) = ([1, 2, 3], [2, 0, 0, 0, 0, 0, 0, 0] + "{}".utf8)
require(
    throwsError({ _ = try CodecModel(bytes: torn.span.bytes) }) { (error: WeightsError) in
        error.description.hasPrefix("the weights can't be used")
    }, "WeightsError")
require(
    throwsError({ _ = try CodecModel(bytes: empty.span.bytes) }) { $0 == ModelError.notSotto("the weights") },
    "ModelError of what is no model")

// The documents' code, which `run` puts beside this file: the README's plays what a second completes, Docs/swift.md's all of it, three
// times, and what it completes in three streams together.
require(try await readme(Microphone(speech: speech)).count == 12 * 1280, "12 whole frames in the README's code")
require(
    try await page(Microphone(speech: speech)).count == (3 * 13 + 3 * 12) * 1280 - reader.delay,
    "13 frames, three times, and 12 in each of three streams, in the code of Docs/swift.md")
print("client: Sotto \(sottoVersion) can be depended on")
