// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A shell that closes standard input, output or error, and outputs that can't be written.
@Suite struct DescriptorTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        // Cut off, so that there is something to warn of.
        let audio = wav((0..<9000).map { Int16(3000 * sin(Double($0) * 0.05)) }).dropLast(2000)
        _ = try folder.write("in.wav", audio)
        #expect(try shell(#""$SOTTO" encode in.wav -o whole.sotto"#, in: folder).message.contains("cut off"))
        #expect(try shell(#""$SOTTO" decode whole.sotto -o whole.wav"#, in: folder).status == 0)
    }

    @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]) func filesAreWhatTheyAreWithAllOpen(closed: String) throws
    {
        #expect(try shell(#""$SOTTO" encode in.wav -o a.sotto \#(closed)"#, in: folder).status == 0)
        #expect(try shell(#""$SOTTO" decode whole.sotto -o a.wav \#(closed)"#, in: folder).status == 0)
        for ending in ["sotto", "wav"] {
            let (one, other) = (folder.path("a.\(ending)"), folder.path("whole.\(ending)"))
            #expect(try Data(contentsOf: URL(filePath: one)) == Data(contentsOf: URL(filePath: other)))
        }
    }

    @Test(arguments: [
        "inspect whole.sotto", "encode in.wav -o -", "decode whole.sotto -o -", "--help", "encode --help", "--version-",
        "stream decode < packets",
    ]) func whatGoesNowhereIsAnError(command: String) throws {
        #expect(try shell(#""$SOTTO" stream encode < in.wav > packets"#, in: folder).status == 0)
        for place in [">&-", "> /dev/full"] {
            let result = try shell("\"$SOTTO\" \(command) \(place)", in: folder)
            // What isn't known goes to standard error.
            let isKnown = command != "--version-"
            #expect(result.status == (isKnown ? 74 : 64), "\(place) \(result.message)")
            #expect(!isKnown || result.errors.count == 1 && result.message.contains("standard output"))
        }
    }

    @Test(arguments: ["encode - -o a.sotto", "decode - -o a.wav", "inspect -", "stream encode", "stream decode"])
    func whatComesFromNowhereIsAnError(command: String) throws {
        let result = try shell("\"$SOTTO\" \(command) <&-", in: folder)
        #expect(result.status == 74 && result.errors.count == 1, "\(result.message)")
        #expect(result.message.contains("standard input") && result.output.isEmpty)
        #expect(folder.names == ["in.wav", "whole.sotto", "whole.wav"])
    }

    @Test func errorsThatNobodyHearsKeepTheirStatus() throws {
        #expect(try shell(#""$SOTTO" encode none.wav -o a.sotto 2>&-"#, in: folder).status == 66)
        #expect(try shell(#""$SOTTO" frobnicate 2>/dev/full"#, in: folder).status == 64)
    }
}
