// SPDX-License-Identifier: Apache-2.0

import CZlib

/// A ZIP archive, as NumPy's .npz files are: what it holds by its names.
struct ZipArchive {
    static let magic: [UInt8] = [0x50, 0x4B, 3, 4]

    private struct Entry {
        let name: ArraySlice<UInt8>
        let method: Int
        let crc: Int
        let packed: Int
        let size: Int
        let header: Int
    }

    private let bytes: [UInt8]
    private let entries: [Entry]

    /// - Throws: `CodeArrayError.notAnArray` if its directory is damaged or cut off.
    init(_ bytes: [UInt8]) throws(CodeArrayError) {
        self.bytes = bytes
        // The directory's end is the archive's, but for a comment.
        let last = bytes.count - 22
        guard last >= 0,
            let end = stride(from: last, through: max(0, last - 0xFFFF), by: -1).first(where: {
                bytes[$0...].starts(with: [0x50, 0x4B, 5, 6])
            })
        else { throw Self.damaged }
        var (place, entries) = (Self.number(bytes, end + 16, 4), [Entry]())
        for _ in 0..<Self.number(bytes, end + 10, 2) {
            guard place + 46 <= bytes.count, bytes[place...].starts(with: [0x50, 0x4B, 1, 2]) else {
                throw Self.damaged
            }
            let length = Self.number(bytes, place + 28, 2)
            guard place + 46 + length <= bytes.count else { throw Self.damaged }
            entries.append(
                Entry(
                    name: bytes[place + 46..<place + 46 + length], method: Self.number(bytes, place + 10, 2),
                    crc: Self.number(bytes, place + 16, 4), packed: Self.number(bytes, place + 20, 4),
                    size: Self.number(bytes, place + 24, 4), header: Self.number(bytes, place + 42, 4)))
            place += 46 + length + Self.number(bytes, place + 30, 2) + Self.number(bytes, place + 32, 2)
        }
        self.entries = entries
    }

    /// What the archive holds by this name, stored or deflated; nil if there is no such.
    ///
    /// - Throws: `CodeArrayError.notAnArray` if it is damaged.
    func contents(of name: String) throws(CodeArrayError) -> [UInt8]? {
        guard let entry = entries.first(where: { $0.name.elementsEqual(name.utf8) }) else { return nil }
        guard entry.header + 30 <= bytes.count, bytes[entry.header...].starts(with: Self.magic) else {
            throw Self.damaged
        }
        let start =
            entry.header + 30 + Self.number(bytes, entry.header + 26, 2) + Self.number(bytes, entry.header + 28, 2)
        guard start + entry.packed <= bytes.count else { throw Self.damaged }
        let packed = Array(bytes[start..<start + entry.packed])
        let contents: [UInt8]? =
            switch entry.method {
            case 0: packed
            case 8: Self.inflate(packed, count: entry.size)
            default: nil
            }
        guard let contents, contents.count == entry.size, Self.crc(contents) == entry.crc else { throw Self.damaged }
        return contents
    }

    /// An archive of files that are stored as they are.
    static func storing(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var (archive, directory) = ([UInt8](), [UInt8]())
        for (name, bytes) in files {
            // What both headers say: version 2.0, no flags, stored, 1 January 1980, checksum, sizes, the name's length, no more.
            let said =
                little(20, 2) + little(0, 6) + little(0x21, 2) + little(crc(bytes), 4) + little(bytes.count, 4)
                + little(bytes.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            directory += [0x50, 0x4B, 1, 2] + little(20, 2) + said + little(0, 10) + little(archive.count, 4)
            directory += name.utf8
            archive += magic + said + name.utf8 + bytes
        }
        let end =
            little(files.count, 2) + little(files.count, 2) + little(directory.count, 4) + little(archive.count, 4)
        return archive + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + end + little(0, 2)
    }

    private static let damaged = CodeArrayError.notAnArray("it is a ZIP archive that is damaged or cut off")

    /// An unsigned number of so many bytes, which are there.
    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func crc(_ bytes: [UInt8]) -> Int { Int(crc32_z(0, bytes, bytes.count)) }

    /// nil if the bytes are not the deflated form of so many.
    private static func inflate(_ packed: [UInt8], count: Int) -> [UInt8]? {
        // Deflate packs at most about 1032 to one: a greater claim is false and would only waste memory.
        guard count <= packed.count * 1040 else { return nil }
        var stream = z_stream()
        // No header is before it in an archive.
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var (packed, raw) = (packed, [UInt8](repeating: 0, count: count + 1))
        let status = packed.withUnsafeMutableBufferPointer { packed in
            raw.withUnsafeMutableBufferPointer { raw in
                (stream.next_in, stream.avail_in) = (packed.baseAddress, UInt32(packed.count))
                (stream.next_out, stream.avail_out) = (raw.baseAddress, UInt32(raw.count))
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == count else { return nil }
        return Array(raw.prefix(count))
    }
}
