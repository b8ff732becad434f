// SPDX-License-Identifier: Apache-2.0

import Platform
import Synchronization

/// Files that aren't complete yet and folders for scratch: what must not outlive the process, however it ends.
public enum Unfinished {
    private static let paths = Mutex<Set<String>>([])

    /// Makes what then has to be removed or completed.
    static func add<Result>(_ path: String, made: () -> Result) -> Result {
        paths.withLock { paths in
            // At one go, so that a signal finds either nothing or what it can remove.
            paths.insert(path)
            return made()
        }
    }

    static func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }

    /// From now on SIGINT, SIGTERM and SIGHUP end the process with the status that a shell gives them, 128 and their
    /// number, after what is unfinished has been removed. A second one ends it at once.
    ///
    /// - Parameter last: is called just before the end.
    public static func removeAllOnSignals(last: @escaping @Sendable () -> Void) throws(SystemError) {
        let interruption = try Interruption(by: [SIGINT, SIGTERM, SIGHUP])
        DetachedThread.start {
            let number = interruption.wait()
            paths.withLock { paths in
                for path in paths { remove(path) }
                last()
                // Whoever is about to make something waits for the lock, and for nothing else.
                _exit(128 + number)
            }
        }
    }

    private static func remove(_ path: String) {
        guard FileKind(of: path) == .folder else { return path.withSystemPath { _ = unlink($0) } }
        // A program that was started for what it makes there may still be at it, for a moment.
        for _ in 0..<20 {
            try? FileManager.default.removeItem(atPath: path)
            guard FileKind(of: path) != nil else { return }
            usleep(10_000)
        }
    }
}

/// A folder for scratch files, gone when nobody needs it any more.
public struct ScratchFolder: ~Copyable {
    public let path: String

    public init() throws(SystemError) {
        let path = FileManager.default.temporaryDirectory.appending(path: "sotto-\(UUID().uuidString)")
            .path(percentEncoded: false)
        let failure = Unfinished.add(path) { path.withSystemPath { mkdir($0, 0o700) } == 0 ? 0 : errno }
        guard failure == 0 else {
            Unfinished.forget(path)
            throw .cannotCreate(path, errno: failure)
        }
        self.path = path
    }

    public func path(of name: String) -> String { "\(path)/\(name)" }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        Unfinished.forget(path)
    }
}
