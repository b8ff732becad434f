// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import TestSupport
import Testing

/// What `SOTTO_INSTRUCTIONS` asks for.
@Suite struct InstructionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: Instructions.available.map(\.word)) func tokensAndSpeechAreTheSame(word: String) throws {
        let sample = Tool.sample("strikes.flac")
        let text = Tool.sample("strikes.txt")
        var files: [[Data]] = []
        for setting in ["", "SOTTO_INSTRUCTIONS=\(word)"] {
            let result = try shell(
                """
                \(setting) "$SOTTO" encode --force --codes 4 --average --text-file '\(text)' '\(sample)' -o a.sotto \
                    && \(setting) "$SOTTO" decode --force --float a.sotto -o a.wav
                """, in: folder)
            #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
            files.append(try ["a.sotto", "a.wav"].map { try Data(contentsOf: URL(filePath: folder.path($0))) })
        }
        #expect(files[0][0] == files[1][0])
        // Its header tells when it was written.
        #expect(files[0][1].suffix(100_000) == files[1][1].suffix(100_000))
    }

    @Test func othersAreRefused() throws {
        let result = try shell("SOTTO_INSTRUCTIONS=mmx \"$SOTTO\" encode a.wav -o a.sotto", in: folder)
        #expect(result.status == 64 && result.errors.count == 1)
        #expect(result.message.contains("says mmx; this processor has portable"))
    }
}
