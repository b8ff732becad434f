// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile
import Sotto
import SottoStreams
import SystemIO

struct StreamEncode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Raw audio in, token packets out, each as soon as its frame is there.")

    @OptionGroup var pcm: PCMOptions
    @OptionGroup var encoding: EncodingOptions
    @Flag(help: "Send next to nothing in pauses; the decoder then makes a noise like the background's.")
    var dtx = false
    @Flag(
        help: "Send the first code of each frame with the next one too: a frame lost by itself is then heard coarsely.")
    var fec = false
    @OptionGroup var model: ModelOptions

    func run() throws {
        let interruption = try Interruption()
        let model = try model.load(for: .encoding)
        var sender = try SpeechSender(
            model, codes: try encoding.codes(of: model), repeatsFirstCodes: fec, sendsPauses: dtx)
        var samples = try PCMDecoder(format: pcm.format, channels: pcm.channels)
        var resampler = try Resampler(from: pcm.rate, to: model.configuration.sampleRate)
        let name = ByteSource.standardInputName
        var isRaw = true
        func write(_ packets: [[UInt8]]) throws {
            guard !packets.isEmpty else { return }
            try ByteSink.standardOutput.write(Array(packets.joined()))
        }
        let signal = try ByteSource.standardInput.forEachChunk(until: interruption) { bytes in
            let audio = try resampler.process(samples.push(bytes))
            if isRaw, let container = samples.container {
                isRaw = false
                Message.warning("\(name) begins like a file (\(container)), but all of it is taken for raw samples")
            }
            try write(sender.push(audio))
        }
        if samples.danglingBytes > 0 {
            Message.warning("the input ended inside of a sample; its \(samples.danglingBytes) bytes are left out")
        }
        try write(sender.push(try resampler.finish()))
        try write(sender.finish())
        for warning in samples.warnings(name: name) { Message.warning(warning) }
        if let signal { throw Interrupted(signal: signal) }
    }
}
