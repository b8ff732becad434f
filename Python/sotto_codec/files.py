# SPDX-License-Identifier: Apache-2.0
"""Files of codes: NumPy's .npy and .npz, and .jsonl with a line for each recording. `sotto export` writes them too.

Codes that a frame doesn't have are 65535 in .npy and .npz, and not there in .jsonl; a lost frame is null there. The speaker's levels,
where they are told, are `levels` [frames] in .npz and .jsonl.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from . import _arguments
from .errors import DataError, NotFoundError, SottoError, UsageError

__all__ = ["Recording", "read", "read_jsonl", "write", "write_jsonl"]


class Recording(NamedTuple):
    """Codes of a recording, and what is known of it.

    Attributes:
        codes: uint16 [frames, codebooks]; where a frame has fewer codes, zeros follow them.
        counts: uint8 [frames], how many codes of each row count; 0 for a frame that is lost.
        id: its name.
        audio: the path of the recording.
        text: what is said in it.
        levels: uint8 [frames], the numbers of the speaker's level; None if they aren't told.
    """

    codes: np.ndarray
    counts: np.ndarray
    id: str | None = None
    audio: str | None = None
    text: str | None = None
    levels: np.ndarray | None = None


def write(path: str | os.PathLike, codes, counts=None, levels=None) -> None:
    """Codes [frames, codebooks] as a file: uint16 in .npy, or `codes`, `counts` and, if given, `levels` in .npz."""
    rows, amounts = _known(codes, counts)
    loud = _levels(levels, len(rows))
    padded = np.where(np.arange(rows.shape[1]) < amounts[:, None], rows, _arguments.MISSING).astype("<u2")
    name = os.fspath(path)
    if name.endswith(".npy") and loud is not None:
        raise UsageError(f"{name}: an .npy holds codes alone; with levels, take .npz")
    if name.endswith(".npy"):
        np.save(name, padded)
    elif name.endswith(".npz"):
        np.savez(name, codes=padded, counts=amounts, **({} if loud is None else {"levels": loud}))
    else:
        raise UsageError(f"{name}: codes are written as .npy or .npz, and with write_jsonl as .jsonl")


def read(path: str | os.PathLike) -> Recording:
    """Codes from .npy or .npz, of any integer type, byte order and order of the axes."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            held = np.load(file, allow_pickle=False)
            if isinstance(held, np.ndarray):
                return Recording(*_known(held, None))
            if "codes" not in held:
                raise DataError(f"{name} holds no array 'codes'; it holds {', '.join(held) or 'nothing'}")
            codes, counts = _known(held["codes"], held["counts"] if "counts" in held else None)
            return Recording(codes, counts, levels=_levels(held["levels"] if "levels" in held else None, len(codes)))
    except SottoError:
        raise
    except FileNotFoundError:
        raise NotFoundError(f"{name} isn't there") from None
    except (OSError, ValueError, EOFError, SyntaxError, BadZipFile, zlib.error) as error:
        raise DataError(f"{name} is none of NumPy's files, or damaged: {error}") from None


def write_jsonl(path: str | os.PathLike, recordings: Iterable[Recording]) -> None:
    """A line for each recording: {"id": …, "audio": …, "text": …, "levels": […], "codes": [[…], …]}, without what isn't known."""
    with open(path, "w", encoding="utf-8") as file:
        for recording in recordings:
            rows, amounts = _known(recording.codes, recording.counts)
            known = {name: getattr(recording, name) for name in ("id", "audio", "text")}
            line = {name: value for name, value in known.items() if value is not None}
            if recording.levels is not None:
                line["levels"] = _levels(recording.levels, len(rows)).tolist()
            line["codes"] = [row[:count].tolist() if count else None for row, count in zip(rows, amounts)]
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def read_jsonl(path: str | os.PathLike) -> Iterator[Recording]:
    """The recordings of a file, one after the other."""
    try:
        file = open(path, encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"{os.fspath(path)} isn't there") from None
    with file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _recording(line, f"{os.fspath(path)}, line {number}")


def _recording(line: str, place: str) -> Recording:
    try:
        known = json.loads(line)
        frames = known["codes"]
        counts = [len(frame or ()) for frame in frames]
        width = max(counts, default=0)
        rows = [[*(frame or ()), *[0] * (width - count)] for frame, count in zip(frames, counts)]
        if any(type(code) is not int for row in rows for code in row):
            raise TypeError("a code is a whole number")
        codes, counts = _known(np.array(rows, np.int64).reshape(len(rows), width), np.array(counts, np.int64))
        levels = _levels(known.get("levels"), len(rows))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DataError(f"{place}: no object with codes [[…], …]: {error}") from None
    return Recording(codes, counts, *(known.get(name) for name in ("id", "audio", "text")), levels)


def _known(codes, counts) -> tuple[np.ndarray, np.ndarray]:
    rows, amounts = _arguments.frames(codes, counts)
    if amounts is None:
        amounts = np.full(len(rows), _arguments.whole(rows.shape[1], "the number of codebooks", 0, 255), np.uint8)
    elif amounts.size and amounts.max() > rows.shape[1]:
        raise DataError(f"a frame has {amounts.max()} codes in a row of {rows.shape[1]}")
    return rows, amounts


def _levels(levels, frames: int) -> np.ndarray | None:
    if levels is None:
        return None
    rows = _arguments.array(levels, "levels")
    if rows.size == 0:
        rows = rows.astype(np.uint8)
    if rows.shape != (frames,) or rows.dtype.kind not in "iu" or (frames and not 0 <= rows.min() <= rows.max() <= 255):
        raise DataError(f"levels are whole numbers [{frames}], 0 to 255; these are {rows.dtype} {list(rows.shape)}")
    return rows.astype(np.uint8)
