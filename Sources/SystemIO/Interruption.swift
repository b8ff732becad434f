// SPDX-License-Identifier: Apache-2.0

import Platform

/// Listens for signals, so that the first of them ends the input instead of the process.
///
/// Whoever reads `ByteSource.forEachChunk(until:_:)` then sees an end, writes what is complete and leaves in order. A
/// second signal ends the process at once, as it would without this.
public struct Interruption: Sendable {
    /// Becomes readable when a signal has come, whose number is the byte in it.
    private let descriptor: Int32

    /// Starts listening for SIGINT and SIGTERM.
    public init() throws(SystemError) { try self.init(by: [SIGINT, SIGTERM]) }

    /// Starts listening. A signal that the process was told to ignore (`nohup`) stays ignored.
    package init(by signals: [Int32]) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .cannotOpen("a pipe for signals", errno: errno) }
        // Away from 0, 1 and 2, should any of them have been closed.
        let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
        for end in ends { close(end) }
        descriptor = moved[0]
        for number in signals {
            signalPipes[Int(number)] = moved[1]
            let before = signal(number, forwardSignal)
            if isIgnore(before) { signal(number, SIG_IGN) }
        }
        // A thread that blocks them hands that down to the programs it starts.
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in signals { sigaddset(&mask, number) }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Waits for a signal and returns its number.
    func wait() -> Int32 {
        var number: UInt8 = 0
        while read(descriptor, &number, 1) != 1 {}
        return Int32(number)
    }

    enum Event {
        case input
        case signal(number: Int32, hasInput: Bool)
    }

    /// Waits until `input` has something to read, or has ended, or a signal comes.
    func wait(for input: Int32) -> Event {
        var waiting = [input, descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Fails with EINTR alone: when a signal has been caught, which is then in the pipe.
        while poll(&waiting, nfds_t(waiting.count), -1) < 0 {}
        guard waiting[1].revents != 0 else { return .input }
        var number: UInt8 = 0
        _ = read(descriptor, &number, 1)
        return .signal(number: Int32(number), hasInput: waiting[0].revents != 0)
    }
}

/// The input was ended by a signal; everything that was complete has been written.
public struct Interrupted: Error {
    public let signal: Int32

    public init(signal: Int32) { self.signal = signal }
}

/// Where each signal is told: a signal handler has no other place to find it. There are 64 signals at most.
nonisolated(unsafe) private let signalPipes: UnsafeMutablePointer<Int32> = {
    let pipes = UnsafeMutablePointer<Int32>.allocate(capacity: 65)
    pipes.initialize(repeating: -1, count: 65)
    return pipes
}()

/// Only calls that POSIX allows in a signal handler; the second signal finds the default action.
private func forwardSignal(number: Int32) {
    let before = errno
    signal(number, SIG_DFL)
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipes[Int(number)], &byte, 1)
    errno = before
}

private func isIgnore(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
