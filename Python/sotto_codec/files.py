# SPDX-License-Identifier: Apache-2.0
"""Files of codes: NumPy's .npy and .npz, and .jsonl with a line for each recording. `sotto export` writes them too.

Codes that a frame doesn't have are 65535 in .npy and .npz, and not there in .jsonl; a lost frame is null there.
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
    """

    codes: np.ndarray
    counts: np.ndarray
    id: str | None = None
    audio: str | None = None
    text: str | None = None


def write(path: str | os.PathLike, codes, counts=None) -> None:
    """Codes [frames, codebooks] as a file: uint16 in .npy, or `codes` and `counts` in .npz."""
    rows, amounts = _known(codes, counts)
    padded = np.where(np.arange(rows.shape[1]) < amounts[:, None], rows, _arguments.MISSING).astype("<u2")
    name = os.fspath(path)
    if name.endswith(".npy"):
        np.save(name, padded)
    elif name.endswith(".npz"):
        np.savez(name, codes=padded, counts=amounts)
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
            return Recording(*_known(held["codes"], held["counts"] if "counts" in held else None))
    except SottoError:
        raise
    except FileNotFoundError:
        raise NotFoundError(f"{name} isn't there") from None
    except (OSError, ValueError, EOFError, SyntaxError, BadZipFile, zlib.error) as error:
        raise DataError(f"{name} is none of NumPy's files, or damaged: {error}") from None


def write_jsonl(path: str | os.PathLike, recordings: Iterable[Recording]) -> None:
    """A line for each recording: {"id": …, "audio": …, "text": …, "codes": [[…], …]}, without what isn't known."""
    with open(path, "w", encoding="utf-8") as file:
        for recording in recordings:
            rows, amounts = _known(recording.codes, recording.counts)
            known = {name: getattr(recording, name) for name in ("id", "audio", "text")}
            line = {name: value for name, value in known.items() if value is not None}
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
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DataError(f"{place}: no object with codes [[…], …]: {error}") from None
    return Recording(codes, counts, *(known.get(name) for name in ("id", "audio", "text")))


def _known(codes, counts) -> tuple[np.ndarray, np.ndarray]:
    rows, amounts = _arguments.frames(codes, counts)
    if amounts is None:
        amounts = np.full(len(rows), _arguments.whole(rows.shape[1], "the number of codebooks", 0, 255), np.uint8)
    elif amounts.size and amounts.max() > rows.shape[1]:
        raise DataError(f"a frame has {amounts.max()} codes in a row of {rows.shape[1]}")
    return rows, amounts
