# SPDX-License-Identifier: Apache-2.0
"""Other sample rates, by the library that the command has."""

from __future__ import annotations

import numpy as np

from .errors import UsageError


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Samples float32 [n] of one rate at another, in Hz."""
    try:
        import soxr
    except ImportError:
        raise UsageError(
            f"{rate} Hz to {wanted} Hz takes soxr, which isn't installed: pip install 'sotto-codec[audio]'"
        ) from None
    if rate > 384_000 or rate < 1000:
        raise UsageError(f"{rate} Hz is no rate that can be converted; 1000 to 384000 Hz are")
    if len(samples) == 0:
        return samples
    return soxr.resample(samples, rate, wanted, quality="HQ")
