// SPDX-License-Identifier: Apache-2.0

/// A FLAC file, or several of them one after the other.
final class FLACSource: AudioSource {
    let expectedCount: Int
    private(set) var ending = AudioEnding.whole

    var format: AudioFormat? { decoder.format }

    private let file: InputFile
    private var decoder: FLACDecoder
    /// Where the current one of the joined files starts.
    private var start: Int
    private var isAtEnd = false
    /// Samples that the files before this one promised and didn't hold.
    private var missing = 0

    /// - Parameter start: where "fLaC" is.
    init(_ file: InputFile, start: Int) throws(AudioFileError) {
        self.file = file
        self.start = start
        decoder = try Self.decoder(file, start)
        // FLAC takes some half of the bytes that samples have.
        let width = decoder.format.map { max(1, $0.channels * ($0.bits ?? 16) / 8) } ?? 2
        expectedCount = decoder.promised > 0 ? decoder.promised : file.count / width * 2
    }

    func next() throws -> AudioPiece? {
        while true {
            if !decoder.pieces.isEmpty { return decoder.pieces.removeFirst() }
            guard !isAtEnd else { return nil }
            if !decoder.step() {
                isAtEnd = true
                noteTheEnd()
            } else if !decoder.isOutOfStep, decoder.pieces.isEmpty == false, let joined = startOfNext() {
                missing += max(0, decoder.promised - decoder.position)
                let left = decoder.pieces
                decoder = try Self.decoder(file, joined)
                decoder.pieces = left
                start = joined
            }
        }
    }

    private static func decoder(_ file: InputFile, _ start: Int) throws(AudioFileError) -> FLACDecoder {
        guard let decoder = FLACDecoder(FileCursor(file, from: start)) else { throw .noDecoder("FLAC") }
        decoder.readHeaders()
        return decoder
    }

    /// Where another FLAC file begins if one does right after the last frame.
    private func startOfNext() -> Int? {
        guard let place = decoder.bytePosition else { return nil }
        let after = Tags.end(in: file, from: start + place)
        return file.bytes(at: after, count: 4) == Array("fLaC".utf8) ? after : nil
    }

    private func noteTheEnd() {
        if decoder.promised > decoder.position { missing += decoder.promised - decoder.position }
        if missing > 0 {
            ending = .samplesMissing(missing)
        } else if decoder.isOutOfStep, decoder.promised == 0 {
            ending = .unreadable(reason: "what follows is no FLAC")
        }
    }
}
