// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SystemIO

struct JobOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Files at a time; as many as there are cores unless it is given.", valueName: "n"))
    var jobs: Int?

    func validate() throws {
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs goes from 1 to 1024, not \(jobs)") }
    }

    var count: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// An input with the output that is made of it; `-` is standard input or output.
struct Job: Sendable {
    var input: String
    /// Where the input lies below its folder, or its name, without the ending.
    var name: String
    var output: String
}

/// What a command does with each of its inputs.
struct Batch {
    let jobs: [Job]
    /// Whether there are several inputs, or a folder.
    let isMany: Bool
    /// The folder that the outputs lie in, if they do.
    let folder: String?
    /// How many at a time.
    let count: Int

    /// Calls `work` for each input, and goes on to the others if one fails.
    ///
    /// - Parameters:
    ///   - label: what is done, for whoever watches.
    ///   - work: is given an input and what to call as it gets on: with the share of the input that has been done since the
    ///     last call, and the seconds of audio in it.
    ///   - take: is given what was made, in the order of the inputs.
    /// - Throws: the error of a single input; of several, how many failed, which have been listed then. What would keep the
    ///   others from being written, too, ends the run at once.
    func run<Value: Sendable>(
        _ label: String, work: @Sendable (Job, (_ share: Double, _ seconds: Double) -> Void) throws -> Value,
        take: (Job, Value) throws -> Void = { _, _ in }
    ) throws {
        if let folder { try Folder.create(folder) }
        let sizes = jobs.map { Double(FileStamp(of: $0.input)?.bytes ?? 0) }
        let progress = Progress(isMany ? label : "\(label) \(jobs[0].input)", sizes: sizes)
        var failures: [String] = []
        try ParallelWork.run(
            on: Array(zip(jobs, sizes)), jobs: count,
            work: { job, size in
                var rest = 1.0
                defer {
                    progress.advance(size: size, by: rest)
                    progress.finishFile()
                }
                return try InputFailure.naming(job.input) {
                    try work(job) { share, seconds in
                        let share = min(share, rest)
                        rest -= share
                        progress.advance(size: size, by: share, seconds: seconds)
                    }
                }
            },
            take: { item, result in
                do {
                    try take(item.0, result.get())
                } catch let error as SystemError where error.concernsAllOutputs {
                    throw error
                } catch let error as any UserFacingError where isMany {
                    failures.append(error.commandLineText)
                }
            })
        for failure in failures { Message.error(failure) }
        guard failures.isEmpty else {
            throw InputFailure(description: "\(failures.count) of \(jobs.count) files failed", kind: .badData)
        }
    }
}
