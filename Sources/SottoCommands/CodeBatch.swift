// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer

/// Codes of several recordings in one file: an array of NumPy's with three axes, or lines of JSON.
package struct CodeBatch {
    /// What the recordings are called, as files can be, and their codes.
    let recordings: [(name: String, array: CodeArray)]

    /// nil if these bytes are no such file.
    ///
    /// - Throws: `CodeArrayError` if they are one that holds no codes.
    package init?(_ bytes: [UInt8]) throws(CodeArrayError) {
        if bytes.starts(with: NumPyArray.magic) {
            let array = try NumPyArray(bytes)
            guard array.shape.count == 3 else { return nil }
            guard !array.shape.contains(0) else { throw .notAnArray("it is empty, of shape \(array.shape)") }
            var recordings: [(name: String, array: CodeArray)] = []
            for index in 0..<array.shape[0] {
                recordings.append((Self.number(index, of: array.shape[0]), try Self.recording(index, of: array)))
            }
            self.recordings = recordings
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
    private static func fileName(_ name: String) -> String {
        let plain = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
        return plain.isEmpty || plain.hasPrefix(".") ? "_" + plain : plain
    }

    /// A recording of [recordings, codes, frames]. Frames at its end that have no codes are none of it.
    private static func recording(_ index: Int, of array: NumPyArray) throws(CodeArrayError) -> CodeArray {
        let (books, count) = (array.shape[1], array.shape[2])
        var rows: [Codes?] = []
        for frame in 0..<count {
            let values = (0..<books).map { array[index, $0, frame] }
            rows.append(try CodeArray.codes(of: values, frame: frame))
        }
        while case .some(.none) = rows.last { rows.removeLast() }
        return CodeArray(frames: rows)
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
            read.append(
                CodeLine(id: line.id, array: CodeArray(frames: try CodeArray.frames(ofRows: line.codes), told: levels)))
        }
        return read
    }
}
