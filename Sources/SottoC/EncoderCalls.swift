// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import Sotto
import Synchronization
import Transcript

@c @implementation
public func sotto_encoder_open(
    _ model: OpaquePointer!, _ codes: Int32, _ average: Int32, _ transcript: UnsafePointer<CChar>!,
    _ encoder: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let model = try Handles.get(model, ModelHandle.self).model
        let place = try place(encoder, for: "the encoder")
        let transcript = try (transcript as UnsafePointer<CChar>?).map(text)
        let made = try SpeechEncoder(model, codes: codesPerFrame(codes, average: average), transcript: transcript)
        place.pointee = Handles.open(EncoderHandle(made))
    }
}

@c @implementation
public func sotto_encoder_open_latents(
    _ model: OpaquePointer!, _ encoder: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let model = try Handles.get(model, ModelHandle.self).model
        try place(encoder, for: "the encoder").pointee = Handles.open(EncoderHandle(latentsOf: model))
    }
}

@c @implementation
public func sotto_encoder_width(
    _ encoder: OpaquePointer!, _ width: UnsafeMutablePointer<Int32>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let (encoder, place) = (try Handles.get(encoder, EncoderHandle.self), try place(width, for: "the width"))
        place.pointee = Int32(encoder.width)
    }
}

@c @implementation
public func sotto_encoder_push(
    _ encoder: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ sampleCount: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let samples = try buffer(samples, sampleCount, of: "samples")
        try encoder.state.withLock { try $0.push(samples) { $0 } }
    }
}

@c @implementation
public func sotto_encoder_push_int16(
    _ encoder: OpaquePointer!, _ samples: UnsafePointer<Int16>!, _ sampleCount: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let samples = try buffer(samples, sampleCount, of: "samples")
        try encoder.state.withLock { try $0.push(samples) { Float($0) / 32768 } }
    }
}

@c @implementation
public func sotto_encoder_finish(_ encoder: OpaquePointer!, _ error: UnsafeMutablePointer<sotto_error>!) -> Int32 {
    call(error) { try Handles.get(encoder, EncoderHandle.self).state.withLock { try $0.finish() } }
}

@c @implementation
public func sotto_encoder_available(
    _ encoder: OpaquePointer!, _ frames: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let place = try place(frames, for: "the number of frames")
        place.pointee = encoder.state.withLock { $0.frames.count + $0.latents.count }
    }
}

@c @implementation
public func sotto_encoder_read(
    _ encoder: OpaquePointer!, _ codes: UnsafeMutablePointer<UInt16>!, _ counts: UnsafeMutablePointer<UInt8>!,
    _ room: Int, _ frames: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let place = try place(frames, for: "the number of frames")
        try encoder.require(.codes)
        let rows = try buffer(codes, room: room, for: "frames")
        let codes = UnsafeMutableBufferPointer(start: rows.baseAddress, count: rows.count * encoder.width)
        place.pointee = try encoder.state.withLock { state in
            guard counts != nil || !state.encoder.counts.isVariable || room == 0 else {
                throw CallError.usage("frames of this encoder differ in codes; give a place for their counts")
            }
            return state.read(codes, counts, width: encoder.width)
        }
    }
}

@c @implementation
public func sotto_encoder_levels(
    _ encoder: OpaquePointer!, _ levels: UnsafeMutablePointer<UInt8>!, _ room: Int,
    _ frames: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let place = try place(frames, for: "the number of frames")
        try encoder.require(.codes)
        let levels = try buffer(levels, room: room, for: "levels")
        place.pointee = encoder.state.withLock { $0.levels(levels) }
    }
}

@c @implementation
public func sotto_encoder_read_latents(
    _ encoder: OpaquePointer!, _ latents: UnsafeMutablePointer<Float>!, _ room: Int,
    _ frames: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let place = try place(frames, for: "the number of frames")
        try encoder.require(.latents)
        let rows = try buffer(latents, room: room, for: "frames")
        let latents = UnsafeMutableBufferPointer(start: rows.baseAddress, count: rows.count * encoder.width)
        place.pointee = encoder.state.withLock { $0.read(latents, width: encoder.width) }
    }
}

@c @implementation
public func sotto_encoder_timing(
    _ encoder: OpaquePointer!, _ timing: UnsafeMutablePointer<UInt32>!, _ room: Int,
    _ count: UnsafeMutablePointer<Int>!, _ match: UnsafeMutablePointer<Double>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        let place = try place(count, for: "the number of counts")
        try encoder.require(.codes)
        let room = try buffer(timing, room: room, for: "counts")
        guard let ending = encoder.state.withLock({ $0.ending }) else {
            throw CallError.usage("the timing is known when the encoder has been finished")
        }
        let counts = ending.timing?.counts ?? []
        place.pointee = counts.count
        (match as UnsafeMutablePointer<Double>?)?.pointee = ending.transcriptMatch ?? -1
        guard room.count >= counts.count else {
            // Who asks with no room at all wants to know how much it takes.
            guard room.count > 0 else { return }
            throw CallError.noRoom("there is room for \(room.count) of \(counts.count) counts")
        }
        for (index, value) in counts.enumerated() { room[index] = UInt32(clamping: value) }
    }
}

@c @implementation
public func sotto_encoder_copy(
    _ encoder: OpaquePointer!, _ copy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let encoder = try Handles.get(encoder, EncoderHandle.self)
        try place(copy, for: "the copy").pointee = Handles.open(EncoderHandle(copying: encoder))
    }
}

@c @implementation public func sotto_encoder_close(_ encoder: OpaquePointer!) {
    Handles.close(encoder, EncoderHandle.self)
}
