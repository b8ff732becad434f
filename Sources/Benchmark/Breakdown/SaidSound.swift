// SPDX-License-Identifier: Apache-2.0

/// A phone or a letter, and when it is said, in seconds.
package struct SaidSound: Sendable, Codable {
    package var label: String
    package var start: Double
    package var end: Double
}

/// What kind of sound a phone or a letter is.
enum SoundClass: String, CaseIterable {
    case vowels, plosives, affricates, fricatives, nasals
    case approximants = "liquids and glides"
    case pauses
    case others = "other sounds"

    /// Of an English letter, which stands for several sounds: the most frequent one counts.
    init(letter: String) {
        switch letter {
        case "a", "e", "i", "o", "u", "y": self = .vowels
        case "b", "c", "d", "g", "k", "p", "q", "t": self = .plosives
        case "f", "h", "s", "v", "x", "z": self = .fricatives
        case "j": self = .affricates
        case "m", "n": self = .nasals
        case "l", "r", "w": self = .approximants
        default: self = .others
        }
    }

    /// Of a phone in ARPABET or as TIMIT writes it; stress and case don't matter.
    init(phone: String) {
        switch phone.uppercased().filter({ !$0.isNumber }) {
        case "AA", "AE", "AH", "AO", "AW", "AX", "AXR", "AY", "EH", "ER", "EY", "IH", "IX", "IY", "OW", "OY", "UH",
            "UW",
            "UX", "AX-H":
            self = .vowels
        case "B", "D", "G", "K", "P", "T", "DX", "Q", "BCL", "DCL", "GCL", "KCL", "PCL", "TCL": self = .plosives
        case "CH", "JH": self = .affricates
        case "DH", "F", "HH", "HV", "S", "SH", "TH", "V", "Z", "ZH": self = .fricatives
        case "M", "N", "NG", "EM", "EN", "ENG", "NX": self = .nasals
        case "EL", "L", "R", "W", "Y", "WH": self = .approximants
        case "", "SIL", "SP", "SPN", "PAU", "EPI", "H#", "#H", "<SIL>", "+SPN+", "+NSN+": self = .pauses
        default: self = .others
        }
    }
}
