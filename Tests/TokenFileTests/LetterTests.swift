// SPDX-License-Identifier: Apache-2.0

import CLetterTable
import Quantizer
import TestSupport
import Testing
import TokenFile
import Transcript

/// Texts by letters.
@Suite struct LetterTests {
    private static let texts = [
        "", "a", "\n", "I", "OK",
        "That is acting like a good fellow, and they all formed a circle round the fire.",
        "moral sermons and goody goodness won't chime", "MORAL SERMONS AND GOODY GOODNESS WON'T CHIME",
        "aB cD EF gH IJKL mNoP, A b C", "In 1984, on the 5th: 17 %!\r\n\t\"What?\"",
        "Sie können meine Aussage doch nicht so aus dem Zusammenhang reißen.", "GRÜẞE AUS MÜNCHEN",
        "Все люди рождаются свободными и равными в своём достоинстве и правах.", "ВСЕ ЛЮДИ",
        "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
        "😀 👩‍👩‍👧 \u{0}\u{1}\u{7F}\u{80}\u{FFFF}\u{10FFFF}", "q~q~q~q~{}|^`\u{1}zzxqj",
    ]

    private func letterHeader() throws -> TokenHeader {
        try TokenHeader(
            model: model, sampleRate: 16000, frameRate: (25, 2), counts: CodeCounts(all: 2), bitsPerCode: 10,
            allowsLetters: true)
    }

    @Test(arguments: texts) func textsComeBack(text: String) throws {
        let bytes = TextCompression.encode(Array(text.utf8))
        #expect(TextCompression.decode(bytes[...], count: text.utf8.count) == Array(text.utf8))
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func anyTextComesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = String(
            String.UnicodeScalarView(
                (0..<500).compactMap { _ in
                    let most: UInt32 = Bool.random(using: &random) ? 0x7F : 0x10_FFFF
                    return Unicode.Scalar(UInt32.random(in: 0...most, using: &random))
                }))
        let bytes = TextCompression.encode(Array(text.utf8))
        #expect(TextCompression.decode(bytes[...], count: text.utf8.count) == Array(text.utf8))
    }

    /// The bytes that another implementation makes, from Docs/token-format.md (Tests/read_tokens.py reads them too).
    @Test(arguments: [
        ("AND SO THEY WENT ON", "fd3f49b9a8"),
        (
            "That is acting like a good fellow, and they all formed a circle round the fire.",
            "ffa1fdd027261f18bc5b55f483bcee2d38b00e649bff28"
        ),
        ("Das Wort SOTTO 1984, x\u{0}\u{1} 😀", "fe15c0824fe2ddca13a76dfeb582aac8f8d19e074efd3c0de43a58f9c37cb2ec6f"),
        ("Все люди рождаются свободными", "ec88073323079e176bff1fdc11ed82ec459db19dbd54"),
    ]) func theBytesAreThoseOfTheFormat(text: String, hex: String) {
        let bytes = TextCompression.encode(Array(text.utf8))
        #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex)
    }

    @Test func theTableIsTheOneOfTheFormat() {
        let file = UnsafeBufferPointer(start: sotto_letter_table, count: sotto_letter_table_size)
        #expect(crc32(Array(file)) == 0x9416_070F)
        let table = LetterTable(file)
        for (list, rest) in table.rests.enumerated() {
            let nodes = table.nodes[table.places(of: Int32(list))]
            #expect(rest > 0 && rest + nodes.reduce(0) { $0 + UInt32($1.share) } == LetterTable.whole)
            #expect(zip(nodes, nodes.dropFirst()).allSatisfy { $0.byte < $1.byte })
        }
        #expect(table.rests.count == table.nodes.count { $0.list != nil } + 1)
    }

    @Test(arguments: texts) func whatIsWrittenIsNeverLongerThanWithoutLetters(text: String) {
        let (usual, letters) = (
            TextCompression.compress(text, lettersAllowed: false), TextCompression.compress(text, lettersAllowed: true)
        )
        #expect(letters.bytes.count <= usual.bytes.count && usual.way != .letters)
        for (way, bytes) in [usual, letters] {
            let length = TextLength(field: TextLength(way, count: text.utf8.count).field, lettersAllowed: true)
            #expect(length.way == way && length.way.expand(bytes[...], count: text.utf8.count) == text)
        }
    }

