// SPDX-License-Identifier: Apache-2.0

/// Where a container of plain samples keeps them, and how many bytes of them it promises.
///
/// WAV (RIFF, RIFX, RF64, BW64), Wave64, AIFF, CAF and AU are read by libsndfile, which takes what is there and doesn't
/// say whether it is all.
struct SampleChunk {
    /// Of the first sample's bytes.
    let start: Int
    /// nil where the container says that it doesn't know, or says what programs write that don't know.
    let promised: Int?
    /// Whether a length was never written although something follows.
    let isUnfinished: Bool
    /// The length's own place and the bytes that should be in it, where libsndfile stumbles over what is there.
    let patch: (offset: Int, bytes: [UInt8])?
    /// Where the file should end, where libsndfile would go on beyond the samples.
    let end: Int?

    /// - Parameter start: where the container begins in the file.
    /// - Returns: nil if it is another container, or if no samples are found in it.
    init?(in file: InputFile, from start: Int) {
        let head = file.bytes(at: start, count: 40)
        guard let layout = ChunkLayout(head), let found = layout.find(in: file, from: start) else { return nil }
        self.start = found.start
        let rest = file.count - found.start
        let field = found.field
        isUnfinished = (0...field.empty).contains(field.value) && rest > 0 && !layout.isChunks(file, from: found.start)
        promised = isUnfinished || layout.isUnknown(field.value) ? nil : field.value - field.extra
        let isWrong = isUnfinished || layout.mustBeRight && (promised ?? rest) > rest
        let last = layout.mustBeRight ? promised.map { found.start + $0 } ?? file.count : file.count
        end = last < file.count ? last : nil
        patch = isWrong ? (field.offset, layout.bytes(of: rest + field.extra, width: field.width)) : nil
    }
}

/// How the chunks of a container are laid out.
private struct ChunkLayout {
    /// A length, as it stands in the file.
    struct Field {
        let offset: Int
        let width: Int
        let value: Int
        /// What it counts beside the samples.
        var extra = 0
        /// A length without samples.
        var empty = 0
    }

    /// Where the first chunk begins, counted from the container's start.
    var first = 12
    var nameWidth = 4
    var sizeWidth = 4
    var isBigEndian = false
    /// Chunks begin at multiples of it.
    var alignment = 2
    /// Whether a size counts its chunk's own head.
    var countsHead = false
    var name = "data"
    /// Bytes between the chunk's head and the samples.
    var preamble = 0
    /// Whether real sizes are in a chunk of their own (RF64).
    var hasLongSizes = false
    /// Whether libsndfile relies on a length that is that of the rest of the file.
    var mustBeRight = false
    /// Of AU, which has no chunks: where the header's length is.
    var headerField: Int?

    init?(_ head: [UInt8]) {
        func has(_ text: String, at offset: Int) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
        if (has("RIFF", at: 0) || has("RIFX", at: 0)) && has("WAVE", at: 8) {
            isBigEndian = has("RIFX", at: 0)
        } else if (has("RF64", at: 0) || has("BW64", at: 0)) && has("WAVE", at: 8) {
            hasLongSizes = true
        } else if has("FORM", at: 0) && (has("AIFF", at: 8) || has("AIFC", at: 8)) {
            (isBigEndian, name, preamble) = (true, "SSND", 8)
        } else if has("riff", at: 0) && has("wave", at: 24) {
            (first, nameWidth, sizeWidth, alignment, countsHead, mustBeRight) = (40, 16, 8, 8, true, true)
        } else if has("caff", at: 0) {
            (first, sizeWidth, isBigEndian, alignment, preamble, mustBeRight) = (8, 8, true, 1, 4, true)
        } else if has(".snd", at: 0) || has("dns.", at: 0) {
            (isBigEndian, headerField) = (has(".snd", at: 0), 4)
        } else {
            return nil
        }
    }

    func find(in file: InputFile, from start: Int) -> (start: Int, field: Field)? {
        if let headerField {
            let header = number(file.bytes(at: start + headerField, count: 4))
            let field = Field(offset: 8, width: 4, value: number(file.bytes(at: start + 8, count: 4)))
            return header >= 24 && start + header <= file.count ? (start + header, field) : nil
        }
        var place = start + first
        var long: Field?
        // A sane file has a handful of chunks before the samples.
        for _ in 0..<1000 {
            let head = file.bytes(at: place, count: nameWidth + sizeWidth)
            guard head.count == nameWidth + sizeWidth else { return nil }
            let size = number(head[nameWidth...])
            let body = place + head.count
            if head.starts(with: name.utf8) {
                let extra = preamble + (countsHead ? head.count : 0)
                var field = Field(
                    offset: place + nameWidth - start, width: sizeWidth, value: size, extra: extra, empty: extra)
                if let long, size == 0xFFFF_FFFF { field = long }
                return (body + preamble, field)
            }
            if hasLongSizes, head.starts(with: "ds64".utf8) {
                let value = number(file.bytes(at: body + 8, count: 8))
                long = Field(offset: body + 8 - start, width: 8, value: value)
            }
            guard (0..<file.count).contains(size), let length = length(of: head.count, size) else { return nil }
            place += (length + alignment - 1) / alignment * alignment
        }
        return nil
    }

    /// Of a chunk with its head, from the size that it gives; nil if that can't be.
    private func length(of head: Int, _ size: Int) -> Int? {
        let length = countsHead ? size : head + size
        return length >= head ? length : nil
    }

    /// Programs that can't go back to write the length leave the greatest one, or one about 2 GiB.
    func isUnknown(_ size: Int) -> Bool {
        if size < 0 || size > 1 << 60 { return true }
        if sizeWidth == 8 || hasLongSizes { return false }
        return size >= 0xFFFF_0000 || abs(size - 0x7FFF_FFFF) <= 1 << 16
    }

    /// Whether chunks, and nothing else, fill the file from a place on: then a chunk before them is empty indeed.
    func isChunks(_ file: InputFile, from start: Int) -> Bool {
        guard headerField == nil else { return false }
        var place = start
        while place < file.count {
            let head = file.bytes(at: place, count: nameWidth + sizeWidth)
            guard head.count == nameWidth + sizeWidth, head.prefix(4).allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                return false
            }
            let size = number(head[nameWidth...])
            guard (0...file.count).contains(size), let length = length(of: head.count, size),
                length <= file.count - place
            else { return false }
            place += (length + alignment - 1) / alignment * alignment
        }
        return true
    }

    func bytes(of value: Int, width: Int) -> [UInt8] {
        let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return isBigEndian ? little.reversed() : little
    }

    /// As it stands in the container; negative for lengths beyond 2^63.
    private func number(_ bytes: some BidirectionalCollection<UInt8>) -> Int {
        let ordered = isBigEndian ? Array(bytes) : Array(bytes.reversed())
        return Int(truncatingIfNeeded: ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
