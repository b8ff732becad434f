// SPDX-License-Identifier: Apache-2.0

/// The name of any field, for objects of JSON whose fields are not known beforehand.
package struct AnyKey: CodingKey {
    package var stringValue: String
    package var intValue: Int? { nil }

    package init(stringValue: String) { self.stringValue = stringValue }

    package init?(intValue: Int) { nil }
}
