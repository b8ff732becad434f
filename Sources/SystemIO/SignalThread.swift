// SPDX-License-Identifier: Apache-2.0

import Platform

/// A thread that waits for a signal, so that it is answered whatever the program is waiting for.
public enum SignalThread {
    /// Calls `answer`, on a thread of its own, whenever the signal comes. Call it before other threads start: they
    /// inherit that the signal doesn't interrupt them.
    public static func start(on number: Int32, _ answer: @escaping @Sendable () -> Void) {
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, number)
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        DetachedThread.start {
            var mask = sigset_t()
            sigemptyset(&mask)
            sigaddset(&mask, number)
            var came: Int32 = 0
            while sigwait(&mask, &came) == 0 { answer() }
        }
    }
}
