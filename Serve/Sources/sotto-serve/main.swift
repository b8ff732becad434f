// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Sotto
import SottoServe

/// `sotto serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sotto serve",
        abstract: "Show a page in the browser that codes what you say, and recordings of yours.",
        discussion: """
            Everything stays on this machine: the page is in the program, and only browsers on this machine can reach it \
            unless --host says otherwise. Ctrl-C ends it.
            """,
        version: "sotto \(sottoVersion)")

    @Option(help: ArgumentHelp("The port of the page's address; 0 takes any that is free.", valueName: "n"))
    var port = 8080
    @Option(
        help: ArgumentHelp(
            "The address to listen at; 0.0.0.0 lets other machines in. Microphones work on this machine alone.",
            valueName: "address"))
    var host = "127.0.0.1"
    @Option(
        help: ArgumentHelp(
            "Live streams at a time; as many as this machine is fast enough for unless given.", valueName: "n"))
    var streams: Int?
    @Option(help: ArgumentHelp("A file of weights in place of the models that are in the program.", valueName: "model"))
    var model: String?

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port goes from 0 to 65535, not \(port)") }
        guard (1...1000).contains(streams ?? 1) else { throw ValidationError("--streams goes from 1 to 1000") }
    }

    /// Serves until a signal comes, and returns its number.
    func serve() async throws -> Int32 {
        let server = try PageServer(host: host, port: port, model: model, streams: streams)
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                try await server.run { say($0, streams: server.streamCount) }
                return nil
            }
            group.addTask { await signals.next() }
            let number = try await group.next()
            group.cancelAll()
            // The server says goodbye to its pages.
            while (try? await group.next()) != nil {}
            return (number ?? nil) ?? 0
        }
    }

    private func say(_ port: Int, streams: Int) {
        let isLocal = PageServer.isLocal(host)
        if !isLocal {
            FileHandle.standardError.write(
                Data(
                    """
                    sotto: warning: every machine that reaches \(host) can use this page, and nothing that is said on it \
                    is encrypted; browsers give it no microphone except on this machine

                    """.utf8))
        }
        FileHandle.standardOutput.write(
            Data("The page: http://localhost:\(port)/ (up to \(streams) live streams; Ctrl-C ends it)\n".utf8))
    }
}

/// The first signal is handed over; a second one ends the process at once.
private final class Signals: Sendable {
    private let stream: AsyncStream<Int32>
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                for number in numbers { signal(number, SIG_DFL) }
                continuation.yield(number)
            }
            source.resume()
            return source
        }
    }

    func next() async -> Int32? {
        for await number in stream { return number }
        return nil
    }
}

signal(SIGPIPE, SIG_IGN)
do {
    guard let command = try ServeCommand.parseAsRoot() as? ServeCommand else { ServeCommand.exit() }
    exit(128 + (try await command.serve()))
} catch let error as any UserFacingError {
    FileHandle.standardError.write(Data("sotto: \(error.description)\n".utf8))
    exit(error.kind.rawValue)
} catch {
    ServeCommand.exit(withError: error)
}
