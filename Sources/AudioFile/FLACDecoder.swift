// SPDX-License-Identifier: Apache-2.0

import CFLAC
import Foundation

/// libFLAC, on the bytes of a file or on packets. What it finds damaged becomes a loss, by the numbers of the samples.
final class FLACDecoder {
    /// What has been decoded and not yet taken.
    var pieces: [AudioPiece] = []
    /// Samples of each channel that the header promises; 0 if it doesn't say.
    private(set) var promised = 0
    /// As the header says; nil if it is damaged.
    private(set) var format: AudioFormat?
    /// Samples of each channel that were decoded or lost.
    private(set) var position = 0
    /// Whether something damaged has been met since the last whole frame.
    private(set) var isOutOfStep = false

    private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
    private let cursor: FileCursor?
    private var packets: [UInt8] = []
    /// The number that the stream gives its first sample, and again where it starts to count anew.
    private var firstNumber: Int?

    /// - Parameter cursor: where the bytes come from; nil if `decode(packet:)` gives them.
    init?(_ cursor: FileCursor?) {
        guard let decoder = FLAC__stream_decoder_new() else { return nil }
        (self.decoder, self.cursor) = (decoder, cursor)
        let own = Unmanaged.passUnretained(self).toOpaque()
        let status = FLAC__stream_decoder_init_stream(
            decoder, readBytes, cursor == nil ? nil : seekBytes, cursor == nil ? nil : tellBytes,
            cursor == nil ? nil : countBytes, cursor == nil ? nil : isAtEnd, takeFrame, takeHeader, takeError, own)
        guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK else { return nil }
    }

    deinit { FLAC__stream_decoder_delete(decoder) }

    /// Reads everything before the first frame.
    func readHeaders() { FLAC__stream_decoder_process_until_end_of_metadata(decoder) }

    /// Decodes the next frame, if there is one: false at the end.
    func step() -> Bool {
        guard process() else { return false }
        // libFLAC would make silence in place of missing frames, and spoils the next one in doing so (1.4.2), if it knew
        // the last one.
        if let cursor, let place = bytePosition, cursor.seek(to: place, whence: SEEK_SET) >= 0 {
            FLAC__stream_decoder_flush(decoder)
        }
        return true
    }

    private func process() -> Bool {
        FLAC__stream_decoder_process_single(decoder) != 0
            && FLAC__stream_decoder_get_state(decoder) != FLAC__STREAM_DECODER_END_OF_STREAM
    }

    /// Where in the file the last frame ended.
    var bytePosition: Int? {
        var place: UInt64 = 0
        return FLAC__stream_decoder_get_decode_position(decoder, &place) != 0 ? Int(place) : nil
    }

    /// Decodes a packet: one block of headers, or one frame.
    func decode(packet: [UInt8]) {
        packets = packet
        _ = process()
        if isReadingFrames { FLAC__stream_decoder_flush(decoder) }
        packets = []
    }

    /// Whether the headers are over.
    private var isReadingFrames: Bool {
        let state = FLAC__stream_decoder_get_state(decoder)
        return state != FLAC__STREAM_DECODER_SEARCH_FOR_METADATA && state != FLAC__STREAM_DECODER_READ_METADATA
    }

    /// Something damaged has been met, or something is missing.
    func noteError() { isOutOfStep = true }

    // MARK: What libFLAC calls

    fileprivate func read(_ buffer: UnsafeMutablePointer<UInt8>?, _ count: inout Int) -> Bool {
        if let cursor {
            count = cursor.read(into: buffer, count: count)
        } else {
            count = min(count, packets.count)
            packets.withUnsafeBufferPointer {
                if let start = $0.baseAddress { buffer?.update(from: start, count: count) }
            }
            packets.removeFirst(count)
        }
        return count > 0
    }

    fileprivate func seek(to offset: Int) -> Bool { cursor.map { $0.seek(to: offset, whence: SEEK_SET) >= 0 } ?? false }

