// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSotto
import SottoStreams
import Synchronization

final class SenderHandle: Handled {
    static let name = "a sender"
    let state: Mutex<SenderState>

    init(_ sender: SpeechSender) { state = Mutex(SenderState(sender: sender)) }

    init(copying other: SenderHandle) { state = Mutex(other.state.withLock { $0 }) }
}

struct SenderState: Sendable {
    var sender: SpeechSender
    var packets = Queue<[UInt8]>()
    private var hasFinished = false

    init(sender: SpeechSender) { self.sender = sender }

    mutating func push<Sample>(_ samples: UnsafeBufferPointer<Sample>, _ value: (Sample) -> Float) throws {
        guard !hasFinished else { throw CallError.usage("the sender has been finished; open another one") }
        for start in stride(from: 0, to: samples.count, by: EncoderState.samplesAtOnce) {
            let some = samples[start..<min(start + EncoderState.samplesAtOnce, samples.count)]
            packets.append(try sender.push(some.map(value)))
        }
    }

    mutating func finish() throws {
        guard !hasFinished else { throw CallError.usage("the sender has been finished already") }
        hasFinished = true
        packets.append(try sender.finish())
    }
}

@c @implementation
public func sotto_sender_open(
    _ model: OpaquePointer!, _ codes: Int32, _ average: Int32, _ repeatsFirstCodes: Int32, _ sendsPauses: Int32,
    _ sender: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let model = try Handles.get(model, ModelHandle.self).model
        let place = try place(sender, for: "the sender")
        let made = try SpeechSender(
            model, codes: codesPerFrame(codes, average: average),
            repeatsFirstCodes: flag(repeatsFirstCodes, "repeats_first_codes"),
            sendsPauses: flag(sendsPauses, "sends_pauses"))
        place.pointee = Handles.open(SenderHandle(made))
    }
}

@c @implementation
public func sotto_sender_push(
    _ sender: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ sampleCount: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let sender = try Handles.get(sender, SenderHandle.self)
        let samples = try buffer(samples, sampleCount, of: "samples")
        try sender.state.withLock { try $0.push(samples) { $0 } }
    }
}

@c @implementation
public func sotto_sender_push_int16(
    _ sender: OpaquePointer!, _ samples: UnsafePointer<Int16>!, _ sampleCount: Int,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let sender = try Handles.get(sender, SenderHandle.self)
        let samples = try buffer(samples, sampleCount, of: "samples")
        try sender.state.withLock { try $0.push(samples) { Float($0) / 32768 } }
    }
}

@c @implementation
public func sotto_sender_finish(_ sender: OpaquePointer!, _ error: UnsafeMutablePointer<sotto_error>!) -> Int32 {
    call(error) { try Handles.get(sender, SenderHandle.self).state.withLock { try $0.finish() } }
}

@c @implementation
public func sotto_sender_read(
    _ sender: OpaquePointer!, _ packet: UnsafeMutablePointer<UInt8>!, _ room: Int, _ size: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let sender = try Handles.get(sender, SenderHandle.self)
        let place = try place(size, for: "the packet's size")
        let room = try buffer(packet, room: room, for: "bytes")
        let (needed, isTaken) = sender.state.withLock { state -> (Int, Bool) in
            guard let next = state.packets.first else { return (0, true) }
            guard next.count <= room.count else { return (next.count, false) }
            _ = room.update(from: next)
            _ = state.packets.popFirst()
            return (next.count, true)
        }
        place.pointee = needed
        guard isTaken else { throw CallError.noRoom("the packet has \(needed) bytes; there is room for \(room.count)") }
    }
}

@c @implementation
public func sotto_sender_copy(
    _ sender: OpaquePointer!, _ copy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<sotto_error>!
) -> Int32 {
    call(error) {
        let sender = try Handles.get(sender, SenderHandle.self)
        try place(copy, for: "the copy").pointee = Handles.open(SenderHandle(copying: sender))
    }
}

@c @implementation public func sotto_sender_close(_ sender: OpaquePointer!) {
    Handles.close(sender, SenderHandle.self)
}
