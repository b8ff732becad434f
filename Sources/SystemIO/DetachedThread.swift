// SPDX-License-Identifier: Apache-2.0

import Platform

/// Threads that nobody waits for.
enum DetachedThread {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a thread of its own, whose stack is small.
    static func start(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 18)
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let failure = pthread_create(
            &thread, &attributes,
            { work in
                #if canImport(Darwin)
                    Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
                #else
                    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                #endif
                return nil
            }, work)
        precondition(failure == 0, "there is no memory for a thread")
    }
}
