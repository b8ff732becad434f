// SPDX-License-Identifier: Apache-2.0

import Platform

/// Standard input, output and error.
public enum StandardDescriptors {
    /// Keeps the numbers 0 to 2 from files that are opened later, if whoever started the process closed any of them.
    ///
    /// To be called before anything is opened. What is read from or written to those that were closed stays an error.
    public static func holdOpen() {
        // In rising order: the lowest free number is what `open` returns. The wrong direction makes their use an error.
        for (number, access) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(Int32, Int32)] {
            if fcntl(number, F_GETFD) < 0 { _ = open("/dev/null", access) }
        }
    }
}
