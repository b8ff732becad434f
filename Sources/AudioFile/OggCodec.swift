// SPDX-License-Identifier: Apache-2.0

import COggVorbis

/// The decoder of one stream in an Ogg file.
protocol OggCodec: AnyObject {
    /// Whether the headers are complete, and `format` right.
    var isReady: Bool { get }
    var format: AudioFormat { get }
    /// Granules, which are what pages count in, to one sample.
    var granulesPerSample: Int { get }
    /// Samples at the start that belong to no recording.
    var preSkip: Int { get }
    /// Whether lost packets are told by what the packets say themselves.
    var countsItself: Bool { get }

    /// - Returns: false if it is none; then there are no more of them if the codec is ready, else they are damaged.
    func takeHeader(_ packet: inout ogg_packet) -> Bool

    /// The pieces that a packet completes; nil if it is damaged.
    func decode(_ packet: inout ogg_packet) -> [AudioPiece]?

    /// What came before the next packet was lost.
    func restart()
}

/// What the first packet of a stream says that it holds.
enum OggContent {
    case codec(any OggCodec)
    /// One that isn't read here, and what it is called.
    case foreign(String)

    /// - Parameter rate: what Opus is to be decoded at, if it was something else before in this file.
    init(first packet: UnsafeRawBufferPointer, rate: Int?) {
        func begins(_ text: String) -> Bool { packet.starts(with: text.utf8) }
        if begins("\u{1}vorbis") {
            self = .codec(VorbisDecoder())
        } else if begins("OpusHead") {
            self = OpusDecoder(header: Array(packet), rate: rate).map { .codec($0) } ?? .foreign("Opus of a kind")
        } else if packet.starts(with: [0x7F] + "FLAC".utf8) || begins("fLaC") {
            self = FLACInOgg().map { .codec($0) } ?? .foreign("FLAC of a kind")
        } else if begins("Speex   ") {
            self = .foreign("Speex")
        } else if packet.starts(with: [0x80] + "theora".utf8) {
            self = .foreign("Theora video")
        } else if begins("CELT    ") {
            self = .foreign("CELT")
        } else {
            self = .foreign("an unknown coding")
        }
    }
}

/// FLAC whose frames come in packets of Ogg.
final class FLACInOgg: OggCodec {
    private(set) var isReady = false
    private(set) var format = AudioFormat(sampleRate: 0, channels: 0)
    let granulesPerSample = 1
    let preSkip = 0
    let countsItself = true
    private let decoder: FLACDecoder

    init?() {
        guard let decoder = FLACDecoder(nil) else { return nil }
        self.decoder = decoder
    }

    /// The last block of headers is marked as such.
    func takeHeader(_ packet: inout ogg_packet) -> Bool {
        var bytes = Array(packet.contents)
        if bytes.first == 0x7F { bytes.removeFirst(min(9, bytes.count)) }
        let block = bytes.starts(with: "fLaC".utf8) ? bytes.dropFirst(4) : bytes[...]
        guard let kind = block.first, kind != 0xFF else {
            isReady = true
            return false
        }
        decoder.decode(packet: bytes)
        isReady = kind & 0x80 != 0
        return true
    }

    func decode(_ packet: inout ogg_packet) -> [AudioPiece]? {
        // Headers that weren't marked as the last ones are none of the frames.
        guard packet.contents.first == 0xFF else { return [] }
        decoder.decode(packet: Array(packet.contents))
        defer { decoder.pieces = [] }
        if let piece = decoder.pieces.last, case .samples(_, let format) = piece { self.format = format }
        return decoder.isOutOfStep ? nil : decoder.pieces
    }

    func restart() { decoder.noteError() }
}

extension ogg_packet {
    /// Valid until the next page is taken in.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: packet, count: max(0, bytes)) }
}
