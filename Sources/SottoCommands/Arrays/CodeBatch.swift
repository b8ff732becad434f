// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer

/// Codes of several recordings in one file: an array of NumPy's with three axes, alone or in an archive, or lines of JSON.
package struct CodeBatch {
    /// What the recordings are called, as files can be, and their codes.
    let recordings: [(name: String, array: CodeArray)]

    /// nil if these bytes are no such file.
    ///
    /// - Throws: `CodeArrayError` if they are one that holds no codes.
    package init?(_ bytes: [UInt8]) throws(CodeArrayError) {
        if bytes.starts(with: NumPyHeader.magic) {
            guard let array = try Self.batch(bytes) else { return nil }
            recordings = try Self.recordings(of: array)
        } else if bytes.starts(with: ZipArchive.magic) {
            let archive = try ZipArchive(bytes)
            guard let codes = try archive.contents(of: "codes.npy"), let array = try Self.batch(codes) else {
                return nil
            }
            recordings = try Self.recordings(of: array, in: archive)
        } else if bytes.first(where: { !" \n\r\t".utf8.contains($0) }) == UInt8(ascii: "{") {
            let lines = try CodeLine.read(bytes)
            guard lines.count > 1 else { return nil }
            recordings = lines.enumerated().map { index, line in
                (line.id.map(Self.fileName) ?? Self.number(index, of: lines.count), line.array)
            }
        } else {
            return nil
        }
        var taken = Set<String>()
        if let twice = recordings.map(\.name).first(where: { !taken.insert($0).inserted }) {
            throw .notAnArray("two of its recordings are called \(twice)")
        }
    }

    /// A file's name for a recording that may be called anything.
    static func fileName(_ name: String) -> String {
        let plain = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
        return plain.isEmpty || plain.hasPrefix(".") ? "_" + plain : plain
    }

    /// nil if that is an array of one recording.
    private static func batch(_ bytes: [UInt8]) throws(CodeArrayError) -> NumPyArray? {
        let array = try NumPyArray(bytes)
        guard array.shape.count == 3 else { return nil }
        guard !array.shape.contains(0) else { throw .notAnArray("it is empty, of shape \(array.shape)") }
        return array
    }

    /// - Parameter archive: what may hold `lengths`, `ids` and `levels` beside the codes. Without lengths, frames at a recording's end that
    ///   have no codes are none of it.
    private static func recordings(
        of array: NumPyArray, in archive: ZipArchive? = nil
    ) throws(CodeArrayError) -> [(name: String, array: CodeArray)] {
        let (count, books, most) = (array.shape[0], array.shape[1], array.shape[2])
        let lengths = try archive?.array("lengths.npy", shape: [count])
        let levels = try archive?.array("levels.npy", shape: [count, most])
        let ids = try archive?.contents(of: "ids.npy").map(NumPyNames.names)
        guard ids == nil || ids?.count == count else {
            throw .notAnArray("its ids are not one for each of the \(count) recordings")
        }
        var recordings: [(name: String, array: CodeArray)] = []
        for index in 0..<count {
            let length = lengths.map { $0[index, 0, of: 1] } ?? most
            guard (0...most).contains(length) else {
                throw .notAnArray("recording \(index) has \(length) frames by its lengths, of \(most)")
            }
            var rows: [Codes?] = []
            for frame in 0..<length {
                rows.append(try CodeArray.codes(of: (0..<books).map { array[index, $0, frame] }, frame: frame))
            }
            if lengths == nil { while case .some(.none) = rows.last { rows.removeLast() } }
            let levelsOfFrames = try levels.map { (levels) throws(CodeArrayError) in
                var own: [Codes?] = []
                for frame in rows.indices {
                    own.append(try CodeArray.codes(of: [levels[index, frame, of: most]], frame: frame))
                }
                return own
            }
            let name = ids.map { fileName($0[index]) } ?? number(index, of: count)
            recordings.append((name, CodeArray(frames: rows, levels: levelsOfFrames)))
        }
        return recordings
    }

    /// "07" of 12.
    private static func number(_ index: Int, of count: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: String(count - 1).count - digits.count) + digits
    }
}

/// A line of a .jsonl file: an object with a list of frames called codes.
struct CodeLine {
    let id: String?
    let array: CodeArray

    private struct Line: Decodable {
        let id: String?
        let codes: [[Int]?]
        let levels: [Int?]?
    }

    /// - Throws: `CodeArrayError` if a line is none.
    static func read(_ bytes: [UInt8]) throws(CodeArrayError) -> [CodeLine] {
        let decoder = JSONDecoder()
        let lines = bytes.split(whereSeparator: { "\n\r".utf8.contains($0) })
            .filter { $0.contains { !" \t".utf8.contains($0) } }
        var read: [CodeLine] = []
        for (index, text) in lines.enumerated() {
            guard let line = try? decoder.decode(Line.self, from: Data(text)) else {
                let place = lines.count > 1 ? "line \(index + 1)" : "it"
                throw .notAnArray(
                    "\(place) is no object with a list of frames called codes, each a list of whole numbers or null")
            }
            let levels = try line.levels.map { (levels) throws(CodeArrayError) in
                try CodeArray.frames(ofRows: levels.map { $0.map { [$0] } })
            }
            let frames = try CodeArray.frames(ofRows: line.codes)
            read.append(CodeLine(id: line.id, array: CodeArray(frames: frames, levels: levels)))
        }
        return read
    }
}

extension ZipArchive {
    /// The array of that name, nil if there is none.
    ///
    /// - Throws: `CodeArrayError` if it has another shape.
    fileprivate func array(_ name: String, shape: [Int]) throws(CodeArrayError) -> NumPyArray? {
        guard let bytes = try contents(of: name) else { return nil }
        let array = try NumPyArray(bytes)
        guard array.shape == shape else { throw .notAnArray("its \(name) has the shape \(array.shape), not \(shape)") }
        return array
    }
}
