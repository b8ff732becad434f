// SPDX-License-Identifier: Apache-2.0

import COggVorbis

/// An Ogg file of Vorbis, Opus or FLAC, or several of them one after the other ("chained").
final class OggSource: AudioSource {
    private(set) var expectedCount = 0
    private(set) var ending = AudioEnding.whole

    var format: AudioFormat? { track?.codec.isReady == true ? track?.codec.format : nil }

    private let pages: OggPages
    private var track: OggTrack?
    /// Whether pages of the current streams have come after those that begin them: the next beginning is a new link's.
    private var isUnderWay = false
    /// Streams of the current link that are no sound, or another one than the one that is read.
    private var others: Set<Int32> = []
    /// Bytes of streams that can't be decoded, as their start is damaged or not there.
    private var orphans = 0
    /// What streams there are that aren't read here.
    private var foreign: [String] = []
    private var pieces: [AudioPiece] = []
    private var rate: Int?
    private var isAtEnd = false

    /// - Throws: `AudioFileError` if it begins with streams none of which is read here.
    init(_ file: InputFile, name: String, start: Int) throws(AudioFileError) {
        pages = OggPages(file, start: start)
        while pieces.isEmpty, !isAtEnd { step() }
        if track == nil, let content = foreign.first { throw .foreignFormat(name, format: "\(content) in Ogg") }
        if let track, let end = OggPages.lastGranule(in: file, serial: track.serial) {
            expectedCount = max(0, (end - track.codec.preSkip) / track.codec.granulesPerSample)
        }
    }

    func next() throws -> AudioPiece? {
        while pieces.isEmpty, !isAtEnd { step() }
        return pieces.isEmpty ? nil : pieces.removeFirst()
    }

    /// Takes the next page.
    private func step() {
        guard var page = pages.next() else {
            isAtEnd = true
            noteTheEnd()
            return
        }
        let serial = ogg_page_serialno(&page)
        if ogg_page_bos(&page) != 0 {
            if isUnderWay { (isUnderWay, track, others) = (false, nil, []) }
            begin(serial, &page)
            return
        }
        isUnderWay = true
        if let track, track.serial == serial {
            pieces += track.take(&page)
            if track.codec.isReady, rate == nil { rate = track.codec.format.sampleRate }
            if track.isBroken { orphans += page.header_len + page.body_len }
        } else if !others.contains(serial) {
            orphans += page.header_len + page.body_len
        }
    }

    /// A page that begins a stream: the first one of sound is read.
    private func begin(_ serial: Int32, _ page: inout ogg_page) {
        guard track == nil else {
            others.insert(serial)
            return
        }
        switch OggContent(first: UnsafeRawBufferPointer(start: page.body, count: page.body_len), rate: rate) {
        case .codec(let codec):
            let track = OggTrack(serial: serial, codec: codec)
            pieces += track.take(&page)
            self.track = track
        case .foreign(let name):
            foreign.append(name)
            others.insert(serial)
        }
    }

    private func noteTheEnd() {
        if orphans > 0 {
            ending = .unreadable(reason: "the headers of \(orphans) bytes of sound are damaged")
        } else if let track, !track.hasEnded {
            ending = .noLastPage
        }
    }
}
