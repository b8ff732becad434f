// SPDX-License-Identifier: Apache-2.0

import CSndfile
import Foundation
import SystemIO

/// What libsndfile reads: WAV, AIFF, AU, CAF, Wave64 and rarer ones.
final class SndfileSource: AudioSource {
    let expectedCount: Int
    private(set) var ending = AudioEnding.whole

    private let file: OpaquePointer
    private let input: InputFile
    private let cursor: FileCursor?
    private let chunk: SampleChunk?
    private let layout: AudioFormat
    private var count = 0
    private var block: [Float]
    private var isAtEnd = false
    /// Samples of each channel that are read at once: what a failing read may cost.
    private static let blockLength = 1024

    /// - Parameters:
    ///   - start: where the container begins, behind tags.
    /// - Throws: `AudioFileError` if libsndfile doesn't know it.
    init(_ input: InputFile, path: String, name: String, start: Int) throws(AudioFileError) {
        self.input = input
        chunk = SampleChunk(in: input, from: start)
        var info = SF_INFO()
        var opened: OpaquePointer?
        if let chunk, chunk.patch != nil || chunk.end != nil {
            let cursor = FileCursor(input, from: start, to: chunk.end, patch: chunk.patch)
            self.cursor = cursor
            var calls = Self.calls
            opened = sf_open_virtual(&calls, Int32(SFM_READ), &info, cursor.handle)
        } else {
            cursor = nil
            opened = path.withSystemPath { sf_open($0, Int32(SFM_READ), &info) }
        }
        guard let opened else { throw .notAudio(name, reason: Self.reason(of: nil)) }
        file = opened
        layout = AudioFormat(sampleRate: Int(info.samplerate), channels: Int(info.channels))
        // A stream of unknown length claims the greatest one.
        expectedCount = info.frames < Int64(Int32.max) ? max(0, Int(info.frames)) : 0
        block = [Float](repeating: 0, count: Self.blockLength * max(1, Int(info.channels)))
    }

    deinit { sf_close(file) }

    var format: AudioFormat? { layout }

    func next() throws -> AudioPiece? {
        guard !isAtEnd else { return nil }
        let got = Int(sf_readf_float(file, &block, sf_count_t(Self.blockLength)))
        guard got > 0 else {
            isAtEnd = true
            noteTheEnd()
            return nil
        }
        count += got
        return .samples(Array(block[..<(got * layout.channels)]), layout)
    }

    private func noteTheEnd() {
        let held = chunk.map { max(0, input.count - $0.start) }
        if let chunk, let held, let promised = chunk.promised, promised > held {
            ending = .bytesMissing(promised - held, held: held)
        } else if sf_error(file) != SF_ERR_NO_ERROR {
            ending = .unreadable(reason: Self.reason(of: file))
        } else if chunk?.isUnfinished == true {
            ending = .unfinished
        } else if count < expectedCount {
            ending = .samplesMissing(expectedCount - count)
        }
    }

    /// Why a call failed, without the library's way of saying so.
    private static func reason(of file: OpaquePointer?) -> String {
        switch Int(sf_error(file)) {
        case SF_ERR_UNRECOGNISED_FORMAT, SF_ERR_SYSTEM: "its format is not known"
        case SF_ERR_MALFORMED_FILE: "its header is damaged"
        case SF_ERR_UNSUPPORTED_ENCODING: "its samples are coded in a way that is not known"
        default: file == nil ? "its format is not known" : "its samples are damaged"
        }
    }

    private static let calls = SF_VIRTUAL_IO(
        get_filelen: { sf_count_t(FileCursor.of($0)?.count ?? 0) },
        seek: { sf_count_t(FileCursor.of($2)?.seek(to: Int($0), whence: $1) ?? -1) },
        read: { sf_count_t(FileCursor.of($2)?.read(into: $0, count: Int($1)) ?? 0) },
        write: { _, _, _ in 0 },
        tell: { sf_count_t(FileCursor.of($0)?.position ?? 0) })
}
