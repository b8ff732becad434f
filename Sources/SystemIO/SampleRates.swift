// SPDX-License-Identifier: Apache-2.0

/// The sample rates, in Hz, that audio may have on its way in or out, whatever carries it.
public let supportedSampleRates = 8000...192_000
