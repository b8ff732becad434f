// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import SystemIO
import Transcript

// What callers pass, checked: beyond these functions nothing is NULL, negative or too large to be true.

/// More of anything than any buffer holds.
private let most = 1 << 40

/// Where something is to be written.
func place<Value>(_ pointer: UnsafeMutablePointer<Value>?, for name: String) throws(CallError)
    -> UnsafeMutablePointer<Value>
{
    guard let pointer else { throw .usage("NULL was given as the place for \(name)") }
    return pointer
}

/// What is to be read, none of it from NULL.
func buffer<Value>(_ pointer: UnsafePointer<Value>?, _ count: Int, of name: String) throws(CallError)
    -> UnsafeBufferPointer<Value>
{
    guard (0...most).contains(count) else { throw .usage("there can't be so many \(name)") }
    guard pointer != nil || count == 0 else { throw .usage("NULL was given for \(count) \(name)") }
    return UnsafeBufferPointer(start: pointer, count: count)
}

/// What is to be written to, none of it at NULL. Of a room for more than any buffer holds, so much is used.
func buffer<Value>(_ pointer: UnsafeMutablePointer<Value>?, room: Int, for name: String) throws(CallError)
    -> UnsafeMutableBufferPointer<Value>
{
    guard room >= 0 else { throw .usage("there can't be room for so many \(name)") }
    guard pointer != nil || room == 0 else { throw .usage("NULL was given as room for \(room) \(name)") }
    return UnsafeMutableBufferPointer(start: pointer, count: min(room, most))
}

/// 0 or 1.
func flag(_ value: Int32, _ name: String) throws(CallError) -> Bool {
    guard value == 0 || value == 1 else { throw .usage("\(name) is \(value); it is 0 or 1") }
    return value == 1
}

/// 0 or more.
func amount(_ value: Int32, of name: String) throws(CallError) -> Int {
    guard value >= 0 else { throw .usage("there can't be \(value) \(name)") }
    return Int(value)
}

/// nil for one code of every codebook; the model knows whether it makes so many.
func codesPerFrame(_ codes: Int32, average: Int32) throws(CallError) -> CodesPerFrame? {
    let (number, isAverage) = (try amount(codes, of: "codes a frame"), try flag(average, "average"))
    guard number > 0 || !isAverage else { throw .usage("an average of 0 codes was asked for; say how many") }
    return number == 0 ? nil : isAverage ? .average(number) : .fixed(number)
}

extension CodecModel {
    /// The frames of codes [frames, width], of which so many count; one of no codes is lost, nil.
    ///
    /// - Throws: if any of them can't be decoded.
    func frames(
        _ codes: UnsafePointer<UInt16>?, _ counts: UnsafePointer<UInt8>?, _ frames: Int, _ width: Int
    ) throws -> [Codes?] {
        let rows = try buffer(codes, frames, of: "frames")
        guard !rows.isEmpty else { return [] }
        guard (1...Int(UInt8.max)).contains(width) else { throw CallError.usage("no frame has \(width) codes") }
        let codes = UnsafeBufferPointer(start: rows.baseAddress, count: rows.count * width)
        let (codebooks, size) = (configuration.quantizer.codebooks, configuration.quantizer.codes)
        return try rows.indices.map { row in
            let count = counts.map { Int($0[row]) } ?? width
            guard count <= width else {
                throw CallError.badData("frame \(row) has \(count) codes in a row of \(width)")
            }
            guard count <= codebooks else { throw QuantizerError.wrongCodeCount(count, codebooks: codebooks) }
            let frame = Array(codes[row * width..<row * width + count])
            if let level = frame.firstIndex(where: { $0 >= size }) {
                throw QuantizerError.codeOutOfRange(frame[level], codebook: level, codes: size)
            }
            return frame.isEmpty ? nil : frame
        }
    }
}

/// How many samples a recording has, nil for -1.
func sampleCount(_ value: Int64) throws(CallError) -> Int? {
    guard value >= -1 else { throw .usage("no recording has \(value) samples") }
    return value < 0 ? nil : Int(value)
}

/// The name of a file.
func path(_ pointer: UnsafePointer<CChar>?) throws(CallError) -> String {
    guard let pointer else { throw .usage("NULL was given as the path of a file") }
    var bytes: [UInt8] = []
    for index in 0... {
        let byte = UInt8(bitPattern: pointer[index])
        guard byte != 0 else { break }
        bytes.append(byte)
    }
    return String(systemBytes: bytes)
}

func text(_ pointer: UnsafePointer<CChar>) throws(CallError) -> String {
    guard let text = String(validatingCString: pointer) else { throw .badData("the text is not UTF-8") }
    return text
}

/// nil if there is none.
func timing(_ counts: UnsafePointer<UInt32>?, _ count: Int) throws(CallError) -> SymbolTiming? {
    let counts = try buffer(counts, count, of: "counts of symbols")
    return counts.isEmpty ? nil : SymbolTiming(counts: counts.map { Int($0) })
}

/// The number of a frame.
func frameNumber(_ value: Int64) throws(CallError) -> Int {
    guard value >= 0, value < most else { throw .usage("no frame has the number \(value)") }
    return Int(value)
}
