// SPDX-License-Identifier: Apache-2.0

/// A list of texts in a file of NumPy's.
enum NumPyNames {
    static func bytes(of names: [String]) -> [UInt8] {
        let scalars = names.map { Array($0.unicodeScalars) }
        let width = max(1, scalars.map(\.count).max() ?? 0)
        return scalars.reduce(into: NumPyHeader.bytes("<U\(width)", shape: [names.count])) { bytes, name in
            for place in 0..<width {
                let value = place < name.count ? name[place].value : 0
                for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
            }
        }
    }

    /// - Throws: `CodeArrayError.notAnArray` if that is no list of texts, or is cut off.
    static func names(in bytes: [UInt8]) throws(CodeArrayError) -> [String] {
        let header = try NumPyHeader(bytes)
        guard header.kind.hasPrefix("U"), let width = Int(header.kind.dropFirst()), (1...65536).contains(width),
            header.shape.count == 1
        else { throw .notAnArray("its ids are no list of texts") }
        let values = Array(try header.values(of: bytes, size: 4 * width))
        return (0..<header.shape[0]).map { index in
            var name = String.UnicodeScalarView()
            for place in stride(from: 4 * width * index, to: 4 * width * (index + 1), by: 4) {
                let order = header.isBigEndian ? [3, 2, 1, 0] : [0, 1, 2, 3]
                let value = order.enumerated().reduce(UInt32(0)) {
                    $0 | UInt32(values[place + $1.1]) << UInt32(8 * $1.0)
                }
                guard value != 0 else { break }
                name.append(Unicode.Scalar(value) ?? "\u{FFFD}")
            }
            return String(name)
        }
    }
}
