// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import Quantizer
import Sotto
import SottoStreams
import Synchronization

@c @implementation
public func sotto_decoder_open(
    _ model: OpaquePointer!, _ sampleCount: Int64, _ readsText: Int32,
    _ decoder: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let model = try Handles.get(model, ModelHandle.self).model
        let place = try place(decoder, for: "the decoder")
        let made = try DecoderHandle(
            model, sampleCount: SottoC.sampleCount(sampleCount), readsText: flag(readsText, "reads_text"))
        place.pointee = Handles.open(made)
    }
}

@c @implementation
public func sotto_decoder_push(
    _ decoder: OpaquePointer!, _ codes: UnsafePointer<UInt16>!, _ counts: UnsafePointer<UInt8>!, _ frames: Int,
    _ width: Int, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let arrivals = try decoder.model.frames(codes, counts, frames, width).map { $0.map(Arrival.codes) ?? .lost(1) }
        try decoder.state.withLock { try $0.push(arrivals) }
    }
}

@c @implementation
public func sotto_decoder_push_latents(
    _ decoder: OpaquePointer!, _ latents: UnsafePointer<Float>!, _ frames: Int, _ width: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let rows = try buffer(latents, frames, of: "frames")
        guard !rows.isEmpty else { return }
        guard (1...Int(UInt16.max)).contains(width) else { throw CallError.usage("no latents are \(width) values") }
        let quantizer = decoder.model.quantizer
        let arrivals = try rows.indices.map { row in
            let frame = Array(UnsafeBufferPointer(start: latents + row * width, count: width))
            try quantizer.check(latents: frame)
            return Arrival.latents(frame)
        }
        try decoder.state.withLock { try $0.push(arrivals) }
    }
}

@c @implementation
public func sotto_decoder_set_level(
    _ decoder: OpaquePointer!, _ level: Int32, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        guard let level = UInt8(exactly: level) else {
            throw CallError.usage("levels go from 0 to 255, not to \(level)")
        }
        try decoder.state.withLock { try $0.push(CollectionOfOne(.level(level))) }
    }
}

@c @implementation
public func sotto_decoder_push_lost(
    _ decoder: OpaquePointer!, _ frames: Int32, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let lost = Arrival.lost(try amount(frames, of: "lost frames"))
        try decoder.state.withLock { try $0.push(CollectionOfOne(lost)) }
    }
}

@c @implementation
public func sotto_decoder_push_noise(
    _ decoder: OpaquePointer!, _ levels: UnsafePointer<UInt8>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let levels = Array(try buffer(levels, ComfortNoise.bands, of: "levels"))
        guard let noise = ComfortNoise(levels: levels) else { return }
        try decoder.state.withLock { try $0.push(CollectionOfOne(.noise(noise))) }
    }
}

@c @implementation
public func sotto_decoder_push_pause(
    _ decoder: OpaquePointer!, _ frames: Int32, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let pause = Arrival.paused(try amount(frames, of: "frames of a pause"))
        try decoder.state.withLock { try $0.push(CollectionOfOne(pause)) }
    }
}

@c @implementation
public func sotto_decoder_conceal(_ decoder: OpaquePointer!, _ error: UnsafeMutablePointer<sotto_error>!) -> Int32 {
    call(error) { try Handles.get(decoder, DecoderHandle.self).state.withLock { try $0.conceal() } }
}

@c @implementation
public func sotto_decoder_add_transcript(
    _ decoder: OpaquePointer!, _ text: UnsafePointer<CChar>!, _ timing: UnsafePointer<UInt32>!, _ timingCount: Int,
    _ firstFrame: Int64, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        guard decoder.readsText else { throw CallError.usage("this decoder was opened with reads_text 0") }
        let transcript = try Transcription(text, timing, timingCount, firstFrame)
        decoder.state.withLock {
            $0.decoder.transcripts.add(transcript.text, timing: transcript.timing, from: transcript.firstFrame)
        }
    }
}

@c @implementation
public func sotto_decoder_finish(_ decoder: OpaquePointer!, _ error: UnsafeMutablePointer<sotto_error>!) -> Int32 {
    call(error) { try Handles.get(decoder, DecoderHandle.self).state.withLock { try $0.finish() } }
}

@c @implementation
public func sotto_decoder_read(
    _ decoder: OpaquePointer!, _ samples: UnsafeMutablePointer<Float>!, _ room: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let place = try place(count, for: "the number of samples")
        let room = try buffer(samples, room: room, for: "samples")
        place.pointee = try decoder.state.withLock { try $0.read(room) }
    }
}

@c @implementation
public func sotto_decoder_match(
    _ decoder: OpaquePointer!, _ match: UnsafeMutablePointer<Double>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        let place = try place(match, for: "the match")
        place.pointee = decoder.state.withLock { $0.decoder.transcripts.fit?.match } ?? -1
    }
}

@c @implementation
public func sotto_decoder_copy(
    _ decoder: OpaquePointer!, _ copy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let decoder = try Handles.get(decoder, DecoderHandle.self)
        try place(copy, for: "the copy").pointee = Handles.open(DecoderHandle(copying: decoder))
    }
}

@c @implementation public func sotto_decoder_close(_ decoder: OpaquePointer!) {
    Handles.close(decoder, DecoderHandle.self)
}
