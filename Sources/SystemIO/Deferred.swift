// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Made when it is first asked for, for all that share it: who only decodes doesn't wait for what encoding needs. Nobody waits for others:
/// of several that ask at the same moment each makes one, and one of these is kept.
package final class Deferred<Value: Sendable>: Sendable {
    private final class Made: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private let made = AtomicLazyReference<Made>()
    private let make: @Sendable () -> Value

    package init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    package var value: Value { (made.load() ?? made.storeIfNil(Made(make()))).value }
}
