// SPDX-License-Identifier: Apache-2.0

/// What a file is, by its first bytes: names are not asked.
enum AudioContainer {
    case flac
    case ogg
    case mpeg
    /// WAV, AIFF and others that libsndfile reads.
    case plain
    /// One that isn't read here, and what it is called.
    case foreign(String)

    /// nil if they tell nothing.
    init?(_ head: [UInt8]) {
        func has(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
        func begins(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }
        if has("fLaC") {
            self = .flac
        } else if has("OggS") {
            self = .ogg
        } else if has("RIFF") && !has("AVI ", at: 8) || has("RIFX") || has("RF64") || has("BW64") || has("riff")
            || has("FORM") || has("caff") || has(".snd") || has("dns.")
        {
            self = .plain
        } else if has("ftyp", at: 4) || has("moov", at: 4) || has("mdat", at: 4) {
            self = .foreign("MP4 (as .m4a files are)")
        } else if begins(0x1A, 0x45, 0xDF, 0xA3) {
            self = .foreign("WebM or Matroska")
        } else if has("#!AMR") {
            self = .foreign("AMR")
        } else if begins(0x30, 0x26, 0xB2, 0x75) {
            self = .foreign("WMA or ASF")
        } else if has("ADIF") || head.count > 1 && head[0] == 0xFF && head[1] & 0xF6 == 0xF0 {
            self = .foreign("AAC")
        } else if begins(0x0B, 0x77) {
            self = .foreign("AC-3")
        } else if begins(0x7F, 0xFE, 0x80, 0x01) {
            self = .foreign("DTS")
        } else if let known = Self.names.first(where: { has($0.start) }) {
            self = .foreign(known.name)
        } else if MPEGHeader(head) != nil {
            self = .mpeg
        } else {
            return nil
        }
    }

    /// What a file is called that begins so, if this can't well be anything else.
    static func name(ofFileThatBegins head: [UInt8]) -> String? {
        if head.starts(with: "ID3".utf8) { return "MP3" }
        switch AudioContainer(head) {
        case .flac: return "FLAC"
        case .ogg: return "Ogg"
        case .plain:
            return ["RIFF", "RIFX", "RF64", "BW64", "riff"].contains { head.starts(with: $0.utf8) }
                ? "WAV" : "AIFF, AU or CAF"
        case .foreign(let name) where head.prefix(2) != [0x0B, 0x77] && head.first != 0xFF: return name
        case .foreign, .mpeg, nil: return nil
        }
    }

    private static let names: [(start: String, name: String)] = [
        ("RIFF", "AVI"), ("wvpk", "WavPack"), ("MAC ", "Monkey's Audio"), ("TTA1", "True Audio"),
        ("MPCK", "Musepack"), ("MP+", "Musepack"), ("FLV\u{1}", "Flash video"), ("DSD ", "DSD"), ("FRM8", "DSD"),
        ("OFR ", "OptimFROG"), (".RMF", "RealMedia"), ("MThd", "MIDI, which has notes and no sound"),
    ]
}
