// SPDX-License-Identifier: Apache-2.0

import SystemIO
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("\u{1B}[31mred\u{7}", "\\u{1B}[31mred\\u{7}"), ("a\nb\tc\r", "a\\u{A}b\\u{9}c\\u{D}"),
        ("\u{0}\u{7F}\u{9B}2J", "\\u{0}\\u{7F}\\u{9B}2J"), ("evil\u{202E}gnp.exe", "evil\\u{202E}gnp.exe"),
        ("\u{2028}\u{2066}", "\\u{2028}\\u{2066}"),
    ]) func whatATerminalObeysIsShown(text: String, shown: String) {
        #expect(text.visible == shown)
        #expect(shown.visible == shown)
    }

    @Test func linesStayApart() {
        #expect("a\u{1B}c\n\r\n\nb\n".visibleLines == "a\\u{1B}c\n\\u{D}\n\nb\n")
    }

    @Test(arguments: ["", "plain words", "Łódź naïve 日本語", "e\u{301}", "👩‍👩‍👧", "می\u{200C}خواهم", "back\\slash"])
    func everythingElseStays(text: String) { #expect(text.visible == text) }
}
