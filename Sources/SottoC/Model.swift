// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import Quantizer
import Sotto
import Transcript

final class ModelHandle: Handled {
    static let name = "a model"
    let model: CodecModel

    init(_ model: CodecModel) { self.model = model }
}

@c @implementation
public func sotto_model_open(
    _ path: UnsafePointer<CChar>!, _ model: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let (place, path) = (try place(model, for: "the model"), try SottoC.path(path))
        place.pointee = Handles.open(ModelHandle(try CodecModel(path: path)))
    }
}

@c @implementation
public func sotto_model_open_bytes(
    _ bytes: UnsafeRawPointer!, _ byteCount: Int, _ base: UnsafeRawPointer!, _ baseByteCount: Int,
    _ model: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let place = try place(model, for: "the model")
        let bytes = try buffer(bytes?.assumingMemoryBound(to: UInt8.self), byteCount, of: "bytes of weights")
        let base = try buffer(
            base?.assumingMemoryBound(to: UInt8.self), baseByteCount, of: "bytes of the base's weights")
        let span = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes))
        let loaded =
            base.isEmpty
            ? try CodecModel(bytes: span)
            : try CodecModel(bytes: span, base: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(base)))
        place.pointee = Handles.open(ModelHandle(loaded))
    }
}

@c @implementation
public func sotto_model_describe(
    _ model: OpaquePointer!, _ info: UnsafeMutablePointer<sotto_model_info>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let (model, place) = (try Handles.get(model, ModelHandle.self).model, try place(info, for: "what the model is"))
        let c = model.configuration
        var info = sotto_model_info()
        info.sample_rate = Int32(c.sampleRate)
        info.frame_size = Int32(c.frameSize)
        info.codebooks = Int32(c.quantizer.codebooks)
        info.codebook_size = Int32(c.quantizer.codes)
        info.delay = Int32(c.delay)
        info.reads_text = model.readsText ? 1 : 0
        info.lookahead = Int32(model.transcripts?.lookahead ?? 0)
        withUnsafeMutableBytes(of: &info.identity) { $0.copyBytes(from: model.identity) }
        withUnsafeMutableBytes(of: &info.codes_identity) { $0.copyBytes(from: model.codesIdentity) }
        place.pointee = info
    }
}

@c @implementation
public func sotto_model_levels(
    _ model: OpaquePointer!, _ steps: UnsafeMutablePointer<Int32>!, _ nominal: UnsafeMutablePointer<Int32>!,
    _ step: UnsafeMutablePointer<Double>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let level = try Handles.get(model, ModelHandle.self).model.configuration.level
        try place(steps, for: "the number of levels").pointee = Int32(level?.steps ?? 0)
        (nominal as UnsafeMutablePointer<Int32>?)?.pointee = Int32(level?.middle ?? 0)
        (step as UnsafeMutablePointer<Double>?)?.pointee = level?.step ?? 0
    }
}

@c @implementation
public func sotto_model_vectors(
    _ model: OpaquePointer!, _ vectors: UnsafeMutablePointer<Float>!, _ room: Int,
    _ width: UnsafeMutablePointer<Int32>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let quantizer = try Handles.get(model, ModelHandle.self).model.quantizer
        let place = try place(width, for: "the width")
        let room = try buffer(vectors, room: room, for: "values")
        place.pointee = Int32(quantizer.dimensions)
        let count = quantizer.codebooks * quantizer.codes * quantizer.dimensions
        guard room.count >= count else {
            // Who asks with no room at all wants to know how much it takes.
            guard room.count > 0 else { return }
            throw CallError.noRoom("there is room for \(room.count) of \(count) values")
        }
        _ = room.update(from: quantizer.vectors)
    }
}

@c @implementation public func sotto_model_close(_ model: OpaquePointer!) { Handles.close(model, ModelHandle.self) }
