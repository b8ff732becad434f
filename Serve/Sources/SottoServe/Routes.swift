// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import Sotto
import SottoStreams
import TokenFile

/// What is asked for, and what is done about it. See Docs/page.md.
struct Routes: Sendable {
    let models: Models
    let visitors: Visitors
    let assets = Assets()
    /// Recordings, one after the other beside live speech.
    let work = WorkQueue(workers: max(1, ProcessInfo.processInfo.activeProcessorCount - 1))
    let requests = Slots(Limits.requests)

    /// What a body is for, which says how long it may be.
    enum Upload {
        case recording
        case tokens

        var limit: Int { self == .recording ? Limits.recordingBytes + Limits.textBytes : Limits.tokenBytes }
    }

    /// - Throws: `Refusal` if that is nothing that may be asked for.
    /// - Returns: nil if it has no body.
    func upload(of request: Request) throws(Refusal) -> Upload? {
        guard visitors.admits(host: request.headers["Host"], origin: request.headers["Origin"]) else {
            throw Refusal(.forbidden, "only this server's own page may ask")
        }
        let upload: Upload?
        switch request.path {
        case "/api/read", "/api/encode": upload = .recording
        case "/api/decode", "/api/inspect": upload = .tokens
        case "/api/info": upload = nil
        case "/live": throw Refusal(.upgradeNeeded, "this is for WebSockets")
        default:
            guard assets[request.path] != nil else { throw Refusal(.notFound, "there is no such page") }
            upload = nil
        }
        guard upload == nil ? request.method == .GET || request.method == .HEAD : request.method == .POST else {
            throw Refusal(.wrongMethod, "\(request.method) is not what this is for")
        }
        return upload
    }

    /// What a request without a body gets.
    func answer(_ request: Request) throws -> Answer {
        if request.path == "/api/info" { return try .json(Info(models, assets)) }
        guard let asset = assets[request.path] else { throw Refusal(.notFound, "there is no such page") }
        return Answer(asset.bytes, type: asset.type)
    }

    /// What a request with a body gets, which lies in a file.
    func answer(_ request: Request, body: String, in folder: ScratchFolder) async throws -> Answer {
        let name = String((request["name"] ?? "the recording").prefix(200))
        do {
            return try await work.run {
                switch request.path {
                case "/api/read": try await read(body, name: name, in: folder)
                case "/api/encode": try await encode(request, body, name: name, in: folder)
                case "/api/decode": try await decode(request, body, in: folder)
                default: try inspect(body)
                }
            }
        } catch let error as any UserFacingError {
            throw Refusal(.unreadable, error.description)
        }
    }

    private func read(_ body: String, name: String, in folder: ScratchFolder) async throws -> Answer {
        let output = folder.path(of: "read.wav")
        let notes = try await Recordings.read(body, name: name, to: output)
        return Answer(wav: output, in: folder, headers: notes.isEmpty ? [] : [("Sotto-Notes", Self.header(notes))])
    }

    private func encode(
        _ request: Request, _ body: String, name: String, in folder: ScratchFolder
    ) async throws -> Answer {
        let model = try models.named(request["model"])
        let codes = try request.codes(of: model)
        let count = try request.number("text", in: 0...Limits.textBytes) ?? 0
        let (transcript, recording) = try Self.split(body, after: count, in: folder)
        let encoded = try await Recordings.encode(
            recording, name: name, model: model, codes: codes, transcript: transcript)
        let match = encoded.transcriptMatch.map { [("Sotto-Transcript-Match", String($0))] } ?? []
        return Answer(encoded.tokens, type: "application/octet-stream", headers: match)
    }

    private func decode(_ request: Request, _ body: String, in folder: ScratchFolder) async throws -> Answer {
        let recording = try TokenFileReader.read(Array(Data(contentsOf: URL(filePath: body))))
        let output = folder.path(of: "decoded.wav")
        try await Recordings.decode(
            recording, by: models.model(of: recording.header.model), codes: request.number("codes", in: 1...255),
            usesTranscripts: request["text"] != "0", to: output)
        return Answer(wav: output, in: folder)
    }

    private func inspect(_ body: String) throws -> Answer {
        let recording = try TokenFileReader.read(Array(Data(contentsOf: URL(filePath: body))))
        let identity = recording.header.model
        return try .json(
            Recordings.inspect(recording, by: models.model(of: identity), named: models.name(of: identity)))
    }

    /// A body that begins with a transcript of so many bytes → the transcript, and the path of a file with the rest.
    private static func split(
        _ body: String, after count: Int, in folder: ScratchFolder
    ) throws -> (transcript: String?, recording: String) {
        guard count > 0 else { return (nil, body) }
        let bytes = try Data(contentsOf: URL(filePath: body), options: .alwaysMapped)
        guard bytes.count >= count, let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw Refusal(.badRequest, "the transcript is no UTF-8")
        }
        let recording = folder.path(of: "recording")
        try bytes.dropFirst(count).write(to: URL(filePath: recording))
        let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return (words.isEmpty ? nil : words, recording)
    }

    /// Lines as the value of a header: JSON, percent-encoded.
    private static func header(_ lines: [String]) -> String {
        let json = (try? JSONEncoder().encode(lines)) ?? Data()
        return String(decoding: json, as: UTF8.self).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// What the page is told of the program.
private struct Info: Encodable {
    struct Model: Encodable {
        var name: String
        var frameRate: Double
        var codebooks: Int
        var bitsPerCode: Int
        var sampleRate: Int
        var readsText: Bool
    }

    struct Sample: Encodable {
        var name: String
        var text: String
    }

    var version = sottoVersion
    var models: [Model]
    var samples: [Sample]

    init(_ models: Models, _ assets: Assets) {
        self.models = models.entries.map { entry in
            let c = entry.model.configuration
            return Model(
                name: entry.name, frameRate: c.frameRate, codebooks: c.quantizer.codebooks,
                bitsPerCode: c.bitsPerCode, sampleRate: c.sampleRate, readsText: entry.model.readsText)
        }
        samples = assets.samples.map { Sample(name: $0.name, text: $0.text) }
    }
}
