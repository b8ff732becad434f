// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SystemIO
import TokenFile

/// Codes without a header, as a language model makes them and `sotto export` writes them: [frames, codes].
package struct CodeArray {
    /// The codes of each frame, nil where it is lost: in NumPy's files frames of nothing but 65535 or negative numbers, which also
    /// stand for the codes that a frame doesn't have; in JSON null.
    let frames: [Codes?]
    /// The numbers of the speaker's level, one a frame, if they stand beside the codes.
    let levels: [Codes?]?

    init(frames: [Codes?], levels: [Codes?]? = nil) { (self.frames, self.levels) = (frames, levels) }

    /// nil if these bytes are no array of codes, by their start: neither one of NumPy's formats nor a list or an object of JSON.
    ///
    /// - Parameter codebooksFirst: whether an array of NumPy's is [codes, frames].
    /// - Throws: `CodeArrayError` if they are one that holds no codes.
    package init?(_ bytes: [UInt8], codebooksFirst: Bool = false) throws(CodeArrayError) {
        let first = bytes.first { !" \n\r\t".utf8.contains($0) }
        var found: [Codes?]?
        if bytes.starts(with: NumPyHeader.magic) {
            frames = try Self.frames(of: NumPyArray(bytes), counts: nil, codebooksFirst)
        } else if bytes.starts(with: ZipArchive.magic) {
            let archive = try ZipArchive(bytes)
            guard let codes = try archive.contents(of: "codes.npy") else {
                throw .notAnArray("of the arrays in it none is called codes")
            }
            let counts = try archive.contents(of: "counts.npy")
            frames = try Self.frames(
                of: NumPyArray(codes), counts: counts == nil ? nil : NumPyArray(counts ?? []), codebooksFirst)
            if let levels = try archive.contents(of: "levels.npy") {
                found = try Self.frames(of: NumPyArray(levels), counts: nil, false)
            }
        } else if first == UInt8(ascii: "[") {
            frames = try Self.frames(ofJSON: bytes)
        } else if first == UInt8(ascii: "{") {
            let lines = try CodeLine.read(bytes)
            guard lines.count == 1 else {
                throw .notAnArray("it has \(lines.count) lines, each a recording")
            }
            frames = lines[0].array.frames
            found = lines[0].array.levels
        } else {
            return nil
        }
        levels = found
    }

    /// - Parameter counts: how many codes each frame has; nil takes those at its start that are codes.
    private static func frames(
        of array: NumPyArray, counts: NumPyArray?, _ codebooksFirst: Bool
    ) throws(CodeArrayError) -> [Codes?] {
        guard let first = array.shape.first, (1...2).contains(array.shape.count) else {
            throw .notAnArray("it has \(array.shape.count) dimensions, not [frames, codes]")
        }
        let second = array.shape.count == 2 ? array.shape[1] : 1
        let isTurned = codebooksFirst && array.shape.count == 2
        let (rows, columns) = isTurned ? (second, first) : (first, second)
        guard rows == 0 || columns > 0 else { throw .notAnArray("its \(rows) frames have no codes") }
        guard counts == nil || counts?.shape == [rows] else {
            throw .notAnArray("its counts are not one for each of the \(rows) frames")
        }
        var frames: [Codes?] = []
        for row in 0..<rows {
            let count = counts.map { $0[row, 0, of: 1] } ?? columns
            guard (0...columns).contains(count) else {
                throw .notAnArray("frame \(row) has \(count) codes by its counts, of \(columns)")
            }
            let values = (0..<count).map { isTurned ? array[$0, row, of: second] : array[row, $0, of: second] }
            frames.append(try codes(of: values, frame: row))
        }
        return frames
    }

    /// The codes of a frame that has negative numbers or 65535 in place of others; nil if it has none.
    static func codes(of values: [Int], frame: Int) throws(CodeArrayError) -> Codes? {
        let codes = values.prefix { 0 <= $0 && $0 < Int(UInt16.max) }
        guard values[codes.count...].allSatisfy({ $0 < 0 || $0 == Int(UInt16.max) }) else {
            throw .notACode(values.first { $0 > Int(UInt16.max) } ?? values[values.count - 1], frame: frame)
        }
        return codes.isEmpty ? nil : codes.map { UInt16($0) }
    }

    private static func frames(ofJSON bytes: [UInt8]) throws(CodeArrayError) -> [Codes?] {
        let decoder = JSONDecoder()
        let rows: [[Int]?]
        if let nested = try? decoder.decode([[Int]?].self, from: Data(bytes)) {
            rows = nested
        } else if let flat = try? decoder.decode([Int?].self, from: Data(bytes)) {
            rows = flat.map { $0.map { [$0] } }
        } else {
            throw .notAnArray("it is no list of frames, each a list of whole numbers or null")
        }
        return try frames(ofRows: rows)
    }

    /// - Parameter rows: the codes of each frame, nil where it is lost.
    static func frames(ofRows rows: [[Int]?]) throws(CodeArrayError) -> [Codes?] {
        var frames: [Codes?] = []
        for (index, row) in rows.enumerated() {
            if let wrong = row?.first(where: { UInt16(exactly: $0) == nil }) { throw .notACode(wrong, frame: index) }
            if row?.isEmpty == true { throw .notAnArray("frame \(index) has no codes") }
            frames.append(row?.map { UInt16($0) })
        }
        return frames
    }

    /// What it holds as the numbers of the speaker's levels, of which there are so many; nil where none is known.
    ///
    /// - Throws: `CodeArrayError` if a frame has more than one, or a number that there isn't.
    func levels(steps: Int) throws(CodeArrayError) -> [UInt8?] {
        var levels: [UInt8?] = []
        for (index, frame) in frames.enumerated() {
            guard frame?.count ?? 1 == 1 else { throw .notAnArray("levels are one a frame, not \(frame?.count ?? 0)") }
            if let wrong = frame?.first(where: { Int($0) >= steps }) {
                throw .noLevel(wrong, frame: index, steps: steps)
            }
            levels.append(frame.map { UInt8($0[0]) })
        }
        return levels
    }

    /// A recording of them, of as many codes a frame as the model has codebooks.
    ///
    /// - Parameter levels: the speaker's level in each frame, or none.
    /// - Throws: `CodeArrayError` if a frame has more codes than the model has codebooks, or one that the model hasn't, or there are
    ///   not as many levels as frames.
    func recording(
        header: TokenHeader, codes: Int, levels: [UInt8?] = []
    ) throws(CodeArrayError) -> TokenRecording {
        guard levels.isEmpty || levels.count == frames.count else {
            throw .notAnArray("there are \(levels.count) levels for \(frames.count) frames")
        }
        for (index, frame) in frames.enumerated() {
            guard let frame else { continue }
            guard frame.count <= header.counts.maxCodes else {
                throw .tooManyCodes(frame.count, most: header.counts.maxCodes)
            }
            if let wrong = frame.first(where: { Int($0) >= codes }) {
                throw .outOfRange(wrong, frame: index, codes: codes)
            }
        }
        return TokenRecording(header: header, frames: frames, levels: levels)
    }
}

/// Why an array is not one of codes.
package enum CodeArrayError: UserFacingError, Equatable {
    case notAnArray(String)
    case notACode(Int, frame: Int)
    case outOfRange(UInt16, frame: Int, codes: Int)
    case tooManyCodes(Int, most: Int)
    case noLevel(UInt16, frame: Int, steps: Int)
    case lostFrame(Int)

    package var kind: FailureKind { .badData }

    package var description: String {
        switch self {
        case .notAnArray(let reason): "this array holds no codes: \(reason)"
        case .notACode(let value, let frame): "\(value) in frame \(frame) is no code"
        case .outOfRange(let code, let frame, let codes):
            "code \(code) of frame \(frame) is out of range: this model's codes are 0 to \(codes - 1)"
        case .noLevel(let number, let frame, let steps):
            "level \(number) of frame \(frame) is out of range: this model's levels are 0 to \(steps - 1)"
        case .lostFrame(let frame): "frame \(frame) is lost, and a stream of tokens has no place for it"
        case .tooManyCodes(let count, let most):
            "its frames have \(count) codes, this model's at most \(most); an array is [frames, codes], not the other way round"
        }
    }
}
