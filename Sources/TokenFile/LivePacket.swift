// SPDX-License-Identifier: Apache-2.0

public import Quantizer

/// What a live stream is made of: each packet stands alone, so that any of them may be lost. See Docs/token-format.md.
public enum LivePacket: Hashable, Sendable {
    /// Says which model the codes are for; sent first and every few seconds.
    /// A stream that tells the speaker's level says so.
    case hello(model: ModelIdentity, nextFrame: Int, tellsLevels: Bool = false)
    /// One token frame: its number modulo 256, one code or more of it, coarsest first, and for the case that it is lost the first
    /// code of the frame before, if the sender repeats it.
    case frame(number: UInt8, codes: [UInt16], before: UInt16? = nil)
    /// A pause begins or goes on with this frame: the background's level in each of 16 bands stands in for its codes.
    case noise(number: UInt8, ComfortNoise)
    /// The pause goes on up to this frame at least, with the levels sent last.
    case pause(number: UInt8)
    /// From this frame on, the speaker's level has this number.
    case level(number: UInt8, UInt8)

    /// Codes that a frame's packet can hold.
    public static let mostCodes = 8

    private static let helloMarker: UInt8 = 0xD3
    private static let noiseMarker: UInt8 = 0xB4
    private static let pauseMarker: UInt8 = 0xB5
    private static let levelMarker: UInt8 = 0xB6
    /// The upper five bits of a frame's first byte; the lower three hold its number of codes, less one.
    private static let frameMarker: UInt8 = 0b1010_1000
    /// The same of frames with the first code of the one before.
    private static let doubleMarker: UInt8 = 0b1011_1000
    /// Of hellos: of streams without levels, and with them.
    private static let versions: (plain: UInt8, levels: UInt8) = (1, 2)
    static let codeSizes = 1...16

    /// The packet's bytes; codes take `bitsPerCode` each.
    ///
    /// - Throws: `TokenFileError.unwritable` if it has no codes or more than `mostCodes`, one of more bits, bits that aren't 1 to 16.
    public func bytes(bitsPerCode: Int) throws(TokenFileError) -> [UInt8] {
        var out = ByteWriter()
        switch self {
        case .hello(let model, let nextFrame, let tellsLevels):
            out.append([Self.helloMarker, tellsLevels ? Self.versions.levels : Self.versions.plain])
            out.append(model.bytes)
            out.append(UInt32(truncatingIfNeeded: nextFrame))
        case .frame(let number, let codes, let before):
            guard (1...LivePacket.mostCodes).contains(codes.count) else {
                throw .unwritable("a packet of \(codes.count) codes, which holds 1 to \(LivePacket.mostCodes)")
            }
            let all = codes + [before].compactMap(\.self)
            guard Self.codeSizes.contains(bitsPerCode), all.allSatisfy({ UInt32($0) >> UInt32(bitsPerCode) == 0 })
            else {
                throw .unwritable("codes that don't fit into \(bitsPerCode) bits")
            }
            let marker = before == nil ? Self.frameMarker : Self.doubleMarker
            out.append([marker | UInt8(codes.count - 1), number])
            out.append(BitPacking.pack(all, bits: bitsPerCode))
        case .noise(let number, let noise):
            out.append([Self.noiseMarker, number] + noise.levels)
        case .pause(let number):
            out.append([Self.pauseMarker, number])
        case .level(let number, let level):
            out.append([Self.levelMarker, number, level])
        }
        out.append(Checksum.crc16(out.bytes))
        return out.bytes
    }

    /// The number of its frame modulo 256; nil of a hello.
    var number: UInt8? {
        switch self {
        case .hello: nil
        case .frame(let number, _, _), .noise(let number, _), .pause(let number), .level(let number, _): number
        }
    }
}

extension LivePacket {
    /// How many bytes a packet takes that starts with `byte`; nil if none does.
    package static func byteCount(startingWith byte: UInt8, bitsPerCode: Int) -> Int? {
        switch byte {
        case helloMarker: return 16
        case noiseMarker: return 4 + ComfortNoise.bands
        case pauseMarker: return 4
        case levelMarker: return 5
        default: break
        }
        guard let codes = codes(startingWith: byte) else { return nil }
        return 4 + BitPacking.byteCount(codes: codes.own + codes.before, bits: bitsPerCode)
    }

    /// How many codes a frame's packet holds, of its own and of the frame before; nil if it is no frame's.
    private static func codes(startingWith byte: UInt8) -> (own: Int, before: Int)? {
        let marker = byte & 0b1111_1000
        guard marker == frameMarker || marker == doubleMarker else { return nil }
        return (Int(byte & 7) + 1, marker == doubleMarker ? 1 : 0)
    }

    /// What bytes with a right checksum say, as many as `byteCount(startingWith:bitsPerCode:)` asks for; nil if that is of another
    /// version.
    init?(_ bytes: ArraySlice<UInt8>, bitsPerCode: Int) {
        var fields = ByteReader(bytes.dropLast(2))
        let marker = fields.next(UInt8.self)
        if marker == Self.helloMarker {
            let version = fields.next(UInt8.self)
            guard version == Self.versions.plain || version == Self.versions.levels else { return nil }
            let model = ModelIdentity(from: &fields)
            self = .hello(
                model: model, nextFrame: Int(fields.next(UInt32.self)), tellsLevels: version == Self.versions.levels)
            return
        }
        let number = fields.next(UInt8.self)
        if let count = Self.codes(startingWith: marker) {
            let codes = BitPacking.unpack(fields.rest, count: count.own + count.before, bits: bitsPerCode)
            let before = count.before > 0 ? codes.last : nil
            self = .frame(number: number, codes: Array(codes.prefix(count.own)), before: before)
        } else if marker == Self.noiseMarker {
            guard let noise = ComfortNoise(levels: Array(fields.rest)) else { return nil }
            self = .noise(number: number, noise)
        } else if marker == Self.levelMarker {
            self = .level(number: number, fields.next(UInt8.self))
        } else {
            self = .pause(number: number)
        }
    }
}
