// SPDX-License-Identifier: Apache-2.0

/// What a file of NumPy's begins with: magic, version, the header's length, and a dictionary of Python's.
struct NumPyHeader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// As NumPy writes it, "<u2".
    let type: String
    let isFortran: Bool
    let shape: [Int]
    /// Where the values begin.
    private let start: Int

    /// The type without the order of its bytes, "u2".
    var kind: Substring { type.drop { "<>|=".contains($0) } }
    var isBigEndian: Bool { type.hasPrefix(">") }

    /// - Throws: `CodeArrayError.notAnArray` if that is none, or is cut off.
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
        let parts = dimensions.split(separator: ",").map { Int($0.filter { $0 != " " }) }
        let shape = parts.compactMap { $0 }
        guard shape.count == parts.count, shape.allSatisfy({ $0 >= 0 }) else {
            throw .notAnArray("its header is none of NumPy's")
        }
        self.type = String(type)
        isFortran = order.hasPrefix("True")
        self.shape = shape
        self.start = start
    }

    /// The header of a file, format 1.0, padded to 64 bytes. The values follow.
    static func bytes(_ type: String, isFortran: Bool = false, shape: [Int]) -> [UInt8] {
        let axes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': (\(axes)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        return magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header.utf8
    }

    /// The values of a file, of so many bytes each.
    ///
    /// - Throws: `CodeArrayError.notAnArray` if some are missing.
    func values(of bytes: [UInt8], size: Int) throws(CodeArrayError) -> ArraySlice<UInt8> {
        var (count, overflows) = (size, false)
        for part in shape where !overflows { (count, overflows) = count.multipliedReportingOverflow(by: part) }
        guard !overflows else { throw .notAnArray("its header is none of NumPy's") }
        guard bytes.count - start >= count else {
            throw .notAnArray("it is cut off: \(bytes.count - start) of its \(count) bytes are there")
        }
        return bytes[start...].prefix(count)
    }

    /// What follows a name in the dictionary that the header is.
    private static func field(_ name: String, of header: String) -> Substring? {
        guard let range = header.firstRange(of: "'\(name)':") else { return nil }
        return header[range.upperBound...].drop { $0 == " " }
    }
}
