# SPDX-License-Identifier: Apache-2.0
"""What callers pass, checked and in the types that the library takes."""

from __future__ import annotations

import operator

import numpy as np

from .errors import DataError, UsageError

MISSING = 65535
"""In arrays of unsigned numbers: a code that a frame doesn't have."""


def whole(value, name: str, least: int, most: int) -> int:
    """A whole number within limits."""
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(f"{name} is a whole number, not {value!r}") from None
    if not least <= number <= most:
        raise UsageError(f"{name} is {number}; it can be {least} to {most}")
    return number


def rate(value) -> int:
    """A sample rate in Hz."""
    number = float(value) if isinstance(value, (float, np.floating)) else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    return whole(number, "the sample rate in Hz", 1, 768_000)


def length(samples) -> int | None:
    """How many samples a recording has; None if that isn't known."""
    return None if samples is None else whole(samples, "the number of samples", 0, (1 << 40) - 1)


def array(values, name: str) -> np.ndarray:
    """An array of whatever looks like one; torch's tensors do."""
    try:
        made = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} can't be made an array: {error}") from None
    return made


def mono(audio, channel_axis: int | None = None) -> np.ndarray:
    """Samples [n] as the library takes them: float32 from -1 to 1, or int16. Channels are averaged along `channel_axis`."""
    samples = array(audio, "samples")
    if not (samples.dtype.kind == "i" and samples.itemsize == 2) and samples.dtype.kind != "f":
        raise UsageError(f"samples are int16, or floating point from -1 to 1; these are {samples.dtype}")
    if channel_axis is not None:
        axis = whole(channel_axis, "the channels' axis", -samples.ndim, samples.ndim - 1)
        if samples.ndim != 2 or samples.shape[axis] == 0:
            raise UsageError(f"with an axis of channels, samples have two; these are {list(samples.shape)}")
        samples = finite(floats(samples)).mean(axis=axis, dtype=np.float32)
    if samples.ndim != 1:
        raise UsageError(
            f"samples are one channel, [n]; these are {list(samples.shape)}. "
            "Take one of the channels, or average them: channel_axis=-1 for [n, channels], 0 for [channels, n]"
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(samples, np.int16 if samples.dtype.kind == "i" else np.float32)


def floats(samples: np.ndarray) -> np.ndarray:
    """The same samples in floating point, -1 to 1."""
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / 32768
    with np.errstate(over="ignore"):
        return samples.astype(np.float32)


def finite(samples: np.ndarray) -> np.ndarray:
    """The same samples; what is no number is silent."""
    return samples if np.isfinite(samples).all() else np.where(np.isfinite(samples), samples, np.float32(0))


def frames(codes, counts=None) -> tuple[np.ndarray, np.ndarray | None]:
    """Codes uint16 [frames, codebooks], and how many of each row count, uint8 [frames] or None for all.

    Without `counts`, codes at the end of a row that are negative or 65535 are such that the frame doesn't have.
    """
    rows = array(codes, "codes")
    if rows.ndim != 2 or rows.dtype.kind not in "iu":
        raise UsageError(f"codes are whole numbers [frames, codebooks]; these are {rows.dtype} {list(rows.shape)}")
    if counts is None:
        has = (rows >= 0) & (rows != MISSING)
        if has.all():
            return _narrowed(rows, np.uint16, "a code"), None
        amounts = has.sum(axis=1)
        for row in np.flatnonzero((has != (np.arange(rows.shape[1]) < amounts[:, None])).any(axis=1))[:1]:
            raise DataError(f"frame {row} has codes after one that is missing: {rows[row].tolist()}")
        rows = np.where(has, rows, 0)
        if rows.shape[1] > 255:
            raise DataError(f"no frame has {rows.shape[1]} codes; they are [frames, codebooks]")
    else:
        amounts = array(counts, "counts")
        if amounts.shape != rows.shape[:1] or amounts.dtype.kind not in "iu":
            raise UsageError(f"counts are whole numbers [{len(rows)}]; these are {amounts.dtype} {list(amounts.shape)}")
        # What stands where a frame has no codes is nobody's business.
        if rows.size:
            rows = np.where(np.arange(rows.shape[1]) < amounts[:, None], rows, 0)
    return _narrowed(rows, np.uint16, "a code"), _narrowed(amounts, np.uint8, "a count")


def levels(values, frames: int, steps: int) -> list[tuple[int, int]]:
    """The speaker's levels, a number for each frame or one for all, as (frame, number) where they are told or change.

    Negative numbers and 65535 are levels that aren't known: there the one before goes on.
    """
    if values is None:
        return []
    if not steps:
        raise UsageError("this model tells no levels: its codes say how loud a speaker is")
    rows = array(values, "levels")
    if rows.size == 0 and rows.dtype.kind == "f":
        rows = rows.astype(np.int64)
    if rows.ndim == 0:
        rows, frames = rows[None], 1
    elif rows.shape == (frames, 1):
        rows = rows[:, 0]
    if rows.shape != (frames,) or rows.dtype.kind not in "iu":
        raise UsageError(f"levels are whole numbers [{frames}], or one for all; these are {rows.dtype} {list(rows.shape)}")
    told = np.flatnonzero((rows >= 0) & (rows != MISSING))
    numbers = rows[told]
    for index in np.flatnonzero(numbers >= steps)[:1]:
        raise DataError(f"level {numbers[index]} of frame {told[index]} is out of range; this model's are 0 to {steps - 1}")
    changes = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])[: len(numbers)])
    return [(int(told[index]), int(numbers[index])) for index in changes]


def latents(values, width: int) -> np.ndarray:
    """Latents float32 [frames, width]."""
    rows = array(values, "latents")
    if rows.ndim != 2 or rows.shape[1] != width or rows.dtype.kind != "f":
        raise UsageError(f"latents are floating point [frames, {width}]; these are {rows.dtype} {list(rows.shape)}")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(rows, np.float32)


def _narrowed(values: np.ndarray, kind, name: str) -> np.ndarray:
    """The same values in a smaller type, whose limits they keep."""
    if values.size and (values.min() < 0 or values.max() > np.iinfo(kind).max):
        raise DataError(f"{name} is from 0 to {np.iinfo(kind).max}; these are {values.min()} to {values.max()}")
    return np.ascontiguousarray(values, kind)
