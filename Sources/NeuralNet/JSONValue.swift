// SPDX-License-Identifier: Apache-2.0

/// JSON (RFC 8259) as far as headers of tensors have it: of numbers, whole ones are told.
///
/// `JSONDecoder` says the same in ten times as long, which every start of a program that loads a model would feel.
package enum JSONValue: Equatable {
    /// In their order; a name that comes again counts again.
    case object([(name: String, value: JSONValue)])
    case array([JSONValue])
    case text(String)
    case whole(Int)
    /// Numbers with a fraction, an exponent or more digits than an `Int` has, true, false and null.
    case other

    package static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.object(let a), .object(let b)): a.elementsEqual(b) { $0.name == $1.name && $0.value == $1.value }
        case (.array(let a), .array(let b)): a == b
        case (.text(let a), .text(let b)): a == b
        case (.whole(let a), .whole(let b)): a == b
        case (.other, .other): true
        default: false
        }
    }

    /// Bytes that aren't JSON, or are more deeply nested than any header.
    package struct Malformed: Error {}

    package init(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw Malformed() }
    }
}

/// Reads a value after the other.
private struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    private var place = 0
    private static let deepest = 32

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONValue.Malformed) {
        skipSpace()
        guard take(byte) else { throw .init() }
    }

    mutating func value(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        guard depth < Self.deepest else { throw .init() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            var fields: [(name: String, value: JSONValue)] = []
            try list(closedBy: UInt8(ascii: "}")) { reader throws(JSONValue.Malformed) in
                reader.skipSpace()
                let name = try reader.text()
                try reader.expect(UInt8(ascii: ":"))
                fields.append((name, try reader.value(depth: depth + 1)))
            }
            return .object(fields)
        case UInt8(ascii: "["):
            var values: [JSONValue] = []
            try list(closedBy: UInt8(ascii: "]")) { reader throws(JSONValue.Malformed) in
                values.append(try reader.value(depth: depth + 1))
            }
            return .array(values)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true")
        case UInt8(ascii: "f"): return try word("false")
        case UInt8(ascii: "n"): return try word("null")
        default: return try number()
        }
    }

    /// What stands between two brackets, with commas between.
    private mutating func list(
        closedBy bracket: UInt8, _ element: (inout JSONReader) throws(JSONValue.Malformed) -> Void
    ) throws(JSONValue.Malformed) {
        place += 1
        skipSpace()
        guard !take(bracket) else { return }
        repeat {
            try element(&self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(bracket) else { throw .init() }
    }

    private mutating func word(_ word: StaticString) throws(JSONValue.Malformed) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount { guard take(word.utf8Start[index]) else { throw .init() } }
        return .other
    }

    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let isNegative = take(UInt8(ascii: "-"))
        let start = place
        var (whole, isWhole) = (0, true)
        while let digit = digit() {
            let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
            let (sum, more) = product.addingReportingOverflow(isNegative ? -digit : digit)
            (whole, isWhole) = (sum, isWhole && !overflow && !more)
        }
        guard place == start + 1 || place > start && bytes[start] != UInt8(ascii: "0") else { throw .init() }
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        return isWhole ? .whole(whole) : .other
    }

    private mutating func digits() throws(JSONValue.Malformed) {
        guard digit() != nil else { throw .init() }
        while digit() != nil {}
    }

    private mutating func digit() -> Int? {
        guard let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        place += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    private mutating func text() throws(JSONValue.Malformed) -> String {
        guard take(UInt8(ascii: "\"")) else { throw .init() }
        var (units, start) = ([UInt8](), place)
        while let byte = next, byte >= 0x20 {
            switch byte {
            case UInt8(ascii: "\""):
                units += bytes[start..<place]
                place += 1
                guard let text = String(validating: units, as: UTF8.self) else { throw .init() }
                return text
            case UInt8(ascii: "\\"):
                units += bytes[start..<place]
                place += 1
                units += String(try escape()).utf8
                start = place
            default: place += 1
            }
        }
        throw .init()
    }

    /// What stands behind a backslash.
    private mutating func escape() throws(JSONValue.Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw .init() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw .init()
        }
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Characters beyond 16 bits come as two halves.
        guard UTF16.isLeadSurrogate(UInt16(first)), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw .init()
        }
        let second = try fourDigits()
        guard UTF16.isTrailSurrogate(UInt16(second)),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw .init() }
        return scalar
    }

    private mutating func fourDigits() throws(JSONValue.Malformed) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw .init() }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
