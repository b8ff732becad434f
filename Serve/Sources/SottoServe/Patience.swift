// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Closes a connection whose client keeps the server waiting for too long.
///
///     patience.begin(seconds: 15)
///     let part = try await parts.next()       // ends when the connection does
///     patience.end()
final class Patience: Sendable {
    private final class Deadline: Sendable {
        let time = Mutex<NIODeadline?>(nil)

        var isOver: Bool { time.withLock { $0.map { $0 < .now() } ?? false } }
    }

    private let deadline: Deadline
    private let watch: RepeatedTask

    init(with channel: any Channel) {
        let deadline = Deadline()
        self.deadline = deadline
        watch = channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            if deadline.isOver { channel.close(mode: .all, promise: nil) }
        }
    }

    deinit { watch.cancel() }

    func begin(seconds: Double = Limits.patience) {
        deadline.time.withLock { $0 = .now() + .milliseconds(Int64(seconds * 1000)) }
    }

    func end() { deadline.time.withLock { $0 = nil } }
}
