// SPDX-License-Identifier: Apache-2.0

import COggVorbis

/// One stream of an Ogg file: its pages in, samples and gaps out. Pages count samples: that is how gaps are known.
final class OggTrack {
    let serial: Int32
    let codec: any OggCodec
    /// Whether its headers are damaged, so that nothing can be decoded.
    private(set) var isBroken = false
    /// Whether its last page has come.
    private(set) var hasEnded = false

    private let state = UnsafeMutablePointer<ogg_stream_state>.allocate(capacity: 1)
    /// The count of the first sample and of the next one, in granules; nil before the first page of samples.
    private var (start, position): (Int?, Int) = (nil, 0)
    /// Samples that came out.
    private var emitted = 0
    private var toSkip: Int
    /// Whether packets have been lost since the last page that counts.
    private var hasHole = false

    init(serial: Int32, codec: any OggCodec) {
        (self.serial, self.codec) = (serial, codec)
        toSkip = codec.preSkip / codec.granulesPerSample
        state.initialize(to: ogg_stream_state())
        ogg_stream_init(state, serial)
    }

    deinit {
        ogg_stream_clear(state)
        state.deallocate()
    }

    func take(_ page: inout ogg_page) -> [AudioPiece] {
        let (granule, isLast) = (Int(ogg_page_granulepos(&page)), ogg_page_eos(&page) != 0)
        ogg_stream_pagein(state, &page)
        hasEnded = hasEnded || isLast
        var pieces: [AudioPiece] = []
        var packet = ogg_packet()
        while case let status = ogg_stream_packetout(state, &packet), status != 0, !isBroken {
            if status < 0 {
                // What is left of the headers may do.
                hasHole = true
                if codec.isReady { codec.restart() }
                continue
            }
            if !codec.isReady {
                if codec.takeHeader(&packet) { continue }
                isBroken = !codec.isReady
                if isBroken { return [] }
            }
            if let more = codec.decode(&packet) { pieces += more } else { hasHole = true }
        }
        return codec.countsItself ? pieces : place(pieces, granule: granule, isLast: isLast)
    }

    /// What a page holds, in its place: behind a gap, or without what is not to be heard.
    private func place(_ pieces: [AudioPiece], granule: Int, isLast: Bool) -> [AudioPiece] {
        let width = codec.granulesPerSample
        let count = pieces.reduce(0) { $0 + $1.count }
        guard (0...1 << 60).contains(granule), codec.isReady, count > 0 || isLast else {
            position += count * width
            return pieces.flatMap { emit($0) }
        }
        let pageStart = granule - count * width
        if start == nil, count > 0 {
            // The last page may count less than it holds, which is then cut. Before a first page that is lost there is
            // nothing, as far as can be known.
            start = isLast || hasHole ? 0 : max(0, pageStart)
            position = start ?? 0
        }
        var placed: [AudioPiece] = []
        if hasHole, start != nil {
            let gap = (pageStart - position) / width
            if gap > 0, gap <= longestGap * codec.format.sampleRate { placed += emit(.lost(gap, codec.format)) }
        }
        if count > 0 { hasHole = false }
        position = granule
        var limit = isLast ? max(0, (granule - (start ?? 0) - codec.preSkip) / width - emitted) : .max
        for piece in pieces {
            let kept = piece.prefix(limit)
            limit -= kept.count
            placed += emit(kept)
        }
        return placed
    }

    /// A piece without what is to be skipped at the start.
    private func emit(_ piece: AudioPiece) -> [AudioPiece] {
        let skipped = min(toSkip, piece.count)
        toSkip -= skipped
        let rest = piece.dropFirst(skipped)
        emitted += rest.count
        return rest.count > 0 ? [rest] : []
    }
}

extension AudioPiece {
    /// Samples of each channel.
    var count: Int {
        switch self {
        case .samples(let samples, let format): samples.count / max(1, format.channels)
        case .lost(let count, _): count
        }
    }

    func prefix(_ limit: Int) -> AudioPiece {
        guard limit < count else { return self }
        switch self {
        case .samples(let samples, let format): return .samples(Array(samples.prefix(limit * format.channels)), format)
        case .lost(_, let format): return .lost(limit, format)
        }
    }

    func dropFirst(_ number: Int) -> AudioPiece {
        guard number > 0 else { return self }
        switch self {
        case .samples(let samples, let format):
            return .samples(Array(samples.dropFirst(number * format.channels)), format)
        case .lost(let count, let format): return .lost(max(0, count - number), format)
        }
    }
}
