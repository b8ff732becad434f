// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import Sotto

@c @implementation
public func sotto_model_align(
    _ model: OpaquePointer!, _ codes: UnsafePointer<UInt16>!, _ counts: UnsafePointer<UInt8>!, _ frames: Int,
    _ width: Int, _ sampleCount: Int64, _ text: UnsafePointer<CChar>!, _ words: UnsafeMutablePointer<sotto_word>!,
    _ room: Int, _ count: UnsafeMutablePointer<Int>!, _ match: UnsafeMutablePointer<Double>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let model = try Handles.get(model, ModelHandle.self).model
        let place = try place(count, for: "the number of words")
        let room = try buffer(words, room: room, for: "words")
        let samples = try SottoC.sampleCount(sampleCount)
        guard let text = text as UnsafePointer<CChar>? else { throw CallError.usage("NULL was given as a text") }
        let said = try SottoC.text(text)
        let alignment = try model.align(
            model.frames(codes, counts, frames, width), with: said,
            seconds: samples.map { Double($0) / Double(model.configuration.sampleRate) })
        place.pointee = alignment.words.count
        (match as UnsafeMutablePointer<Double>?)?.pointee = alignment.match
        guard room.count >= alignment.words.count else {
            throw CallError.noRoom("there is room for \(room.count) of \(alignment.words.count) words")
        }
        for (index, word) in located(alignment.words, in: Array(said.utf8)).enumerated() { room[index] = word }
    }
}

/// Words, in their order, with their places in the text that they are of. What lies between them has no letters, so that a word is
/// where it is found first after the one before.
private func located(_ words: [WordTiming], in text: [UInt8]) -> [sotto_word] {
    var next = 0
    return words.map { word in
        let bytes = Array(word.word.utf8)
        while next < text.count, !text[next...].starts(with: bytes) { next += 1 }
        defer { next += bytes.count }
        return sotto_word(
            offset: next, byte_count: bytes.count, start: word.start ?? -1, end: word.end ?? -1)
    }
}
