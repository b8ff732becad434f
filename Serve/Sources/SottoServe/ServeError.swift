// SPDX-License-Identifier: Apache-2.0

public import Sotto

/// Why the server can't begin.
public enum ServeError: UserFacingError, Equatable {
    case portTaken(Int)
    case cannotListen(host: String, port: Int, reason: String)

    public var kind: FailureKind { .inputOutput }

    public var description: String {
        switch self {
        case .portTaken(let port): "port \(port) is taken by another program"
        case .cannotListen(let host, let port, let reason): "\(host) can't be listened to at port \(port): \(reason)"
        }
    }
}

/// Why a request is refused, in a line for the person at the page.
struct Refusal: Error {
    enum Reason: Int {
        case badRequest = 400
        case forbidden = 403
        case notFound = 404
        case wrongMethod = 405
        case noLength = 411
        case tooLarge = 413
        case unreadable = 422
        case upgradeNeeded = 426
        case busy = 503
    }

    let reason: Reason
    let text: String

    init(_ reason: Reason, _ text: String) { (self.reason, self.text) = (reason, text) }
}
