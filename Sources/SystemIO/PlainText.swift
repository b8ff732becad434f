// SPDX-License-Identifier: Apache-2.0

/// Text that someone wrote, from the bytes of a file, of a line or of an argument.
public enum PlainText {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Reads UTF-8, or UTF-16 where a byte order mark says so. The mark is no part of the text.
    ///
    /// - Parameter name: what the bytes are, for the error.
    public static func decode(_ bytes: some Collection<UInt8>, name: String) throws(NotPlainText) -> String {
        let (text, claimed): (String?, String?) =
            switch Array(bytes.prefix(2)) {
            case [0xFF, 0xFE]: (utf16(bytes.dropFirst(2)) { UInt16($0) | UInt16($1) << 8 }, "UTF-16")
            case [0xFE, 0xFF]: (utf16(bytes.dropFirst(2)) { UInt16($0) << 8 | UInt16($1) }, "UTF-16")
            default: (utf8(bytes), nil)
            }
        // UTF-16 without a mark often is UTF-8 too, full of zeros that nobody wrote.
        guard let text, !text.utf8.contains(0) else {
            let zero = bytes.enumerated().first { $0.element == 0 }?.offset
            let guessed = zero.map { $0 % 2 == 0 ? "UTF-16BE" : "UTF-16LE" }
            throw NotPlainText(name: name, likely: claimed ?? guessed ?? "WINDOWS-1252")
        }
        return text
    }

    private static func utf8(_ bytes: some Collection<UInt8>) -> String? {
        String(validating: bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0), as: UTF8.self)
    }

    private static func utf16(_ bytes: some Collection<UInt8>, _ unit: (UInt8, UInt8) -> UInt16) -> String? {
        let bytes = Array(bytes)
        guard bytes.count % 2 == 0 else { return nil }
        return String(
            validating: stride(from: 0, to: bytes.count, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }, as: UTF16.self)
    }
}

/// Bytes that are no text in UTF-8.
public struct NotPlainText: UserFacingError {
    var name: String
    /// The encoding that they are likely to be in, as iconv calls it.
    var likely: String

    public init(name: String, likely: String = "WINDOWS-1252") { (self.name, self.likely) = (name, likely) }

    public var kind: FailureKind { .badData }
    public var description: String {
        "\(name) is not text in UTF-8; convert it, such as by: iconv -f \(likely) -t UTF-8 IN > OUT"
    }
}
