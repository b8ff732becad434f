# SPDX-License-Identifier: Apache-2.0
"""Arrangements of codes that language models take, and back.

Codes of a recording are [frames, codebooks] everywhere else; here are the others, each with its way back:

    codebooks_first   [codebooks, frames]                      frames_first
    batched           [recordings, codebooks, frames]          unbatched
    flattened         one stream of tokens, a range for each   unflattened
                      codebook
    delayed           [frames + codebooks - 1, codebooks],     undelayed
                      each codebook a frame later than the
                      one before

A frame may have fewer codes than there are codebooks. `counts` [frames] then says how many; where an arrangement has a place for the
others, they are `pad` there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import _arguments
from .errors import DataError, UsageError

__all__ = [
    "batched", "codebooks_first", "delayed", "flattened", "frames_first", "unbatched", "undelayed", "unflattened",
]  # fmt: skip


def codebooks_first(codes) -> np.ndarray:
    """Codes [frames, codebooks] as [codebooks, frames]."""
    return np.ascontiguousarray(_integers(codes, 2, "codes [frames, codebooks]").T)


def frames_first(codes) -> np.ndarray:
    """Codes [codebooks, frames] as [frames, codebooks]."""
    return np.ascontiguousarray(_integers(codes, 2, "codes [codebooks, frames]").T)


def batched(
    codes: Sequence, counts: Sequence | None = None, pad: int = -1
) -> tuple[np.ndarray, np.ndarray]:
    """Recordings of codes [frames, codebooks] as one array int64 [recordings, codebooks, most frames], and their lengths int64
    [recordings].

    What a recording or, with `counts` [frames] for each, a frame doesn't have is `pad`.
    """
    rows = [_integers(one, 2, "codes [frames, codebooks]") for one in codes]
    if not rows:
        raise UsageError("a batch has one recording at least")
    if counts is not None and len(counts) != len(rows):
        raise UsageError(f"there are {len(rows)} recordings, and counts of {len(counts)}")
    widths = sorted({one.shape[1] for one in rows})
    if len(widths) > 1:
        raise UsageError(f"recordings of one batch have as many codebooks each; these have {widths}")
    lengths = np.array([len(one) for one in rows], np.int64)
    batch = np.full((len(rows), widths[0], lengths.max()), _pad(pad), np.int64)
    for index, one in enumerate(rows):
        has = _has(one, None if counts is None else counts[index])
        batch[index, :, : len(one)] = np.where(has, one.astype(np.int64), pad).T
    return batch, lengths


def unbatched(batch, lengths=None, pad: int = -1) -> list[tuple[np.ndarray, np.ndarray]]:
    """A batch [recordings, codebooks, frames] as a list of codes int64 [frames, codebooks] and counts uint8 [frames], which
    `Model.decode` takes. Where a frame has fewer codes, zeros follow them.

    Args:
        lengths: frames of each recording; None leaves out frames at the end that are nothing but `pad`.
    """
    values = _integers(batch, 3, "a batch of codes [recordings, codebooks, frames]")
    has = values != _pad(pad)
    if lengths is None:
        anything = has.any(axis=1)
        ends = [int(np.flatnonzero(one)[-1]) + 1 if one.any() else 0 for one in anything]
    else:
        ends = [_arguments.whole(end, "a length", 0, values.shape[2]) for end in _arguments.array(lengths, "lengths").tolist()]
        if len(ends) != len(values):
            raise UsageError(f"there are {len(values)} recordings, and {len(ends)} lengths")
    return [_counted(values[i, :, :end].T, has[i, :, :end].T) for i, end in enumerate(ends)]


def flattened(codes, counts=None, codebook_size: int = 1024, first: int = 0) -> np.ndarray:
    """Codes [frames, codebooks] as one stream of tokens int64 [n], frame after frame, each frame's codes coarsest first.

    Code c of codebook k is the token first + k * codebook_size + c: a token tells its codebook, and codebook 0 where a frame begins.
    Frames may therefore have any numbers of codes, but one at least. `first` is where these tokens begin in a larger vocabulary.
    """
    rows = _integers(codes, 2, "codes [frames, codebooks]")
    size = _arguments.whole(codebook_size, "the codebooks' size", 1, 1 << 31)
    has = _has(rows, counts)
    if len(rows) and not has.any(axis=1).all():
        raise DataError(f"frame {int(np.argmin(has.any(axis=1)))} has no codes; a stream has no place for it")
    _check(rows, has, size)
    tokens = rows.astype(np.int64) + np.arange(rows.shape[1]) * size + _arguments.whole(first, "the first token", 0, 1 << 40)
    return tokens[has]


def unflattened(
    tokens, codebooks: int = 8, codebook_size: int = 1024, first: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """A stream of tokens [n], as `flattened` makes it, as codes int64 [frames, codebooks] and counts uint8 [frames].

    Raises:
        DataError: at the first token that is of no codebook, or not of the one that has to come: the next one, or the first of a
            frame.
    """
    values = _integers(tokens, 1, "a stream of tokens [n]").astype(np.int64)
    size, width = (
        _arguments.whole(codebook_size, "the codebooks' size", 1, 1 << 31),
        _arguments.whole(codebooks, "the number of codebooks", 1, 255),
    )
    values = values - _arguments.whole(first, "the first token", 0, 1 << 40)
    books = values // size
    for wrong in np.flatnonzero((values < 0) | (books >= width))[:1]:
        raise DataError(f"token {wrong} is {values[wrong] + first}; those of {width} codebooks are {first} to {first + width * size - 1}")
    before = np.concatenate([[-1], books[:-1]])
    for wrong in np.flatnonzero((books != 0) & ((books != before + 1) | (np.arange(len(books)) == 0)))[:1]:
        raise DataError(f"token {wrong} is of codebook {books[wrong]}, after one of {before[wrong] if wrong else 'none'}")
    frame = np.cumsum(books == 0) - 1
    rows = np.zeros((int(frame[-1]) + 1 if len(frame) else 0, width), np.int64)
    rows[frame, books] = values - books * size
    return rows, np.bincount(frame, minlength=len(rows)).astype(np.uint8)


def delayed(codes, counts=None, pad: int = 1024) -> np.ndarray:
    """Codes [frames, codebooks] in a delay pattern, int64 [frames + codebooks - 1, codebooks]: row t has code k of frame t - k.

    Codes that aren't there, in the corners or in frames of fewer codes, are `pad`.
    """
    rows = _integers(codes, 2, "codes [frames, codebooks]")
    frames, width = rows.shape
    values = np.where(_has(rows, counts), rows.astype(np.int64), _pad(pad))
    pattern = np.full((frames + width - 1 if frames else 0, width), pad, np.int64)
    for k in range(width if frames else 0):
        pattern[k : k + frames, k] = values[:, k]
    return pattern


def undelayed(pattern, pad: int = 1024) -> tuple[np.ndarray, np.ndarray]:
    """A delay pattern [steps, codebooks] as codes int64 [frames, codebooks] and counts uint8 [frames].

    Frames of which the last codes haven't come yet are there with those that have.
    """
    values = _integers(pattern, 2, "a delay pattern [steps, codebooks]").astype(np.int64)
    steps, width = values.shape
    rows = np.full((steps, width), _pad(pad), np.int64)
    for k in range(min(steps, width)):
        rows[: steps - k, k] = values[k:, k]
    # The corner at the end has no codes of any frame.
    has = rows != pad
    frames = int(np.flatnonzero(has.any(axis=1))[-1]) + 1 if has.any() else 0
    return _counted(rows[:frames], has[:frames])


def _integers(values, axes: int, name: str) -> np.ndarray:
    made = _arguments.array(values, name)
    if made.size == 0 and made.dtype.kind == "f":
        made = made.astype(np.int64)
    if made.ndim != axes or made.dtype.kind not in "iu":
        raise UsageError(f"{name} are whole numbers; these are {made.dtype} {list(made.shape)}")
    return made


def _pad(pad) -> int:
    return _arguments.whole(pad, "what stands for no code", -(1 << 40), 1 << 40)


def _has(rows: np.ndarray, counts) -> np.ndarray:
    """Which codes [frames, codebooks] there are."""
    if counts is None:
        return np.ones(rows.shape, bool)
    amounts = _arguments.array(counts, "counts")
    if amounts.shape != rows.shape[:1] or amounts.dtype.kind not in "iu":
        raise UsageError(f"counts are whole numbers [{len(rows)}]; these are {amounts.dtype} {list(amounts.shape)}")
    if amounts.size and not 0 <= amounts.min() <= amounts.max() <= rows.shape[1]:
        raise DataError(f"counts are 0 to {rows.shape[1]}; these are {amounts.min()} to {amounts.max()}")
    return np.arange(rows.shape[1]) < amounts[:, None]


def _check(rows: np.ndarray, has: np.ndarray, size: int) -> None:
    for frame, book in np.argwhere(has & ((rows < 0) | (rows >= size)))[:1]:
        raise DataError(f"code {rows[frame, book]} of frame {frame} is out of range; codes are 0 to {size - 1}")


def _counted(rows: np.ndarray, has: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes with zeros where there are none, and how many each frame has from its first on."""
    counts = has.sum(axis=1)
    for frame in np.flatnonzero((has != (np.arange(rows.shape[1]) < counts[:, None])).any(axis=1))[:1]:
        raise DataError(f"frame {frame} has codes after one that is missing: {rows[frame].tolist()}")
    return np.where(has, rows, 0).astype(np.int64), counts.astype(np.uint8)
