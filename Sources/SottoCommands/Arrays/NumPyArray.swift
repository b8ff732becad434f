// SPDX-License-Identifier: Apache-2.0

/// An array of whole numbers in NumPy's file format, 1.0 to 3.0: any integer type, byte order and order of the axes that NumPy writes.
struct NumPyArray {
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
        let header = try NumPyHeader(bytes)
        guard let size = Int(header.kind.dropFirst()), ["i", "u"].contains(header.kind.prefix(1)),
            [1, 2, 4, 8].contains(size)
        else {
            throw .notAnArray("its values are of type \(header.type), not whole numbers")
        }
        values = try header.values(of: bytes, size: size)
        shape = header.shape
        self.size = size
        isSigned = header.kind.hasPrefix("i")
        isBigEndian = header.isBigEndian
        isFortran = header.isFortran
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
