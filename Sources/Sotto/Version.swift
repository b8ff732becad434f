// SPDX-License-Identifier: Apache-2.0

/// The version of this package, of its libraries and of its command: this is the place that says it.
public let sottoVersion = "0.10.0"
