// SPDX-License-Identifier: Apache-2.0

import COggVorbis
import COpus

/// A stream of Opus, decoded by libopus at the lowest of its sample rates that holds all that was recorded.
final class OpusDecoder: OggCodec {
    private(set) var isReady = false
    let format: AudioFormat
    let granulesPerSample: Int
    let preSkip: Int
    let countsItself = false

    private let decoder: OpaquePointer
    private var buffer: [Float]

    /// Those of libopus, in Hz. Pages count in samples at the last of them.
    private static let rates = [8000, 12_000, 16_000, 24_000, 48_000]
    /// Of a packet, in milliseconds.
    private static let longestPacket = 120

    /// - Parameters:
    ///   - header: the stream's first packet, RFC 7845, 5.1.
    ///   - rate: in Hz, in place of the one that the header asks for, if libopus has it.
    init?(header: [UInt8], rate: Int?) {
        func number(_ offset: Int, _ width: Int) -> Int {
            header[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        // Family 3 mixes its channels by a matrix.
        guard header.count >= 19, header[8] < 16, header[18] != 3 else { return nil }
        let (channels, family) = (Int(header[9]), header[18])
        var (streams, coupled, mapping) = (1, channels - 1, [UInt8](0..<2))
        if family == 0 {
            guard (1...2).contains(channels) else { return nil }
        } else {
            guard channels > 0, header.count >= 21 + channels else { return nil }
            (streams, coupled, mapping) = (Int(header[19]), Int(header[20]), Array(header[21..<21 + channels]))
        }
        // 0 says that the rate of what was recorded is not known.
        let recorded = number(12, 4) == 0 ? 48_000 : number(12, 4)
        let wanted = Self.rates.first { $0 == rate } ?? Self.rates.first { recorded <= $0 } ?? 48_000
        guard
            let decoder = opus_multistream_decoder_create(
                Int32(wanted), Int32(channels), Int32(streams), Int32(coupled), mapping, nil)
        else { return nil }
        opus_multistream_decoder_set_gain(decoder, Int32(Int16(truncatingIfNeeded: number(16, 2))))
        self.decoder = decoder
        format = AudioFormat(sampleRate: wanted, channels: channels)
        granulesPerSample = 48_000 / wanted
        preSkip = number(10, 2)
        buffer = [Float](repeating: 0, count: wanted * Self.longestPacket / 1000 * channels)
    }

    deinit { opus_multistream_decoder_destroy(decoder) }

    /// The one that `init` has read, and titles, which nobody asks for.
    func takeHeader(_ packet: inout ogg_packet) -> Bool {
        if packet.contents.starts(with: "OpusHead".utf8) { return true }
        isReady = true
        return packet.contents.starts(with: "OpusTags".utf8)
    }

    func decode(_ packet: inout ogg_packet) -> [AudioPiece]? {
        // libopus would make something up.
        guard packet.bytes > 0 else { return nil }
        let room = Int32(buffer.count / format.channels)
        let count = opus_multistream_decode_float(decoder, packet.packet, Int32(packet.bytes), &buffer, room, 0)
        guard count >= 0 else { return nil }
        return [.samples(Array(buffer[..<(Int(count) * format.channels)]), format)]
    }

    /// The next packet goes on from the last one that came, as is best for Opus.
    func restart() {}
}
