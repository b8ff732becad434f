// SPDX-License-Identifier: Apache-2.0

import Platform

// A file's name is any bytes but `String` is Unicode. Names are therefore carried as text in which each byte that is no
// UTF-8 stands as a private-use character, U+10FE00 and the byte; wherever the text meets the system, the bytes come back.
// A name that holds such a character itself has its bytes escaped in the same way, so that nothing is lost.

extension String {
    /// The text that carries the bytes of a name.
    public init(systemBytes bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: \.isEscapedByte) {
            self = text
            return
        }
        let bytes = Array(bytes)
        var (iterator, parser, position) = (bytes.makeIterator(), UTF8.ForwardParser(), 0)
        var scalars = String.UnicodeScalarView()
        while true {
            let length: Int
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput:
                self.init(scalars)
                return
            case .valid(let encoded) where !UTF8.decode(encoded).isEscapedByte:
                scalars.append(UTF8.decode(encoded))
                position += encoded.count
                continue
            case .valid(let encoded): length = encoded.count
            case .error(let count): length = count
            }
            for byte in bytes[position..<position + length] { scalars.append(Unicode.Scalar(escaping: byte)) }
            position += length
        }
    }

    /// Whether it carries bytes that are no UTF-8.
    public var carriesEscapedBytes: Bool { unicodeScalars.contains(where: \.isEscapedByte) }

    /// Bytes that are no UTF-8 as they can be shown: `\xE9`.
    public var withEscapedBytesShown: String {
        guard carriesEscapedBytes else { return self }
        return unicodeScalars.map { scalar in
            scalar.isEscapedByte ? "\\x" + String(UInt8(truncatingIfNeeded: scalar.value), radix: 16) : String(scalar)
        }.joined()
    }

    /// Lends the bytes of the name, ended by a zero, to a call of the system.
    public func withSystemPath<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var bytes: [CChar] = []
        for scalar in unicodeScalars {
            if scalar.isEscapedByte {
                bytes.append(CChar(truncatingIfNeeded: scalar.value))
            } else {
                for byte in UTF8.encode(scalar).unsafelyUnwrapped { bytes.append(CChar(bitPattern: byte)) }
            }
        }
        bytes.append(0)
        // A closure that rethrows loses the type of its error.
        let result = bytes.withUnsafeBufferPointer { buffer -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(buffer.baseAddress.unsafelyUnwrapped))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension Unicode.Scalar {
    private static let firstEscape: UInt32 = 0x10FE00

    /// U+10FE80 to U+10FEFF: only bytes from 80 on can be no UTF-8.
    fileprivate var isEscapedByte: Bool { (Self.firstEscape + 0x80...Self.firstEscape + 0xFF).contains(value) }

    fileprivate init(escaping byte: UInt8) {
        self = Unicode.Scalar(Self.firstEscape + UInt32(byte)) ?? "\u{FFFD}"
    }
}

/// The words of the process's command line after the program's name, their bytes carried as names are.
public var processArguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0] }.map { word in
        String(systemBytes: UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
}

/// A variable of the process's environment, nil if it isn't set or empty.
public func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(systemBytes: UnsafeRawBufferPointer(start: value, count: strlen(value)))
}
