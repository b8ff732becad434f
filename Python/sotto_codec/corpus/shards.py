# SPDX-License-Identifier: Apache-2.0
"""A shard: a Parquet file that is there as a whole or not at all, with what failed in its footer."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError
from .rows import Making

ERRORS = pa.schema([("id", pa.string()), ("audio", pa.string()), ("reason", pa.string())])

_KEY = b"sotto.corpus"


class Footer(NamedTuple):
    """What a shard says of itself: its rows, their seconds, and {"id", "audio", "reason"} of what isn't in it."""

    rows: int
    seconds: float
    errors: list[dict]


def shard(out: Path, number: int) -> Path:
    """Where a shard lies."""
    return out / f"shard-{number:05}.parquet"


def shards(out: Path) -> list[Path]:
    """The whole shards of a corpus, in their order."""
    return sorted(out.glob("shard-*.parquet"), key=lambda path: (len(path.name), path.name))


def write_shard(out: Path, number: int, making: Making, rows: list[dict], errors: list[dict]) -> Footer:
    """Writes a shard under a temporary name and gives it its own when it is whole."""
    footer = Footer(len(rows), sum(row["seconds"] for row in rows), errors)
    held = json.dumps({"seconds": footer.seconds, "errors": errors}).encode()
    schema = making.schema.with_metadata({_KEY: held})
    write_table(pa.Table.from_pylist(rows, schema=schema), shard(out, number))
    return footer


def footer(path: Path) -> Footer:
    """What a shard says of itself; its rows aren't read."""
    try:
        held = pq.read_metadata(path)
        known = json.loads(held.metadata[_KEY])
        return Footer(held.num_rows, known["seconds"], known["errors"])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is no shard of a corpus: {error}; delete it to have it made anew") from None


def write_errors(out: Path, footers: Iterable[Footer]) -> None:
    """Writes errors.parquet: what no shard has, and why; without rows if there is nothing."""
    failed = [error for footer in footers for error in footer.errors]
    write_table(pa.Table.from_pylist(failed, schema=ERRORS), out / "errors.parquet")


def write_table(table: pa.Table, path: Path) -> None:
    """Writes a table that appears as a whole."""
    with whole(path) as file:
        pq.write_table(table, file, compression="zstd")


class whole:
    """A file that gets its name when it is written; another process may write the same one."""

    def __init__(self, path: Path):
        self.path = path
        self.part = path.parent / f".{path.name}.{socket.gethostname()}-{os.getpid()}.part"

    def __enter__(self):
        self.file = open(self.part, "wb")
        return self.file

    def __exit__(self, kind, *_):
        with self.file:
            if kind is None:
                self.file.flush()
                os.fsync(self.file.fileno())
        if kind is None:
            os.replace(self.part, self.path)
        else:
            self.part.unlink(missing_ok=True)


def remove_parts(out: Path) -> None:
    """Removes what killed runs left behind."""
    for part in out.glob(".*.part"):
        part.unlink(missing_ok=True)
