// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The model of 6.25 frames a second at the command line.
@Suite struct FrameRateTests {
    let folder: TemporaryFolder
    let slow: String
    let usual: String

    init() throws {
        folder = try TemporaryFolder()
        (slow, usual) = (folder.path("slow.sotto"), folder.path("usual.sotto"))
        let words = ["--text-file", Tool.sample("campfire.txt")]
        for (path, options) in [(slow, ["--model", "sotto-16k-6hz"]), (usual, [])] {
            let result = try Tool.run(
                Tool.binary, ["encode", Tool.sample("campfire.flac"), "-o", path] + words + options)
            #expect(result.status == 0 && result.message.isEmpty, "\(result.message)")
        }
    }

    @Test func halfAsManyFramesTakeHalfTheBits() throws {
        let (slow, usual) = (try Tool.inspect(slow), try Tool.inspect(usual))
        #expect(slow["frame_rate"] as? Double == 6.25 && slow["bits_per_second"] as? Double == 500)
        #expect(slow["frames"] as? Int == 30 && usual["frames"] as? Int == 60)
        #expect(slow["paced"] as? [Bool] == [true])
    }

    @Test func tokensNeedNoModelNamed() throws {
        #expect(try Tool.run("decode", slow, usual, "-o", folder.path("") + "/").status == 0)
        for name in ["slow.wav", "usual.wav"] {
            #expect(samples(try Data(contentsOf: URL(filePath: folder.path(name)))).count == 76_400)
        }
        let aligned = try Tool.run("align", slow)
        #expect(aligned.status == 0 && aligned.message.isEmpty, "\(aligned.message)")
        #expect(String(decoding: aligned.output, as: UTF8.self).contains("fellow"))
    }

    @Test func oneThatIsNamedIsTheOneTaken() throws {
        for (path, model) in [(slow, "sotto-16k"), (usual, "sotto-16k-6hz")] {
            for command in [["decode", path, "-o", "-"], ["align", path]] {
                let result = try Tool.run(Tool.binary, command + ["--model", model])
                #expect(result.status == 65 && result.output.isEmpty && result.message.contains("--model"))
            }
        }
    }

    @Test func aStreamHasTheTokensOfTheFile() throws {
        #expect(try Tool.run("decode", "--no-text", slow, "-o", folder.path("file.wav")).status == 0)
        let audio = try Data(contentsOf: URL(filePath: folder.path("file.wav")))
        let model = ["--model", "sotto-16k-6hz"]
        let live = try Tool.run(Tool.binary, ["stream", "encode"] + model, input: audio.dropFirst(44))
        let heard = try Tool.run("stream", "decode", input: live.output)
        #expect(live.status == 0 && heard.status == 0 && heard.message.isEmpty)
        #expect(try Tool.run("encode", folder.path("file.wav"), "-o", slow, "--force", "--model", model[1]).status == 0)
        let wanted = samples(try Tool.run("decode", slow, "-o", "-").output)
        let streamed = samples(Data(count: 44) + heard.output)
        let same = Array(streamed.prefix(wanted.count)) == wanted
        #expect(same && wanted.count == 76_400)
        #expect(try Tool.run("stream", "decode", "--model", "sotto-16k", input: live.output).status == 65)
        // A sender may start afresh with the other model.
        let other = try Tool.run("stream", "encode", input: audio.dropFirst(44))
        let both = try Tool.run("stream", "decode", input: live.output + other.output + live.output)
        let expected = try heard.output + Tool.run("stream", "decode", input: other.output).output + heard.output
        let all = both.output == expected
        #expect(all && both.status == 0 && both.message.isEmpty)
    }
}
