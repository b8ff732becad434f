// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text for a terminal: what it would obey instead of show becomes an escape such as `\u{1B}`, bytes that are no
    /// UTF-8 one such as `\xe9`.
    ///
    /// These are control characters, line ends and tabs among them, and the characters that reorder or part lines
    /// (U+2028 to U+202E and U+2066 to U+2069). A text without them stays as it is.
    public var visible: String {
        let text = withEscapedBytesShown
        guard text.unicodeScalars.contains(where: Self.isObeyed) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if Self.isObeyed(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same for a text of several lines, which stay apart.
    public var visibleLines: String {
        // By scalars: the character CR LF is no "\n".
        unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }
            .joined(separator: "\n")
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
