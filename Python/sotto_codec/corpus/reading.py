# SPDX-License-Identifier: Apache-2.0
"""A corpus read back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from ..errors import DataError, NotFoundError
from ..model import Model
from .shards import footer, shards


def read(out: str | os.PathLike) -> Iterator[dict]:
    """The rows of a corpus, one after the other."""
    for path in _shards(out):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(256):
                yield from batch.to_pylist()


def frames(row: Mapping) -> np.ndarray:
    """A row's codes uint16 [frames, codebooks], from either form."""
    try:
        codes = np.asarray(row["codes"], np.int64).reshape(row["frames"], row["codebooks"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the row's codes aren't its number of frames and codebooks: {error}") from None
    if codes.size and not 0 <= codes.min() <= codes.max() < 1 << 16:
        raise DataError("the row has codes that aren't 0 to 65535")
    return codes.astype(np.uint16)


def decode(row: Mapping, model: Model) -> np.ndarray:
    """A row to samples float32 [n] at the model's rate, as loud as its levels say. A row of another model's is refused."""
    _is_of(row, model)
    levels = row.get("levels") if model.num_levels else None
    return model.decode(frames(row), samples=round(row["seconds"] * model.sample_rate), levels=levels)


class Summary(NamedTuple):
    """What there is to look at before training.

    Attributes:
        recordings: rows.
        failed: what isn't in them, with its reason in the shards' footers and errors.parquet.
        hours: of speech.
        duplicates: ids that come more than once.
        same_codes: rows of more than a second whose codes are, one by one, those of an earlier row.
        use: for each codebook, the share of its codes that occur.
    """

    recordings: int
    failed: int
    hours: float
    duplicates: list[str]
    same_codes: int
    use: list[float]


def check(out: str | os.PathLike, model: Model) -> Summary:
    """Reads a corpus once and counts. Codes that the model hasn't are refused, and rows of another's."""
    seen, digests, duplicates = set(), set(), []
    used = np.zeros((model.num_codebooks, model.codebook_size), bool)
    seconds = 0.0
    count = same = 0
    for row in read(out):
        codes = frames(row)
        _is_of(row, model)
        if codes.shape[1] > model.num_codebooks or (codes.size and codes.max() >= model.codebook_size):
            raise DataError(f"the row {row['id']!r} has codes that {model.name} hasn't")
        levels = row.get("levels") or []
        if levels and (len(levels) != len(codes) or max(levels) >= model.num_levels):
            raise DataError(f"the row {row['id']!r} has levels that are none of its frames'")
        count += 1
        seconds += row["seconds"]
        if row["id"] in seen:
            duplicates.append(row["id"])
        seen.add(row["id"])
        digest = hash(codes.tobytes())
        same += row["seconds"] > 1 and digest in digests
        digests.add(digest)
        for codebook, held in zip(used, codes.T):
            codebook[held] = True
    failed = sum(len(footer(path).errors) for path in _shards(out))
    return Summary(count, failed, seconds / 3600, duplicates, same, used.mean(axis=1).tolist())


def _shards(out) -> list[Path]:
    found = shards(Path(out))
    if not found:
        raise NotFoundError(f"{os.fspath(out)} holds no shards of a corpus")
    return found


def _is_of(row: Mapping, model: Model) -> None:
    if row["model"] != model.id:
        raise DataError(f"the row {row['id']!r} is of the model {row['model']}, and this one is {model.id} ({model.name})")
