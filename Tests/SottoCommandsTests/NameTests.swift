// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Names: those that are no UTF-8, those that mislead, and those that messages tell.
@Suite struct NameTests {
    let folder: TemporaryFolder
    /// `café.flac` in Latin-1.
    static let name = #""$(printf 'caf\351')""#

    init() throws { folder = try TemporaryFolder() }

    private func sotto(_ arguments: String) throws -> Tool.Result {
        try shell("sample='\(Tool.sample("sermons.flac"))'; \"$SOTTO\" \(arguments)", in: folder)
    }

    @Test func theBytesOfNamesGoThrough() throws {
        let name = Self.name
        #expect(try shell("mkdir d\(name) && cp '\(Tool.sample("sermons.flac"))' \(name)", in: folder).status == 0)
        for command in [
            "encode \(name) -o \(name).sotto", "encode \(name) -o d\(name)", "decode \(name).sotto -o \(name).wav",
            "decode \(name).sotto -o \(name).flac", "export \(name).sotto -o d\(name)/\(name).csv",
            "inspect \(name).sotto",
        ] {
            let result = try sotto(command)
            #expect(result.status == 0 && result.message.isEmpty, "\(command): \(result.message)")
        }
        let all = [#"caf\351"#, #"caf\351.flac"#, #"caf\351.sotto"#, #"caf\351.wav"#]
        for (place, names) in [(".", all + [#"dcaf\351"#]), ("d\(name)", [#"caf\351.csv"#, #"caf\351.sotto"#])] {
            let listed = try shell("LC_ALL=C ls -b \(place)", in: folder).output
            #expect(String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init) == names)
        }
        #expect(try shell("cmp \(name).sotto d\(name)/\(name).sotto", in: folder).status == 0)
    }

    @Test func messagesShowTheirBytes() throws {
        let result = try sotto("encode \(Self.name) -o a.sotto")
        #expect(result.status == 66 && result.message.contains(#"caf\xe9: there is no such file"#))
        let text = try sotto("encode \"$sample\" -o a.sotto --text \(Self.name)")
        #expect(text.status == 64 && text.errors.count == 1 && text.message.contains("UTF-8"))
    }

    @Test(arguments: ["npy", "json", "csv", "wav", "FLAC", "mp3", "opus"])
    func tokensAreNotWrittenUnderAnotherFormatsName(ending: String) throws {
        let result = try sotto("encode \"$sample\" -o a.\(ending)")
        #expect(result.status == 64 && result.errors.count == 1 && result.message.contains("a.\(ending)"))
        let command = ["npy", "json", "csv"].contains(ending) ? "sotto export" : "sotto decode"
        #expect(result.message.contains(command) && folder.names.isEmpty)
    }

    @Test func soundIsNotWrittenUnderTheNameOfTokens() throws {
        #expect(try sotto("encode \"$sample\" -o a.sotto").status == 0)
        let result = try sotto("decode a.sotto -o b.sotto")
        #expect(result.status == 64 && result.errors.count == 1 && result.message.contains("b.sotto"))
        #expect(folder.names == ["a.sotto"])
    }

    @Test(arguments: ["decode - -o a.wav", "export - -o a.csv", "inspect -", "align -"])
    func tokensThatAreNoneAreNamed(command: String) throws {
        _ = try folder.write("words", Data("words, words, words, words, words, words".utf8))
        for (input, name) in [("words", "words"), ("-", "standard input")] {
            let result = try sotto("\(command.replacing(" -", with: " \(input)", maxReplacements: 1)) < words")
            #expect(result.status == 65 && result.errors.count == 1 && result.message.contains(name))
        }
    }

    @Test func theEnvironmentsModelIsNamedAsSuch() throws {
        _ = try folder.write("none.safetensors", Data("no weights".utf8))
        for (model, status) in [("missing.safetensors", 66), ("none.safetensors", 65)] {
            let result = try shell("SOTTO_MODEL=\(model) \"$SOTTO\" stream encode < none.safetensors", in: folder)
            #expect(result.status == status && result.errors.count == 1)
            #expect(result.message.contains(model) && result.message.contains("SOTTO_MODEL"))
        }
        #expect(try shell(#"SOTTO_MODEL= "$SOTTO" stream encode < /dev/null"#, in: folder).status == 0)
    }

    @Test func aModelThatIsNowhereTakesOneShortLine() throws {
        let result = try shell(#"mkdir bin && cp "$SOTTO" bin/ && bin/sotto stream encode < /dev/null"#, in: folder)
        #expect(result.status == 66 && result.errors.count == 1 && result.message.contains("sotto-16k"))
        #expect(result.message.split(separator: "/bin").count == 2)
    }
}