    @Test func theShortestWayIsTaken() {
        let ways: [(String, TextCompression)] = [
            ("and so they went on", .letters), ("", .plain), ("\u{1}\u{2}", .plain),
            (String(repeating: "a b ", count: 1000), .deflated),
        ]
        for (text, way) in ways { #expect(TextCompression.compress(text, lettersAllowed: true).way == way) }
    }

    // MARK: Files

    @Test func aFileHoldsThemWhereItsHeaderSaysSo() throws {
        let text = "and so they went on, all of them"
        let frames = randomFrames(3, codebooks: 2, seed: 1)
        let (old, new) = (try header(codebooks: 2), try letterHeader())
        let (before, now) = (
            try file(frames, text: text, header: old, sampleCount: 9),
            try file(frames, text: text, header: new, sampleCount: 9)
        )
        #expect(now.count < before.count && now[11] == 2 && before[11] == 0)
        for bytes in [before, now] {
            let recording = try TokenFileReader.read(bytes)
            #expect(recording.texts.map(\.text) == [text] && recording.frames == frames && recording.warnings.isEmpty)
        }
    }

    /// Without the flag in the header, a length of more than 2^31 is nothing but too long, as ever.
    @Test func theFlagIsNeeded() throws {
        let letters = TextCompression.encode(Array("and so on".utf8))
        let payload = littleEndian(UInt32(1)) + littleEndian(UInt32(9) | 1 << 31) + letters
        for (header, count) in [(try header(), 0), (try letterHeader(), 1)] {
            let start = TokenFileWriter(header: header).start
            #expect(try TokenFileReader.read(start + chunk("T", 0, payload)).texts.count == count)
        }
    }

    // MARK: Damage

    /// Bytes end as a writer of the text so far would have ended it, which those of a longer text hardly ever do.
    @Test(arguments: texts) func lengthsThatAreNotTheTextsAreRefused(text: String) {
        let text = Array(text.utf8)
        let bytes = TextCompression.encode(text)
        for count in 0..<text.count {
            let found = TextCompression.decode(bytes[...], count: count)
            // A shorter text may have the same bytes, if only the length tells them apart.
            #expect(found == nil || count > text.count - 3 && TextCompression.encode(found ?? []) == bytes)
        }
        for count in [text.count + 40, 1 << 21] { #expect(TextCompression.decode(bytes[...], count: count) == nil) }
        for rest in [[0], [255], [0, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] {
            #expect(TextCompression.decode((bytes + rest)[...], count: text.count) == nil)
        }
        #expect(TextCompression.decode([], count: 1 << 21) == nil)
    }

    /// Bytes and lengths changed at random, 100000 of them: each is refused or gives a text of its length.
    @Test(arguments: 0..<100 as Range<UInt64>) func changedTextsAreRefusedOrReadAsOthers(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let whole = Self.texts[1...].map { (TextCompression.encode(Array($0.utf8)), $0.utf8.count) }
        for _ in 0..<1000 {
            var (bytes, count) = whole.randomElement(using: &random) ?? ([], 0)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes = Array(bytes.prefix(place))
                case 1: bytes.append(.random(in: 0...255, using: &random))
                case 2: count = Int.random(in: 0...200, using: &random)
                case 3: bytes = bytes.map { _ in .random(in: 0...255, using: &random) }
                default: if !bytes.isEmpty { bytes[place] = .random(in: 0...255, using: &random) }
                }
            }
            if let text = TextCompression.decode(bytes[...], count: count) { #expect(text.count == count) }
        }
    }

    /// Texts that claim much and turn out to be nothing take a file's room as sound ones do.
    @Test func damagedTextsTakeTheRoomOfAFile() throws {
        let header = try letterHeader()
        func text(_ count: Int, _ bytes: [UInt8]) -> [UInt8] {
            chunk("T", 0, littleEndian(UInt32(1)) + littleEndian(UInt32(count) | 1 << 31) + bytes)
        }
        let sound = text(9, TextCompression.encode(Array("and so on".utf8)))
        let claim = text(TextSegment.mostBytes / 2, [7])
        let start = TokenFileWriter(header: header).start
        #expect(try TokenFileReader.read(start + claim + sound).texts.count == 1)
        #expect(try TokenFileReader.read(start + claim + claim + sound).texts.isEmpty)
    }
}
