// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Made when it is first asked for, once for all that share it: who only decodes doesn't wait for what encoding needs.
package final class Deferred<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let make: @Sendable () -> Value

    package init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    package var value: Value {
        made.withLock { made in
            if let made { return made }
            let value = make()
            made = value
            return value
        }
    }
}
