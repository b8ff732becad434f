// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import Sotto

/// The head of a request, taken apart.
struct Request: Sendable {
    let method: HTTPMethod
    let path: String
    let headers: HTTPHeaders
    private let query: [String: String]

    init(_ head: HTTPRequestHead) {
        (method, headers) = (head.method, head.headers)
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            if sides.count == 2 { query[sides[0]] = sides[1] }
        }
        self.query = query
    }

    subscript(name: String) -> String? { query[name] }

    /// A whole number, nil if it isn't given.
    func number(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(.badRequest, "\(name) goes from \(range.lowerBound) to \(range.upperBound), not “\(text)”")
        }
        return number
    }

    /// How many codes the frames get.
    func codes(of model: CodecModel) throws(Refusal) -> CodesPerFrame {
        let all = model.configuration.quantizer.codebooks
        return try CodesPerFrame(number("codes", in: 1...all), average: query["average"] == "1", of: all)
    }

    /// The length of the body.
    ///
    /// - Throws: `Refusal` unless it is given, and no more than `limit`.
    func length(atMost limit: Int) throws(Refusal) -> Int {
        let lengths = headers["Content-Length"]
        guard lengths.count == 1, headers["Transfer-Encoding"].isEmpty, let length = Int(lengths[0]), length >= 0 else {
            throw Refusal(.noLength, "the request doesn't say how long it is")
        }
        guard length <= limit else {
            throw Refusal(.tooLarge, "\(length) bytes are more than the \(limit) that this page takes")
        }
        return length
    }
}

extension CodesPerFrame {
    /// - Parameter number: nil for one code of each of `all` codebooks.
    init(_ number: Int?, average: Bool, of all: Int) throws(Refusal) {
        let number = number ?? all
        guard (1...all).contains(number) else {
            throw Refusal(.badRequest, "codes go from 1 to \(all), not \(number)")
        }
        guard !average || 1 < number && number < all else {
            throw Refusal(.badRequest, "an average needs a number to vary about: 2 to \(all - 1)")
        }
        self = average ? .average(number) : .fixed(number)
    }
}
