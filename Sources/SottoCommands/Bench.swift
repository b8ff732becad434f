// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmark
import Foundation
import Quantizer
import Sotto
import SystemIO
import TokenFile

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure reconstruction, bitrate and speed on your own recordings, beside other codecs.",
        discussion: """
            Writes report.json and report.html, a page to read and listen to. The same command again measures only what is new: clips, \
            systems, or what an interrupted run left. See Docs/bench.md.
            """)

    @Argument(help: ArgumentHelp("A folder of recordings, or a TSV with a column path or id.", valueName: "clips"))
    var input: String?
    @Option(help: ArgumentHelp("Numbers of codes a frame to measure.", valueName: "n,n"))
    var codes = "1,2,4,8"
    @Flag(help: "Also measure so many codes on average, as sotto-N-average; one code and all of them don't vary.")
    var average = false
    @Flag(help: "Also measure each with the clip's transcript given to the decoder, as sotto-N+text.")
    var withText = false
    @Flag(help: "Also measure how alike the codes are of the same clips at other levels, with noise, or recoded.")
    var robustness = false
    @Option(help: ArgumentHelp("With --robustness, a folder of recordings of noise.", valueName: "folder"))
    var noises: String?
    @Flag(help: "Also measure what small models tell from the tokens; needs a TSV with transcripts and speakers.")
    var probe = false
    @Option(help: ArgumentHelp("Others: opus-KBITS, codec2-MODE, a .json, or NAME=FOLDER.", valueName: "a,b"))
    var against: String?
    @Option(help: ArgumentHelp("Clips at a time; 1 for timings that count.", valueName: "n"))
    var workers = 2
    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write into.", valueName: "folder"))
    var output: String?
    @Flag(help: "Start anew, and replace whatever lies where the report goes.")
    var force = false
    @Flag(help: "Leave what was decoded in the report's folder, and pairs.tsv that lists it for other judges.")
    var keep = false
    @Option(
        help: ArgumentHelp(
            "Add what a judge found of pairs.tsv to the report, or when phones are said; repeatable.", valueName: "json"
        ))
    var join: [String] = []
    @Flag(help: "Say what moved from the report OLD to NEW instead; fails if something got worse.")
    var compare = false
    @Argument(help: ArgumentHelp("With --compare, the newer report.", valueName: "new"))
    var newer: String?
    @Option(help: ArgumentHelp("With --compare, how much worse a figure may get; repeatable.", valueName: "stoi=0.01"))
    var bound: [String] = []
    @OptionGroup var model: ModelOptions

    func run() throws {
        guard let input else { throw UsageError("name a folder of recordings, a TSV, or --compare OLD NEW") }
        if compare {
            guard let newer else { throw UsageError("--compare needs two reports: OLD.json NEW.json") }
            return try compare(input, newer)
        }
        guard noises == nil || robustness else { throw UsageError("--noises goes with --robustness") }
        guard bound.isEmpty else { throw UsageError("--bound goes with --compare") }
        guard newer == nil else { throw UsageError("one folder or TSV at a time") }
        guard let output else { throw UsageError("name the folder for the report with -o") }
        guard (1...64).contains(workers) else { throw UsageError("--workers goes from 1 to 64, not \(workers)") }
        try measure(ClipList.read(input), into: output)
    }

    private func measure(_ clips: [Clip], into folder: String) throws {
        let path = try CodecModel.path(of: model.model)
        let model = try model.load()
        guard !withText || model.readsText else { throw ModelError.readsNoText }
        guard !withText || clips.contains(where: { $0.text != nil }) else {
            throw UsageError("--with-text needs transcripts: a TSV with a column text")
        }
        let systems = try systems(model, path: path)
        let names = systems.map(\.name)
        guard Set(names).count == names.count else { throw UsageError("a system is named twice") }
        let isFile = { (name: String) in !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") }
        guard names.allSatisfy({ isFile($0) && $0 != KeptAudio.original }) else {
            throw UsageError("a system's name is also a folder's and not \(KeptAudio.original): rename it")
        }
        let figures = try join.isEmpty ? nil : JoinedFigures(paths: join)
        let phones = figures.flatMap { $0.phones.isEmpty ? nil : $0.phones }
        if probe { try Probe.check(clips, systems: systems, phones: phones) }
        try protect(clips, path, from: folder, systems: names)
        try Message.endInOrderOnSignals()
        let store = try ResultStore(
            folder: folder, systems: systems, workers: workers, replaces: force, forgets: force)
        let sounds = Sounds(report: folder)
        let audio = try keep ? KeptAudio(report: folder, systems: names) : nil
        let progress = Progress("bench", sizes: clips.map { _ in 1 })
        let measurement = try Measurement(
            systems: systems, model: model, sounds: sounds, audio: audio)
        let memory = measurement.warmUp(clips)
        var (results, failures) = measurement.run(
            clips, workers: workers, known: { store.result(of: $0) },
            finished: { store.keep($0) }, progress: { progress.reach(Double($0) / Double(clips.count)) })
        for failure in failures { Message.warning(failure) }
        for result in results {
            for (name, system) in result.systems.sorted(by: { $0.key < $1.key }) {
                if let failure = system.failure { Message.warning("\(result.clip.id) by \(name): \(failure)") }
            }
        }
        guard !results.isEmpty else { throw BenchmarkError("none of the \(clips.count) recordings could be measured") }
        try audio?.writePairs(results, systems: names)
        var joined: [String] = []
        if let figures {
            let without: Int
            (results, joined, without) = try figures.joined(to: results)
            if without > 0 { Message.warning("\(without) codings of clips have no figures in the file to join") }
        }
        let size = try FileMapping(path: path).count
        var report = Report(
            results, systems: names, joined: joined, phones: phones ?? .none, peakMemory: memory, model: model,
            modelBytes: size, workers: workers)
        if robustness { report.robustness = try measureRobustness(of: clips, model, path: path, folder: folder) }
        if probe { report.probe = try measureProbe(of: results, systems, model, phones) }
        try store.write("report.json", store.encode(report))
        try store.write("report.html", Array(Page(report, sounds: sounds).html.utf8))
        try ByteSink.standardOutput.write(Array("\(Table(report).text.visibleLines)\n".utf8))
    }

    private func measureRobustness(
        of clips: [Clip], _ model: CodecModel, path: String, folder: String
    ) throws -> [Robustness] {
        let store = try RobustnessStore(report: folder, model: path, noises: noises, forgets: force)
        let progress = Progress("robustness", sizes: clips.map { _ in 1 })
        let (rows, failures) = Robustness.measure(
            clips, model: model, noises: try noises.map(Noises.init), store: store, workers: workers,
            progress: { progress.reach(Double($0) / Double(clips.count)) })
        for failure in failures { Message.warning(failure) }
        return rows
    }

    private func measureProbe(
        of results: [ClipResult], _ systems: [any CodecSystem], _ model: CodecModel, _ phones: JoinedPhones?
    ) throws -> Probe {
        let progress = Progress("probe", sizes: results.map { _ in 1 })
        let (probe, failures) = try Probe.measure(
            results, systems: systems, model: model, phones: phones, workers: workers,
            progress: { progress.reach(Double($0) / Double(results.count)) })
        for failure in failures { Message.warning(failure) }
        return probe
    }

    /// Refuses to write over what is read.
    private func protect(_ clips: [Clip], _ model: String, from folder: String, systems: [String]) throws(SystemError) {
        let results = clips.flatMap { ["clips/\($0.id).json", "robustness/\($0.id).json"] }
        let heard = clips.flatMap { clip in ([KeptAudio.original] + systems).map { "\($0)/\(clip.id)" } }
        let names =
            ["report.json", "report.html"] + results + heard.map { "sounds/\($0).js" }
            + (keep ? ["pairs.tsv"] + heard.map { "audio/\($0).flac" } : [])
        try InputOutput.protect(clips.map(\.path) + join + [input, model], from: names.map { "\(folder)/\($0)" })
    }

    private func systems(_ model: CodecModel, path: String) throws -> [any CodecSystem] {
        let all = model.configuration.quantizer.codebooks
        let counts = try codes.split(separator: ",").map { word in
            guard let count = Int(word), (1...all).contains(count) else {
                throw UsageError("--codes takes numbers from 1 to \(all), such as 1,8; \(word) is none")
            }
            return count
        }
        let others = try (against ?? "").split(separator: ",").map { word -> any CodecSystem in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { return FolderSystem(name: parts[0], folder: parts[1]) }
            return try CommandSystem(named: String(word))
        }
        let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
        let own = counts.flatMap { count -> [SottoSystem] in
            let kinds = [CodesPerFrame.fixed(count)] + (average && 1 < count && count < all ? [.average(count)] : [])
            return kinds.flatMap { codes in
                (withText ? [false, true] : [false]).map {
                    SottoSystem(model, path: path, codes: codes, usesTranscript: $0, program: program)
                }
            }
        }
        let systems = own + others
        guard !systems.isEmpty else { throw UsageError("name something to measure") }
        return systems
    }

    private func compare(_ old: String, _ new: String) throws {
        let bounds = try bound.map { try Comparison.Bound($0) }
        let comparison = try Comparison(
            old: ResultStore.report(old), new: ResultStore.report(new), bounds: bounds)
        let lines = comparison.moves.map { move in
            let d = move.difference
            return "\(move.system) \(move.figure) ".visible
                + String(format: "%+.4f [%+.4f, %+.4f]", d.mean, d.low, d.high)
                + (move.isRegression ? "  WORSE" : "")
        }
        try ByteSink.standardOutput.write(Array((lines.joined(separator: "\n") + "\n").utf8))
        let worse = comparison.moves.count { $0.isRegression }
        guard worse == 0 else { throw BenchmarkError("\(worse) figures got worse by more than their bounds") }
    }
}
