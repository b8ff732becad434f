// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which pages may talk to the server: its own, by a name that nobody else can give it.
///
/// A page from elsewhere in the same browser is told by its `Origin`. A name of the Internet that somebody has pointed at this
/// machine is told by the `Host`, since it is neither an address nor one of the machine's own names.
struct Visitors: Sendable {
    private let names: Set<String>
    private let takesAddresses: Bool

    /// - Parameter isOpen: whether other machines may come too.
    init(isOpen: Bool) {
        takesAddresses = isOpen
        let own = ProcessInfo.processInfo.hostName.lowercased()
        names = isOpen ? ["localhost", own, own + ".local"] : ["localhost", "127.0.0.1", "[::1]"]
    }

    /// - Parameters:
    ///   - host: all of the request's fields of that name.
    ///   - origin: likewise; none if it comes from no other page.
    func admits(host: [String], origin: [String]) -> Bool {
        guard host.count == 1, origin.count <= 1 else { return false }
        let host = host[0].lowercased()
        guard let name = Self.name(of: host), names.contains(name) || takesAddresses && Self.isAddress(name) else {
            return false
        }
        return origin.allSatisfy { $0.lowercased() == "http://\(host)" }
    }

    /// What stands before the port.
    private static func name(of host: String) -> String? {
        let parts =
            host.hasPrefix("[") ? host.split(separator: "]", maxSplits: 1) : host.split(separator: ":", maxSplits: 1)
        guard let first = parts.first else { return nil }
        return host.hasPrefix("[") ? first + "]" : String(first)
    }

    private static func isAddress(_ name: String) -> Bool {
        if name.hasPrefix("[") {
            return name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
