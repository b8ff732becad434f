// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1

/// What a request gets.
struct Answer: Sendable {
    enum Body: Sendable {
        case bytes(ByteBuffer)
        /// A file, with the folder that it lies in and that goes with it.
        case file(String, in: ScratchFolder)
    }

    var status: HTTPResponseStatus = .ok
    var headers: [(String, String)]
    var body: Body

    init(_ bytes: some Sequence<UInt8>, type: String, headers: [(String, String)] = []) {
        self.headers = headers + [("Content-Type", type)]
        body = .bytes(ByteBuffer(bytes: bytes))
    }

    init(wav path: String, in folder: ScratchFolder, headers: [(String, String)] = []) {
        self.headers = headers + [("Content-Type", "audio/wav")]
        body = .file(path, in: folder)
    }

    static func json(_ value: some Encodable) throws -> Answer {
        Answer(try JSONEncoder().encode(value), type: "application/json")
    }

    init(_ refusal: Refusal) {
        let text = (try? JSONEncoder().encode(["error": refusal.text])) ?? Data()
        self.init(text, type: "application/json")
        status = HTTPResponseStatus(statusCode: refusal.reason.rawValue)
    }

    /// What goes with every answer: a page of ours loads nothing from elsewhere, and none of elsewhere shows ours.
    static let always = [
        ("Cache-Control", "no-store"),
        (
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
}
