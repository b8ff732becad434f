// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TokenFile

/// Frames → packets, with a hello before the first and every few seconds. Of a pause, its noise goes out when it begins, with
/// each hello and when it has changed, and a sign of life three times a second. The speaker's level goes out when it has changed and after each
/// hello; a change that would be heard if its packet were lost goes out twice.
struct PacketWriter: Sendable {
    /// Mean change of the background, in dB, that is worth a packet.
    private static let audibleChange: Float = 3
    /// Seconds from one hello to the next.
    private static let helloInterval = 5.12
    /// Seconds of a pause without a packet, after which one shows that the line is alive.
    private static let signInterval = 0.32

    /// Numbers by which a speaker's level may be off until the next hello.
    private static let harmlessChange = 1

    private let identity: ModelIdentity
    private let bitsPerCode: Int
    private let tellsLevels: Bool
    private let (framesPerHello, framesPerSign): (Int, Int)
    private let repeatsFirstCodes: Bool
    private var frame = 0
    /// The first code of the frame before, nil if that is one of a pause or if there is none.
    private var before: UInt16?
    /// The noise that was sent last in this pause, and the number of the frame that last sent anything.
    private var noise: ComfortNoise?
    private var lastSent = 0
    /// The level that was sent last, and whether it is to be sent again with the next frame that has one.
    private var level: UInt8?
    private var levelIsDue = false

    init(_ model: CodecModel, counts: CodeCounts, repeatsFirstCodes: Bool) throws(TokenFileError) {
        guard counts.maxCodes <= LivePacket.mostCodes else {
            throw .unwritable("frames of \(counts.maxCodes) codes in packets, which hold \(LivePacket.mostCodes)")
        }
        let c = model.configuration
        (identity, bitsPerCode, tellsLevels) = (try model.tokenIdentity, c.bitsPerCode, c.level != nil)
        func frames(_ seconds: Double) -> Int { max(1, Int((seconds * c.frameRate).rounded())) }
        (framesPerHello, framesPerSign) = (frames(Self.helloInterval), frames(Self.signInterval))
        self.repeatsFirstCodes = repeatsFirstCodes
    }

    /// The bytes of the next frame's packets.
    ///
    /// - Parameter pause: the noise that stands for the codes, if it is a frame of a pause.
    mutating func write(_ spoken: TokenFrame, pause: ComfortNoise? = nil) throws(TokenFileError) -> [[UInt8]] {
        var packets: [LivePacket] = []
        if frame % framesPerHello == 0 {
            packets.append(.hello(model: identity, nextFrame: frame, tellsLevels: tellsLevels))
            levelIsDue = true
        }
        let number = UInt8(truncatingIfNeeded: frame)
        if let pause {
            if let noise, packets.isEmpty, noise.distance(to: pause) < Self.audibleChange {
                if frame - lastSent >= framesPerSign { packets.append(.pause(number: number)) }
            } else {
                packets.append(.noise(number: number, pause))
                noise = pause
            }
        } else {
            if let level = spoken.level, levelIsDue || level != self.level {
                packets.append(.level(number: number, level))
                let change = self.level.map { abs(Int($0) - Int(level)) } ?? 0
                (self.level, levelIsDue) = (level, change > Self.harmlessChange)
            }
            packets.append(.frame(number: number, codes: spoken.codes, before: repeatsFirstCodes ? before : nil))
            noise = nil
        }
        before = pause == nil ? spoken.codes.first : nil
        if !packets.isEmpty { lastSent = frame }
        frame += 1
        var bytes: [[UInt8]] = []
        for packet in packets { bytes.append(try packet.bytes(bitsPerCode: bitsPerCode)) }
        return bytes
    }
}
