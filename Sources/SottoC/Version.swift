// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CSotto
import Sotto

@c @implementation public func sotto_abi() -> Int32 { SOTTO_ABI }

@c @implementation public func sotto_version() -> UnsafePointer<CChar>! { version }

/// Never written to or freed.
nonisolated(unsafe) private let version: UnsafePointer<CChar> = {
    let characters = sottoVersion.utf8CString
    let place = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
    _ = place.initialize(from: characters)
    return UnsafePointer(place.baseAddress.unsafelyUnwrapped)
}()
