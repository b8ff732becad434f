// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a handle of the header stands for.
protocol Handled: AnyObject, Sendable {
    /// What messages call it.
    static var name: String { get }
}

/// All that is open. A handle is a number that never comes again, and nothing lies at that address: one that was closed, is of
/// another kind or was never given is therefore found out without a look at the memory behind it.
enum Handles {
    private struct Table {
        var next: UInt = 0x1000
        var open: [UInt: any Handled] = [:]
    }

    private static let table = Mutex(Table())

    static func open(_ object: some Handled) -> OpaquePointer? {
        table.withLock { table in
            // So far apart, they look like pointers to whoever checks their alignment.
            table.next += 16
            table.open[table.next] = object
            return OpaquePointer(bitPattern: table.next)
        }
    }

    static func get<Object: Handled>(_ handle: OpaquePointer?, _: Object.Type = Object.self) throws(CallError) -> Object
    {
        guard let handle else { throw .usage("NULL was given as \(Object.name)") }
        let object = table.withLock { $0.open[UInt(bitPattern: handle)] }
        guard let object else { throw .usage("what was given as \(Object.name) is closed or never was open") }
        guard let object = object as? Object else {
            throw .usage("\(type(of: object).name) was given as \(Object.name)")
        }
        return object
    }

    /// One of another kind stays open.
    static func close<Object: Handled>(_ handle: OpaquePointer?, _: Object.Type) {
        // What it held is let go when the table is free again: that may take a while.
        guard let object: Object = try? get(handle) else { return }
        withExtendedLifetime(object) {
            table.withLock { _ = $0.open.removeValue(forKey: UInt(bitPattern: handle)) }
        }
    }
}
