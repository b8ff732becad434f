// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// An output that is one of the inputs, by whatever name, is refused; `--force` or not.
@Suite struct SameFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write("sound", Data(contentsOf: URL(filePath: Tool.sample("sermons.flac"))))
        _ = try folder.write("words", Data("words".utf8))
        let result = try Tool.run("encode", folder.path("sound"), "-o", folder.path("tokens"))
        #expect(result.status == 0)
        try FileManager.default.createDirectory(atPath: folder.path("clips"), withIntermediateDirectories: true)
        for (script, name) in [("ln -s", "soft"), ("ln", "hard")] {
            for file in ["sound", "tokens"] {
                for ending in ["", ".wav", ".sotto", ".npy"] {
                    _ = try shell("\(script) \(file) \(name)-\(file)\(ending)", in: folder)
                }
            }
        }
    }

    private func expectRefusal(_ command: String, location: SourceLocation = #_sourceLocation) throws {
        func all() throws -> [Data] { try ["sound", "tokens", "words"].map { try contents($0) } }
        let (names, before) = (folder.names, try all())
        let result = try shell("\"$SOTTO\" \(command)", in: folder)
        #expect(result.status == 73 && result.errors.count == 1, "\(result.message)", sourceLocation: location)
        #expect(result.message.contains("also an input"), "\(result.message)", sourceLocation: location)
        #expect(try folder.names == names && all() == before, sourceLocation: location)
    }

    private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    @Test(arguments: ["sound", "./sound", "../$(basename $PWD)/sound", "soft-sound", "hard-sound", "hard-sound.sotto"])
    func encodeKeepsTheRecording(output: String) throws {
        try expectRefusal("encode --force sound -o \(output)")
        try expectRefusal("encode --force hard-sound -o \(output)")
        try expectRefusal("encode --force - -o \(output) < sound")
    }

    @Test(arguments: ["soft-tokens.wav", "hard-tokens.wav"]) func decodeKeepsTheTokens(output: String) throws {
        try expectRefusal("decode --force tokens -o \(output)")
        try expectRefusal("decode --force - -o \(output) < tokens")
    }

    @Test(arguments: ["soft-tokens.npy", "hard-tokens.npy"]) func exportKeepsTheTokens(output: String) throws {
        try expectRefusal("export --force tokens -o \(output)")
    }

    @Test func oneOfSeveralInputsAndWhatElseIsReadAreKept() throws {
        try expectRefusal("encode --force sound hard-sound.sotto -o .")
        try expectRefusal("encode --force sound -o words --text-file words")
        try expectRefusal("encode sound -o - >> hard-sound")
    }

    /// Of a model that builds on another, both files are read.
    @Test(arguments: ["sotto-16k", "sotto-16k-6hz"]) func theModelAndWhatItBuildsOnAreKept(output: String) throws {
        for name in ["sotto-16k", "sotto-16k-6hz"] {
            let path = Tool.root.appending(path: "Models/\(name).safetensors").path(percentEncoded: false)
            _ = try shell("ln -s '\(path)' .", in: folder)
        }
        try expectRefusal("encode --force sound --model ./sotto-16k-6hz.safetensors -o \(output).safetensors")
    }

    @Test func benchKeepsItsClips() throws {
        // A folder of clips that an earlier report kept.
        _ = try shell("mkdir -p report/audio/original && cp sound report/audio/original/a.flac", in: folder)
        try expectRefusal("bench report/audio/original -o report --force --keep")
        _ = try shell(#"printf 'path\nsound\n' > report/pairs.tsv"#, in: folder)
        _ = try shell(#"sed -i 's,sound,../sound,' report/pairs.tsv"#, in: folder)
        try expectRefusal("bench report/pairs.tsv -o report --force --keep")
    }

    @Test func anotherFileIsReplacedAsBefore() throws {
        #expect(try shell(#""$SOTTO" encode --force sound -o words"#, in: folder).status == 0)
        #expect(try contents("words") == contents("tokens"))
    }
}
