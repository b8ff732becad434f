// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SystemIO

/// The page's server is a program of its own, so that nobody builds it who doesn't want it: it is looked for beside this one.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Show a page in the browser: speak, and hear it from its tokens.",
        discussion:
            "It is a program of its own, sotto-serve, that make live builds; everything after serve is handed on to it."
    )

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("Of sotto-serve: sotto serve --help tells of them.", valueName: "options"))
    var options: [String] = []

    func run() throws {
        guard let own = RunningProgram.path() else { throw NoServer(program: "sotto-serve") }
        let program = URL(filePath: own).deletingLastPathComponent().appending(path: "sotto-serve")
            .path(percentEncoded: false)
        var arguments = ([program] + options).map { strdup($0) } + [nil]
        execv(program, &arguments)
        // It is reached only if that fails.
        let reason = errno
        for argument in arguments { free(argument) }
        guard reason == ENOENT else { throw SystemError.cannotOpen(program, errno: reason) }
        throw NoServer(program: program)
    }
}

private struct NoServer: UserFacingError {
    let program: String
    var kind: FailureKind { .missingInput }
    var description: String {
        "there is no \(program), which shows the page; make live, in the source's folder, builds and starts it"
    }
}
