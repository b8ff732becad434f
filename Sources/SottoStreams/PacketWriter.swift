// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TokenFile

/// Frames → packets, with a hello before the first and every few seconds. Of a pause, its noise goes out when it begins, with
/// each hello and when it has changed, and a sign of life every few frames.
struct PacketWriter: Sendable {
    /// Mean change of the background, in dB, that is worth a packet.
    private static let audibleChange: Float = 3
    /// Seconds from one hello to the next.
    private static let helloInterval = 5.12
    /// Frames of a pause without a packet, after which one shows that the line is alive.
    private static let framesPerSign = 4

    private let identity: ModelIdentity
    private let bitsPerCode: Int
    private let framesPerHello: Int
    private let repeatsFirstCodes: Bool
    private var frame = 0
    /// The first code of the frame before, nil if that is one of a pause or if there is none.
    private var before: UInt16?
    /// The noise that was sent last in this pause, and the number of the frame that last sent anything.
    private var noise: ComfortNoise?
    private var lastSent = 0

    init(_ model: CodecModel, counts: CodeCounts, repeatsFirstCodes: Bool) throws(TokenFileError) {
        guard counts.maxCodes <= LivePacket.mostCodes else {
            throw .unwritable("frames of \(counts.maxCodes) codes in packets, which hold \(LivePacket.mostCodes)")
        }
        let c = model.configuration
        (identity, bitsPerCode) = (try model.tokenIdentity, c.bitsPerCode)
        framesPerHello = max(1, Int((Self.helloInterval * c.frameRate).rounded()))
        self.repeatsFirstCodes = repeatsFirstCodes
    }

    /// The bytes of the next frame's packets.
    ///
    /// - Parameter pause: the noise that stands for the codes, if it is a frame of a pause.
    mutating func write(_ codes: Codes, pause: ComfortNoise? = nil) throws(TokenFileError) -> [[UInt8]] {
        var packets: [LivePacket] = []
        if frame % framesPerHello == 0 { packets.append(.hello(model: identity, nextFrame: frame)) }
        let number = UInt8(truncatingIfNeeded: frame)
        if let pause {
            if let noise, packets.isEmpty, noise.distance(to: pause) < Self.audibleChange {
                if frame - lastSent >= Self.framesPerSign { packets.append(.pause(number: number)) }
            } else {
                packets.append(.noise(number: number, pause))
                noise = pause
            }
        } else {
            packets.append(.frame(number: number, codes: codes, before: repeatsFirstCodes ? before : nil))
            noise = nil
        }
        before = pause == nil ? codes.first : nil
        if !packets.isEmpty { lastSent = frame }
        frame += 1
        var bytes: [[UInt8]] = []
        for packet in packets { bytes.append(try packet.bytes(bitsPerCode: bitsPerCode)) }
        return bytes
    }
}
