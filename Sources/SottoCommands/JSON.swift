// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A value as JSON: readable, or in one line if it is one of many.
func jsonText(_ value: some Encodable, isLine: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isLine { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
