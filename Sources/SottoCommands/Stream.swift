// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AudioFile

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "Encode or decode live, from standard input to standard output.",
        discussion: """
            The first SIGINT or SIGTERM ends the input: what has arrived is still coded and written, and the exit \
            status is 130 or 143. A second one ends the program at once. If the reader of the output goes away, the \
            program ends without a word, with status 141.
            """,
        subcommands: [StreamEncode.self, StreamDecode.self])
}

struct PCMOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Samples a second of the raw audio.", valueName: "Hz"))
    var rate = 16000
    @Option(help: ArgumentHelp("Interleaved channels of the raw audio.", valueName: "n"))
    var channels = 1
    @Option(help: "How a sample is stored.")
    var format = PCMFormat.s16le
}
