// SPDX-License-Identifier: Apache-2.0

/// An array of whole numbers in NumPy's file format, 1.0 to 3.0: any integer type, byte order and order of the axes that NumPy writes.
struct NumPyArray {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// There are bytes for all of the values, so that it is bounded by them, unless one of the axes is of no length: who counts along
    /// another has to look.
    let shape: [Int]
    private let values: ArraySlice<UInt8>
    private let size: Int
    private let isSigned: Bool
    private let isBigEndian: Bool
    /// Whether the first axis is the one that runs fastest.
    private let isFortran: Bool

    /// - Throws: `CodeArrayError.notAnArray` if that is no array of whole numbers, or is cut off.
    init(_ bytes: [UInt8]) throws(CodeArrayError) {
        let lengthSize = bytes.count > 6 && bytes[6] >= 2 ? 4 : 2
        guard bytes.count >= 8 + lengthSize else { throw .notAnArray("it is cut off in its header") }
        let length = (0..<lengthSize).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        let start = 8 + lengthSize + length
        guard start <= bytes.count else { throw .notAnArray("it is cut off in its header") }
        let header = String(decoding: bytes[(8 + lengthSize)..<start], as: UTF8.self)
        guard let type = Self.field("descr", of: header)?.split(separator: "'").first,
            let order = Self.field("fortran_order", of: header),
            let dimensions = Self.field("shape", of: header)?.dropFirst().prefix(while: { $0 != ")" })
        else { throw .notAnArray("its header is none of NumPy's") }
        let kind = type.drop { "<>|=".contains($0) }
        guard let size = Int(kind.dropFirst()), ["i", "u"].contains(kind.prefix(1)), [1, 2, 4, 8].contains(size) else {
            throw .notAnArray("its values are of type \(type), not whole numbers")
        }
        let parts = dimensions.split(separator: ",").map { Int($0.filter { $0 != " " }) }
        let shape = parts.compactMap { $0 }
        var (count, overflows) = (size, false)
        for part in shape where !overflows { (count, overflows) = count.multipliedReportingOverflow(by: part) }
        guard shape.count == parts.count, shape.allSatisfy({ $0 >= 0 }), !overflows else {
            throw .notAnArray("its header is none of NumPy's")
        }
        guard bytes.count - start >= count else {
            throw .notAnArray("it is cut off: \(bytes.count - start) of its \(count) bytes are there")
        }
        self.shape = shape
        self.size = size
        values = bytes[start...]
        isSigned = kind.hasPrefix("i")
        isBigEndian = type.hasPrefix(">")
        isFortran = order.hasPrefix("True")
    }

    /// What follows a name in the dictionary that the header is.
    private static func field(_ name: String, of header: String) -> Substring? {
        guard let range = header.firstRange(of: "'\(name)':") else { return nil }
        return header[range.upperBound...].drop { $0 == " " }
    }

    /// A value of an array of two axes, the second `columns` long; those that no `Int` holds are the greatest one.
    subscript(row: Int, column: Int, of columns: Int) -> Int {
        value(at: isFortran ? column * (shape.first ?? 0) + row : row * columns + column)
    }

    /// A value of an array of three axes.
    subscript(block: Int, row: Int, column: Int) -> Int {
        value(
            at: isFortran
                ? (column * shape[1] + row) * shape[0] + block : (block * shape[1] + row) * shape[2] + column)
    }

    private func value(at index: Int) -> Int {
        let start = values.startIndex + index * size
        var bits: UInt64 = 0
        for byte in 0..<size {
            bits |= UInt64(values[start + (isBigEndian ? size - 1 - byte : byte)]) << UInt64(8 * byte)
        }
        guard isSigned else { return Int(clamping: bits) }
        let unused = UInt64(64 - 8 * size)
        return Int(Int64(bitPattern: bits << unused) >> Int64(unused))
    }
}