    fileprivate var place: Int { cursor?.position ?? 0 }

    fileprivate var byteCount: Int { cursor?.count ?? 0 }

    fileprivate func note(_ header: FLAC__StreamMetadata) {
        guard header.type == FLAC__METADATA_TYPE_STREAMINFO else { return }
        let info = header.data.stream_info
        promised = Int(clamping: info.total_samples)
        format = AudioFormat(
            sampleRate: Int(info.sample_rate), channels: Int(info.channels), bits: Int(info.bits_per_sample))
    }

    fileprivate func take(_ frame: FLAC__Frame, _ channels: UnsafePointer<UnsafePointer<Int32>?>) {
        let header = frame.header
        let format = AudioFormat(
            sampleRate: Int(header.sample_rate), channels: Int(header.channels), bits: Int(header.bits_per_sample))
        let (count, number) = (Int(header.blocksize), Int(clamping: header.number.sample_number))
        // Before a first frame that is lost there is nothing, as far as can be known.
        if firstNumber == nil, isOutOfStep { firstNumber = 0 }
        let gap = number - (firstNumber ?? number) - position
        if gap < 0 || gap > longestGap * format.sampleRate || firstNumber == nil {
            firstNumber = number - position
        } else if gap > 0 {
            pieces.append(.lost(gap, format))
            position += gap
        }
        isOutOfStep = false
        position += count
        pieces.append(.samples(interleave(channels, count, format), format))
    }

    private func interleave(
        _ channels: UnsafePointer<UnsafePointer<Int32>?>, _ count: Int, _ format: AudioFormat
    ) -> [Float] {
        let width = format.channels
        let scale = Float(1 / Double(1 << ((format.bits ?? 16) - 1)))
        return [Float](unsafeUninitializedCapacity: count * width) { samples, written in
            for channel in 0..<width {
                guard let source = channels[channel] else { continue }
                for index in 0..<count { samples[index * width + channel] = Float(source[index]) * scale }
            }
            written = count * width
        }
    }
}

private func decoder(_ handle: UnsafeMutableRawPointer?) -> FLACDecoder? {
    handle.map { Unmanaged<FLACDecoder>.fromOpaque($0).takeUnretainedValue() }
}

private let readBytes: FLAC__StreamDecoderReadCallback = { _, buffer, count, handle in
    guard let own = decoder(handle), let count else { return FLAC__STREAM_DECODER_READ_STATUS_ABORT }
    return own.read(buffer, &count.pointee)
        ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM
}

private let seekBytes: FLAC__StreamDecoderSeekCallback = { _, offset, handle in
    decoder(handle)?.seek(to: Int(clamping: offset)) == true
        ? FLAC__STREAM_DECODER_SEEK_STATUS_OK : FLAC__STREAM_DECODER_SEEK_STATUS_ERROR
}

private let tellBytes: FLAC__StreamDecoderTellCallback = { _, offset, handle in
    offset?.pointee = UInt64(decoder(handle)?.place ?? 0)
    return FLAC__STREAM_DECODER_TELL_STATUS_OK
}

private let countBytes: FLAC__StreamDecoderLengthCallback = { _, count, handle in
    count?.pointee = UInt64(decoder(handle)?.byteCount ?? 0)
    return FLAC__STREAM_DECODER_LENGTH_STATUS_OK
}

private let isAtEnd: FLAC__StreamDecoderEofCallback = { _, handle in
    guard let own = decoder(handle) else { return 1 }
    return own.place >= own.byteCount ? 1 : 0
}

private let takeFrame: FLAC__StreamDecoderWriteCallback = { _, frame, channels, handle in
    guard let own = decoder(handle), let frame, let channels else { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
    own.take(frame.pointee, channels)
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
}

private let takeHeader: FLAC__StreamDecoderMetadataCallback = { _, header, handle in
    if let header { decoder(handle)?.note(header.pointee) }
}

private let takeError: FLAC__StreamDecoderErrorCallback = { _, _, handle in decoder(handle)?.noteError() }
