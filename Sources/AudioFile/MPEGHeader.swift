// SPDX-License-Identifier: Apache-2.0

/// The four bytes that begin a frame of MPEG audio.
struct MPEGHeader {
    let layer: Int
    let sampleRate: Int
    let channels: Int
    /// Samples of each channel in a frame.
    let samples: Int
    /// Bytes of the frame, these four included; nil if the header doesn't tell ("free format").
    let byteCount: Int?
    /// Of MPEG-2 and 2.5, which have half the sample rate or less.
    private let isLow: Bool

    init?(_ bytes: some Collection<UInt8>) {
        let word = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard bytes.count >= 4, word >> 21 == 0x7FF else { return nil }
        let (version, layerBits, rateIndex) = (Int(word >> 19 & 3), Int(word >> 17 & 3), Int(word >> 10 & 3))
        let bitrateIndex = Int(word >> 12 & 15)
        guard version != 1, layerBits != 0, rateIndex != 3, bitrateIndex != 15 else { return nil }
        layer = 4 - layerBits
        isLow = version != 3
        sampleRate = [44_100, 48_000, 32_000][rateIndex] / [4, 1, 2, 1][version]
        channels = word >> 6 & 3 == 3 ? 1 : 2
        samples = layer == 1 ? 384 : layer == 3 && isLow ? 576 : 1152
        let padding = Int(word >> 9 & 1)
        let bitrate = Self.bitrates(layer: layer, isLow: isLow)[bitrateIndex] * 1000
        if bitrate == 0 {
            byteCount = nil
        } else if layer == 1 {
            byteCount = (12 * bitrate / sampleRate + padding) * 4
        } else {
            byteCount = samples / 8 * bitrate / sampleRate + padding
        }
    }

    /// Whether a frame of the one can follow one of the other in an ordinary stream.
    func isLike(_ other: MPEGHeader) -> Bool {
        (layer, sampleRate, isLow) == (other.layer, other.sampleRate, other.isLow)
    }

    /// Where the tag of an encoder would be in the first frame, counted from the header's end.
    var tagOffset: Int { channels == 2 ? (isLow ? 17 : 32) : (isLow ? 9 : 17) }

    /// In kbit/s.
    private static func bitrates(layer: Int, isLow: Bool) -> [Int] {
        switch (layer, isLow) {
        case (1, false): [0] + (1...14).map { 32 * $0 }
        case (2, false): [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
        case (3, false): [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        case (1, true): [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256]
        default: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        }
    }
}

/// What an encoder writes into a frame without sound at the start: how many frames follow.
struct MPEGInfoTag {
    /// nil if the tag doesn't count them.
    let frames: Int?
    /// Samples that the encoder has added before and behind the recording; nil if the tag doesn't tell.
    let added: Int?

    /// - Parameter frame: from the header's first byte on.
    init?(frame: [UInt8]) {
        guard let header = MPEGHeader(frame), header.layer == 3 else { return nil }
        let start = 4 + header.tagOffset
        guard frame.count >= start + 8 else { return nil }
        let name = frame[start..<start + 4]
        // A checksum may stand right behind the header.
        guard name.elementsEqual("Xing".utf8) || name.elementsEqual("Info".utf8),
            frame[6..<start].allSatisfy({ $0 == 0 })
        else { return nil }
        let hasCount = frame[start + 7] & 1 != 0 && frame.count >= start + 12
        frames = hasCount ? frame[start + 8..<start + 12].reduce(0) { $0 << 8 | Int($1) } : nil
        // LAME's part comes behind 116 bytes that the flags say are all there; two numbers of 12 bits are in it.
        let delays = start + 141
        guard frame[start + 7] & 0xF == 0xF, frame.count >= delays + 3, frame[start + 120] != 0 else {
            added = nil
            return
        }
        let bits = frame[delays..<delays + 3].reduce(0) { $0 << 8 | Int($1) }
        added = (bits >> 12) + (bits & 0xFFF)
    }
}

/// Finding MPEG audio in what precedes it.
enum MPEGSearch {
    /// The first place from `start` on where two frames follow each other, or one ends the file.
    static func firstFrame(in file: InputFile, from start: Int, within limit: Int) -> Int? {
        let bytes = file.bytes(at: start, count: limit)
        for place in 0..<max(0, bytes.count - 3) where bytes[place] == 0xFF {
            guard let header = MPEGHeader(bytes[place...]), let length = header.byteCount else { continue }
            let follower = start + place + length
            if follower == file.count { return start + place }
            if let next = MPEGHeader(file.bytes(at: follower, count: 4)), next.isLike(header) { return start + place }
        }
        return nil
    }
}
