// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import Sotto
import SystemIO

/// `sotto`, the command line.
public struct SottoCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sotto",
        abstract: "Speech to a few tokens a second, and tokens to speech.",
        discussion: """
            Exit status: 0 done; 64 wrong usage; 65 bad data; 66 no such input; 73 the output can't be made, or is there \
            already; 74 reading or writing failed; 130 and 143 ended by SIGINT and SIGTERM; 141 the reader of the output \
            has gone. What goes wrong is one line on standard error.
            """,
        version: "sotto \(sottoVersion)",
        subcommands: [
            Encode.self, Decode.self, Stream.self, Align.self, Inspect.self, Export.self, Bench.self, Serve.self,
        ])

    public init() {}

    /// Runs the command that the process's arguments name and returns the exit status; errors are one line on standard
    /// error.
    public static func run() -> Int32 {
        StandardDescriptors.holdOpen()
        ByteSink.ignoreBrokenPipes()
        do {
            do {
                try EnvironmentsInstructions.use()
                try execute(processArguments)
            } catch  where exitCode(for: error) == .success {
                // Help was asked for.
                try ByteSink.standardOutput.write(Array("\(fullMessage(for: error))\n".utf8))
            }
            return 0
        } catch SystemError.brokenPipe {
            // Whoever read the output has seen enough; that is not worth a word.
            return status(ofSignal: SIGPIPE)
        } catch let interrupted as Interrupted {
            return status(ofSignal: interrupted.signal)
        } catch let error as any UserFacingError {
            Message.error(error.commandLineText)
            return error.kind.rawValue
        } catch {
            Message.write(fullMessage(for: error))
            return exitCode(for: error).rawValue
        }
    }

    /// Runs the command that these words name, in this process.
    ///
    /// - Throws: what went wrong, which is said nowhere yet.
    package static func execute(_ words: [String]) throws {
        var command = try parseAsRoot(words)
        try command.run()
    }

    /// What a shell reports of a program that a signal has ended.
    private static func status(ofSignal number: Int32) -> Int32 { 128 + number }
}

/// Lines for the person at the keyboard, on standard error. What files and arguments put into them is shown, not obeyed.
enum Message {
    static func error(_ text: String) { write("sotto: \(text.visible)") }

    static func warning(_ text: String) { write("sotto: warning: \(text.visible)") }

    /// From now on SIGINT, SIGTERM and SIGHUP leave nothing half-written, and no half-told progress.
    static func endInOrderOnSignals() throws(SystemError) {
        try Unfinished.removeAllOnSignals { Progress.clear() }
    }

    static func write(_ text: String) {
        Progress.clear()
        // Nothing can be done if not even this can be said.
        try? ByteSink(descriptor: 2, name: "standard error").write(Array("\(text.visibleLines)\n".utf8))
    }
}
