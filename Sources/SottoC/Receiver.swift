// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import Sotto
import SottoStreams
import Synchronization
import TokenFile

final class ReceiverHandle: Handled {
    static let name = "a receiver"
    let readsText: Bool
    let state: Mutex<ReceiverState>

    init(_ receiver: SpeechReceiver, readsText: Bool) {
        self.readsText = readsText
        state = Mutex(ReceiverState(receiver: receiver))
    }

    init(copying other: ReceiverHandle) {
        readsText = other.readsText
        state = Mutex(other.state.withLock { $0 })
    }
}

struct ReceiverState: Sendable {
    var receiver: SpeechReceiver
    private var samples = Queue<Float>()
    private var hasFinished = false

    init(receiver: SpeechReceiver) { self.receiver = receiver }

    mutating func push(_ bytes: UnsafeBufferPointer<UInt8>) throws(CallError) {
        guard !hasFinished else { throw .usage("the receiver has been finished; open another one") }
        receiver.append(bytes)
    }

    mutating func finish() throws(CallError) {
        guard !hasFinished else { throw .usage("the receiver has been finished already") }
        hasFinished = true
        receiver.end()
    }

    /// Decodes as much as there is room for.
    ///
    /// - Returns: how many samples these are.
    mutating func read(_ room: UnsafeMutableBufferPointer<Float>) throws -> Int {
        var count = 0
        while true {
            count += samples.move(to: room[count...])
            guard count < room.count, let more = try receiver.read() else { return count }
            samples.append(more)
        }
    }
}

@c @implementation
public func sotto_receiver_open(
    _ models: UnsafePointer<OpaquePointer?>!, _ modelCount: Int, _ codes: Int32, _ readsText: Int32,
    _ receiver: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let place = try place(receiver, for: "the receiver")
        let handles = try buffer(models, modelCount, of: "models")
        guard (1...16).contains(handles.count) else {
            throw CallError.usage("\(handles.count) models were given; a receiver takes 1 to 16")
        }
        let models = try handles.map { try Handles.get($0, ModelHandle.self).model }
        let rate = models[0].configuration.sampleRate
        guard models.allSatisfy({ $0.configuration.sampleRate == rate }) else {
            throw CallError.usage("the models differ in sample rate; give those of \(rate) Hz only")
        }
        let most = try amount(codes, of: "codes a frame")
        let readsText = try flag(readsText, "reads_text")
        let made = try SpeechReceiver(
            ModelShelf(models[0], others: { Array(models.dropFirst()) }), codes: most == 0 ? nil : most,
            usesTranscripts: readsText)
        place.pointee = Handles.open(ReceiverHandle(made, readsText: readsText))
    }
}

@c @implementation
public func sotto_receiver_push(
    _ receiver: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ byteCount: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let receiver = try Handles.get(receiver, ReceiverHandle.self)
        let bytes = try buffer(bytes?.assumingMemoryBound(to: UInt8.self), byteCount, of: "bytes")
        try receiver.state.withLock { try $0.push(bytes) }
    }
}

@c @implementation
public func sotto_receiver_add_transcript(
    _ receiver: OpaquePointer!, _ text: UnsafePointer<CChar>!, _ timing: UnsafePointer<UInt32>!, _ timingCount: Int,
    _ firstFrame: Int64, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let receiver = try Handles.get(receiver, ReceiverHandle.self)
        guard receiver.readsText else { throw CallError.usage("this receiver was opened with reads_text 0") }
        let transcript = try Transcription(text, timing, timingCount, firstFrame)
        receiver.state.withLock {
            $0.receiver.add(transcript: transcript.text, timing: transcript.timing, from: transcript.firstFrame)
        }
    }
}

@c @implementation
public func sotto_receiver_finish(_ receiver: OpaquePointer!, _ error: UnsafeMutablePointer<sotto_error>!) -> Int32 {
    call(error) { try Handles.get(receiver, ReceiverHandle.self).state.withLock { try $0.finish() } }
}

@c @implementation
public func sotto_receiver_read(
    _ receiver: OpaquePointer!, _ samples: UnsafeMutablePointer<Float>!, _ room: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let receiver = try Handles.get(receiver, ReceiverHandle.self)
        let place = try place(count, for: "the number of samples")
        let room = try buffer(samples, room: room, for: "samples")
        place.pointee = try receiver.state.withLock { try $0.read(room) }
    }
}

@c @implementation
public func sotto_receiver_statistics(
    _ receiver: OpaquePointer!, _ statistics: UnsafeMutablePointer<sotto_statistics>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let receiver = try Handles.get(receiver, ReceiverHandle.self)
        let place = try place(statistics, for: "the statistics")
        let heard = receiver.state.withLock { $0.receiver.statistics }
        place.pointee = sotto_statistics(
            received: Int64(heard.received), lost: Int64(heard.lost), repaired: Int64(heard.repaired),
            late: Int64(heard.late), duplicates: Int64(heard.duplicates), garbage_bytes: Int64(heard.garbageBytes),
            hellos: Int64(heard.hellos))
    }
}

@c @implementation
public func sotto_receiver_copy(
    _ receiver: OpaquePointer!, _ copy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let receiver = try Handles.get(receiver, ReceiverHandle.self)
        try place(copy, for: "the copy").pointee = Handles.open(ReceiverHandle(copying: receiver))
    }
}

@c @implementation public func sotto_receiver_close(_ receiver: OpaquePointer!) {
    Handles.close(receiver, ReceiverHandle.self)
}
