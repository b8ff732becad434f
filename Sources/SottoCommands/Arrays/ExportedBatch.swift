// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import TokenFile

/// Recordings of one model in one array, [recordings, codebooks, frames].
struct ExportedBatch {
    private struct Row {
        let name: String
        let frames: [Codes?]
        /// The numbers of the speaker's level; nil if the file tells none.
        let levels: [UInt8?]?
    }

    /// What stands for codes and levels that there aren't: those of lost frames, of frames that have fewer, and behind a recording's end.
    private static let padding = Int16(-1)
    /// What a .npz file can say of a size.
    private static let mostBytes = Int(UInt32.max)

    private var rows: [Row] = []
    private var model: ModelIdentity?
    private var codebooks = 0

    /// - Throws: `UsageError` if its codes are of another model than those before.
    mutating func add(_ recording: TokenRecording, named name: String) throws(UsageError) {
        let own = recording.header.model
        guard model ?? own == own else {
            throw UsageError("its codes are not of the same model as those before; a batch is of one model")
        }
        model = own
        codebooks = max(codebooks, recording.header.counts.maxCodes)
        let levels = recording.header.tellsLevels ? recording.levels : nil
        rows.append(Row(name: name, frames: recording.frames, levels: levels))
    }

    private var mostFrames: Int { rows.map(\.frames.count).max() ?? 0 }

    /// The codes.
    ///
    /// - Throws: `UsageError` if no recording has a frame.
    func npy() throws(UsageError) -> [UInt8] {
        let count = mostFrames
        guard count > 0 else { throw UsageError("none of these recordings has a frame") }
        var values = [Int16](repeating: Self.padding, count: rows.count * codebooks * count)
        for (index, row) in rows.enumerated() {
            for (frame, codes) in row.frames.enumerated() {
                for (book, code) in (codes ?? []).enumerated() {
                    values[(index * codebooks + book) * count + frame] = Int16(code)
                }
            }
        }
        return Self.array(values, shape: [rows.count, codebooks, count])
    }

    /// `codes`; `lengths` [recordings]; `ids` [recordings], their names; and `levels` [recordings, frames] where they are told.
    ///
    /// - Throws: `UsageError` if no recording has a frame, two have one name, or there are too many for such a file.
    func npz() throws(UsageError) -> [UInt8] {
        var taken = Set<String>()
        if let twice = rows.map({ CodeBatch.fileName($0.name) }).first(where: { !taken.insert($0).inserted }) {
            throw UsageError(
                "two of the recordings are called \(twice); give the folder that holds both, or write .npy")
        }
        var arrays = [("codes.npy", try npy())]
        let lengths = rows.flatMap { row in withUnsafeBytes(of: Int64(row.frames.count).littleEndian) { Array($0) } }
        arrays.append(("lengths.npy", NumPyHeader.bytes("<i8", shape: [rows.count]) + lengths))
        arrays.append(("ids.npy", NumPyNames.bytes(of: rows.map(\.name))))
        if rows.contains(where: { $0.levels != nil }) { arrays.append(("levels.npy", levels)) }
        guard arrays.reduce(4096, { $0 + $1.1.count }) <= Self.mostBytes else {
            throw UsageError("that is more than a .npz file holds; write .npy, or fewer recordings")
        }
        return ZipArchive.storing(arrays)
    }

    private var levels: [UInt8] {
        let count = mostFrames
        var values = [Int16](repeating: Self.padding, count: rows.count * count)
        for (index, row) in rows.enumerated() {
            for case (let frame, let level?) in (row.levels ?? []).enumerated() {
                values[index * count + frame] = Int16(level)
            }
        }
        return Self.array(values, shape: [rows.count, count])
    }

    private static func array(_ values: [Int16], shape: [Int]) -> [UInt8] {
        let bytes = values.map(\.littleEndian).withUnsafeBytes { Array($0) }
        return NumPyHeader.bytes("<i2", shape: shape) + bytes
    }
}
