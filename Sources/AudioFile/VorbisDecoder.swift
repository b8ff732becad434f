// SPDX-License-Identifier: Apache-2.0

import COggVorbis

/// A stream of Vorbis, decoded by libvorbis, which also cuts the ends that pages tell.
final class VorbisDecoder: OggCodec {
    private(set) var format = AudioFormat(sampleRate: 0, channels: 0)
    let granulesPerSample = 1
    let preSkip = 0
    let countsItself = false
    var isReady: Bool { headers == 3 }

    private var headers = 0
    // libvorbis keeps pointers between these: they must not move.
    private let info = UnsafeMutablePointer<vorbis_info>.allocate(capacity: 1)
    private let comment = UnsafeMutablePointer<vorbis_comment>.allocate(capacity: 1)
    private let state = UnsafeMutablePointer<vorbis_dsp_state>.allocate(capacity: 1)
    private let block = UnsafeMutablePointer<vorbis_block>.allocate(capacity: 1)

    init() {
        info.initialize(to: vorbis_info())
        comment.initialize(to: vorbis_comment())
        state.initialize(to: vorbis_dsp_state())
        block.initialize(to: vorbis_block())
        vorbis_info_init(info)
        vorbis_comment_init(comment)
    }

    deinit {
        if isReady {
            vorbis_block_clear(block)
            vorbis_dsp_clear(state)
        }
        vorbis_comment_clear(comment)
        vorbis_info_clear(info)
        block.deallocate()
        state.deallocate()
        comment.deallocate()
        info.deallocate()
    }

    func takeHeader(_ packet: inout ogg_packet) -> Bool {
        guard vorbis_synthesis_headerin(info, comment, &packet) == 0 else { return false }
        if headers == 2 {
            guard vorbis_synthesis_init(state, info) == 0 else { return false }
            vorbis_block_init(state, block)
            format = AudioFormat(sampleRate: info.pointee.rate, channels: Int(info.pointee.channels))
        }
        headers += 1
        return true
    }

    func decode(_ packet: inout ogg_packet) -> [AudioPiece]? {
        guard vorbis_synthesis(block, &packet) == 0 else { return nil }
        vorbis_synthesis_blockin(state, block)
        var samples: [Float] = []
        var channels: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?
        while case let count = Int(vorbis_synthesis_pcmout(state, &channels)), count > 0, let channels {
            for index in 0..<count {
                for channel in 0..<format.channels { samples.append(channels[channel]?[index] ?? 0) }
            }
            vorbis_synthesis_read(state, Int32(count))
        }
        return samples.isEmpty ? [] : [.samples(samples, format)]
    }

    func restart() { vorbis_synthesis_restart(state) }
}
