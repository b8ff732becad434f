// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import SystemIO

/// `sotto`, the command line.
public struct SottoCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sotto",
        abstract: "Speech to a few tokens a second, and tokens to speech.",
        subcommands: [Encode.self, Decode.self, Stream.self, Align.self, Inspect.self, Export.self, Bench.self])

    public init() {}

    /// Runs the command and returns the exit status; errors are one line on standard error.
    public static func run(arguments: [String]) -> Int32 {
        ByteSink.ignoreBrokenPipes()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch SystemError.brokenPipe {
            // Whoever read the output has seen enough; that is not worth a word.
            return status(ofSignal: SIGPIPE)
        } catch let interrupted as Interrupted {
            return status(ofSignal: interrupted.signal)
        } catch let error as any UserFacingError {
            Message.error(error.description)
            return error.kind.rawValue
        } catch {
            let status = exitCode(for: error).rawValue
            let message = fullMessage(for: error)
            if status == 0 { print(message) } else { Message.write(message) }
            return status
        }
    }

    /// What a shell reports of a program that a signal has ended.
    private static func status(ofSignal number: Int32) -> Int32 { 128 + number }
}

/// Lines for the person at the keyboard, on standard error.
enum Message {
    static func error(_ text: String) { write("sotto: \(text)") }

    static func warning(_ text: String) { write("sotto: warning: \(text)") }

    static func write(_ text: String) {
        // Nothing can be done if not even this can be said.
        try? ByteSink(descriptor: 2, name: "standard error").write(Array("\(text)\n".utf8))
    }
}
