// SPDX-License-Identifier: Apache-2.0

// The C library, and of Foundation the part that needs no tables of languages: what the rooms of the libraries import in
// Foundation's place, since all of it would be 45 MB in a program that brings it along.
#if canImport(FoundationEssentials)
    @_exported public import FoundationEssentials
    @_exported public import Glibc
#else
    @_exported public import Foundation
#endif
