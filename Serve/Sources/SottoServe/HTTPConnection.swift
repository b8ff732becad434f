// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1

/// One client's requests and their answers, one after the other.
struct HTTPConnection {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>
    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// Of an answer that is written at once.
    private static let blockBytes = 64 << 10

    let routes: Routes
    let patience: Patience

    func run(_ channel: Channel) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while case .head(let head)? = try await next(&parts) {
                let request = Request(head)
                let answer: Answer
                var isDone = true
                do {
                    answer = try await self.answer(request, &parts)
                } catch let refusal as Refusal {
                    // What is left of its body isn't worth reading.
                    (answer, isDone) = (Answer(refusal), request.headers["Content-Length"].isEmpty)
                }
                let goesOn = isDone && head.isKeepAlive
                try await write(answer, to: outbound, isHead: head.method == .HEAD, goesOn: goesOn)
                guard goesOn else { return }
            }
        }
    }

    private func answer(_ request: Request, _ parts: inout Parts) async throws -> Answer {
        guard let upload = try routes.upload(of: request) else {
            try await skipBody(&parts)
            return try routes.answer(request)
        }
        let length = try request.length(atMost: upload.limit)
        guard let slot = routes.requests.take() else {
            throw Refusal(.busy, "too many recordings are being worked on; try again in a moment")
        }
        let folder = try ScratchFolder()
        let body = folder.path(of: "body")
        try await keepBody(&parts, length: length, at: body)
        let answer = try await routes.answer(request, body: body, in: folder)
        withExtendedLifetime(slot) {}
        return answer
    }

    private func next(_ parts: inout Parts) async throws -> HTTPServerRequestPart? {
        patience.begin()
        defer { patience.end() }
        return try await parts.next()
    }

    private func skipBody(_ parts: inout Parts) async throws {
        while let part = try await next(&parts) {
            switch part {
            case .end: return
            default: throw Refusal(.tooLarge, "this takes no body")
            }
        }
    }

    /// Writes the body to a file, if it comes in time.
    private func keepBody(_ parts: inout Parts, length: Int, at path: String) async throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw Refusal(.busy, "there is no room for the recording") }
        defer { try? file.close() }
        patience.begin(seconds: Limits.patience + Double(length) / Limits.bytesPerSecond)
        defer { patience.end() }
        while let part = try await parts.next() {
            switch part {
            case .head: return
            case .body(let buffer):
                do {
                    try file.write(contentsOf: Data(buffer.readableBytesView))
                } catch {
                    throw Refusal(.busy, "there is no room for the recording")
                }
            case .end: return
            }
        }
        throw CancellationError()
    }

    private func write(_ answer: Answer, to outbound: Outbound, isHead: Bool, goesOn: Bool) async throws {
        var head = HTTPResponseHead(version: .http1_1, status: answer.status)
        for (name, value) in Answer.always + answer.headers { head.headers.add(name: name, value: value) }
        if !goesOn { head.headers.add(name: "Connection", value: "close") }
        switch answer.body {
        case .bytes(var bytes):
            head.headers.add(name: "Content-Length", value: String(bytes.readableBytes))
            try await write(.head(head), to: outbound)
            while !isHead, let block = bytes.readSlice(length: min(Self.blockBytes, bytes.readableBytes)),
                block.readableBytes > 0
            {
                try await write(.body(block), to: outbound)
            }
        case .file(let path, let folder):
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            head.headers.add(name: "Content-Length", value: String(try file.seekToEnd()))
            try file.seek(toOffset: 0)
            try await write(.head(head), to: outbound)
            while !isHead, let block = try file.read(upToCount: Self.blockBytes), !block.isEmpty {
                try await write(.body(ByteBuffer(bytes: block)), to: outbound)
            }
            withExtendedLifetime(folder) {}
        }
        try await write(.end(nil), to: outbound)
    }

    private func write(_ part: HTTPPart<HTTPResponseHead, ByteBuffer>, to outbound: Outbound) async throws {
        patience.begin()
        defer { patience.end() }
        try await outbound.write(part)
    }
}

/// Answers hold bytes alone, and not the kinds of data that NIO writes besides.
final class ResponseParts: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPServerResponsePart =
            switch Self.unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let bytes): .body(.byteBuffer(bytes))
            case .end(let trailers): .end(trailers)
            }
        context.write(Self.wrapOutboundOut(part), promise: promise)
    }
}
