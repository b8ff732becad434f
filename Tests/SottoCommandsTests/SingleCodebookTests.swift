// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The model of one code a frame at the command line.
@Suite struct SingleCodebookTests {
    let folder: TemporaryFolder
    let tokens: String
    private let model = ["--model", "sotto-16k-single"]

    init() throws {
        folder = try TemporaryFolder()
        tokens = folder.path("tokens.sotto")
        let words = ["encode", Tool.sample("campfire.flac"), "-o", tokens, "--text-file", Tool.sample("campfire.txt")]
        let result = try Tool.run(Tool.binary, words + model)
        #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
    }

    @Test func aFrameIsOneCodeOf13Bits() throws {
        let about = try Tool.inspect(tokens)
        #expect(about["codebooks"] as? Int == 1 && about["bits_per_code"] as? Int == 13)
        #expect(about["bits_per_second"] as? Double == 162.5 && about["frames"] as? Int == 60)
    }

    @Test func tokensNeedNoModelNamedAndBareCodesDo() throws {
        let (heard, array) = (folder.path("heard.wav"), folder.path("codes.npy"))
        #expect(try Tool.run("decode", tokens, "-o", heard, "--no-text").status == 0)
        #expect(samples(try Data(contentsOf: URL(filePath: heard))).count == 76_400)
        #expect(try Tool.run("export", tokens, "-o", array).status == 0)
        let bare = try Tool.run(Tool.binary, ["decode", array, "-o", "-"] + model)
        #expect(bare.status == 0 && bare.output.count == 44 + 2 * (60 * 1280 - 320))
        let usual = try Tool.run("decode", array, "-o", "-")
        #expect(usual.status == 65 && usual.output.isEmpty && usual.message.contains("out of range"))
    }

    @Test func thereIsNoSecondCode() throws {
        for options in [["--codes", "2"], ["--codes", "2", "--average"]] {
            let words = ["encode", Tool.sample("campfire.flac"), "-o", folder.path("other.sotto")]
            let result = try Tool.run(Tool.binary, words + model + options)
            #expect(result.status == 64 && result.message.contains("--codes goes from 1 to 1"), "\(result.message)")
        }
    }

    @Test func aStreamHasTheTokensOfTheFile() throws {
        let audio = folder.path("audio.wav")
        #expect(try Tool.run("decode", tokens, "-o", audio, "--no-text").status == 0)
        let pcm = try Data(contentsOf: URL(filePath: audio)).dropFirst(44)
        let live = try Tool.run(Tool.binary, ["stream", "encode"] + model, input: pcm)
        let heard = try Tool.run("stream", "decode", input: live.output)
        #expect(try Tool.run(Tool.binary, ["encode", audio, "-o", tokens, "--force"] + model).status == 0)
        let wanted = samples(try Tool.run("decode", tokens, "-o", "-").output)
        #expect(Array(samples(Data(count: 44) + heard.output).prefix(wanted.count)) == wanted)
    }
}
