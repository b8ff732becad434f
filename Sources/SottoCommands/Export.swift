// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantizer
import SystemIO
import TokenFile

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the codes as an array of [frames, codebooks].",
        discussion: """
            By the output's ending: .npy (NumPy, unsigned 16-bit), .npz (the same as codes, and counts of each frame's), .json (a \
            list of lists), .jsonl (a line with id, text and codes) or .csv (a line a frame). Levels, if they are told, are beside \
            the codes in .npz and .jsonl. Codes of lost frames are 65535 in \
            .npy and .npz, null in .json and .jsonl and empty in .csv; so are in arrays and .csv those that frames of fewer codes \
            don't have. Of folders, all .sotto files in them are taken. With --levels, what is written is the number of the \
            speaker's level in each frame, as .npy, .json or .csv of [frames, 1], for models that tell it apart from the codes. \
            With --batch, all recordings become one array of [recordings, codebooks, frames], signed 16-bit, in which -1 stands \
            for what a recording or a frame doesn't have: .npy, or .npz with the codes, lengths, levels and ids of the recordings. \
            Of tokens by the word it is [words, codes], a pause being a word without letters: .npz has their words, starts and ends \
            in seconds and the voice beside it, .jsonl a line of all of it, .csv a line a word.
            """)

    @Argument(help: ArgumentHelp("The token files, or folders of them.", valueName: "tokens"))
    var inputs: [String]
    @OptionGroup var output: OutputOptions
    @Option(help: "What to write into a folder.")
    var format = Format.npy
    @Flag(help: "Write the numbers of the speaker's levels, not the codes.")
    var levels = false
    @Flag(help: "Write arrays of [codebooks, frames], as .npy or .npz.")
    var codebooksFirst = false
    @Flag(help: "Write one stream of tokens, code c of codebook k being k * 1024 + c, as .npy or .json.")
    var flat = false
    @Flag(help: "Write all recordings into one array of [recordings, codebooks, frames], as .npy or .npz.")
    var batch = false
    @OptionGroup var jobs: JobOptions

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case npy, npz, json, jsonl, csv
    }

    static let endings = Set(Format.allCases.map(\.rawValue))

    func run() throws {
        guard !self.batch else { return try exportBatch() }
        let batch = try Batch(inputs, reading: ["sotto"], into: output, ending: format.rawValue, jobs)
        try InputOutput.protect(batch.jobs.map(\.input), from: batch.jobs.map(\.output))
        try Message.endInOrderOnSignals()
        try batch.run("export") { job, advance in
            let recording = try read(job, advance)
            guard let format = Format(rawValue: FileTree.ending(of: job.output)) else {
                throw UsageError(
                    "\(job.output): codes are written as .npy, .npz, .json, .jsonl or .csv; use such an ending")
            }
            if recording.words != nil {
                guard !levels, !codebooksFirst, !flat else {
                    throw UsageError(
                        "tokens by the word are written as [words, codes]; leave --levels, --codebooks-first and --flat "
                            + "out")
                }
                let bytes = try ExportedWords(recording, input: job.input).bytes(as: format, output: job.output)
                return try write(bytes, to: output.file(job.output, in: batch))
            }
            let bytes = try ExportedFrames(recording, levels: levels, input: job.input).bytes(
                as: format, codebooksFirst: codebooksFirst, flat: flat, output: job.output)
            try write(bytes, to: output.file(job.output, in: batch))
        }
    }

    /// All inputs into one array.
    private func exportBatch() throws {
        guard !levels, !codebooksFirst, !flat else {
            throw UsageError(
                "a batch is [recordings, codebooks, frames], and has its levels beside the codes in .npz; leave --levels, "
                    + "--codebooks-first and --flat out")
        }
        let ending = Format(rawValue: FileTree.ending(of: output.output))
        guard ending == .npy || ending == .npz else {
            throw UsageError("\(output.output): a batch is written as .npy or .npz; use such an ending")
        }
        let inputs = try Batch(inputs, reading: ["sotto"], jobs)
        try InputOutput.protect(inputs.jobs.map(\.input), from: [output.output])
        try Message.endInOrderOnSignals()
        let file = try OutputFile(path: output.output, replaces: output.replaces)
        var exported = ExportedBatch()
        try inputs.run(
            "export", work: { job, advance in try read(job, advance) },
            take: { job, recording in
                try InputFailure.naming(job.input) {
                    guard recording.words == nil else { throw TokenFileError.byTheWord }
                    try exported.add(recording, named: job.name)
                }
            })
        try write(ending == .npy ? exported.npy() : exported.npz(), to: file)
    }

    private func read(_ job: Job, _ advance: (_ share: Double, _ seconds: Double) -> Void) throws -> TokenRecording {
        let recording = try TokenFileReader.read(InputOutput.readAll(job.input))
        for warning in recording.warnings { Message.warning("\(job.input): \(warning)") }
        advance(1, recording.seconds)
        return recording
    }

    private func write(_ bytes: [UInt8], to file: consuming OutputFile) throws {
        if output.resume, let there = try? FileMapping(path: file.path).contents, there == bytes { return }
        try file.write(bytes)
        try file.commit()
    }
}
