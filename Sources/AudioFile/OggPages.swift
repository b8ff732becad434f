// SPDX-License-Identifier: Apache-2.0

import COggVorbis

/// The pages of an Ogg file whose checksums are right.
final class OggPages {
    private let file: InputFile
    private let state = UnsafeMutablePointer<ogg_sync_state>.allocate(capacity: 1)
    /// Up to where the file has been handed to libogg, and up to where libogg is through with it.
    private var (read, done): (Int, Int)

    init(_ file: InputFile, start: Int) {
        self.file = file
        (read, done) = (start, start)
        state.initialize(to: ogg_sync_state())
        ogg_sync_init(state)
    }

    deinit {
        ogg_sync_clear(state)
        state.deallocate()
    }

    /// Valid until the next one is asked for; nil at the end.
    func next() -> ogg_page? {
        var page = ogg_page()
        while true {
            let length = ogg_sync_pageseek(state, &page)
            done += abs(length)
            if length > 0 { return page }
            if length == 0, !readMore(), !stepOver() { return nil }
        }
    }

    private func readMore() -> Bool {
        let room = 1 << 16
        guard let buffer = ogg_sync_buffer(state, room) else { return false }
        let count = file.read(at: read, into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
        read += count
        ogg_sync_wrote(state, count)
        return count > 0
    }

    /// A damaged page may claim to reach beyond the end of the file; others may come before that.
    private func stepOver() -> Bool {
        let rest = file.bytes(at: done + 1, count: file.count - done - 1)
        let mark = Array("OggS".utf8)
        guard let place = rest.indices.first(where: { rest[$0] == mark[0] && rest[$0...].starts(with: mark) }) else {
            return false
        }
        done += 1 + place
        read = done
        ogg_sync_reset(state)
        return true
    }
}

extension OggPages {
    /// The count on the last page of a stream, looked for in the last pages of the file.
    static func lastGranule(in file: InputFile, serial: Int32) -> Int? {
        let pages = OggPages(file, start: max(0, file.count - (1 << 17)))
        var last: Int?
        while var page = pages.next() {
            let granule = Int(ogg_page_granulepos(&page))
            if ogg_page_serialno(&page) == serial, granule >= 0 { last = granule }
        }
        return last
    }
}
