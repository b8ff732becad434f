# SPDX-License-Identifier: Apache-2.0
"""Small corpora, cut from the samples."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import speech, words

MODEL = "sotto-16k-6hz"
"""The smaller one: what these tests are about doesn't depend on it."""


def clips(folder: Path, count: int, seconds: float = 0.4) -> Path:
    """Files of speech, each another piece; every tenth is at 8 kHz with two channels, and has a text beside it."""
    folder.mkdir(parents=True)
    held = np.concatenate([speech("campfire"), speech("sermons"), speech("strikes")])
    size = int(seconds * 16_000)
    for number in range(count):
        start = number * 997 % (len(held) - size)
        clip = held[start : start + size]
        if number % 10 == 0:
            soundfile.write(folder / f"{number:05}.flac", np.stack([clip[::2]] * 2, axis=1), 8000)
            (folder / f"{number:05}.txt").write_text(words(), encoding="utf-8")
        else:
            soundfile.write(folder / f"{number:05}.wav", clip, 16_000)
    return folder


def held(out: Path) -> list[dict]:
    """The rows of all shards, in their order."""
    return [row for path in sorted(out.glob("shard-*.parquet")) for row in pq.read_table(path).to_pylist()]


def failed(out: Path) -> dict[str, str]:
    """What errors.parquet says."""
    return {row["id"]: row["reason"] for row in pq.read_table(out / "errors.parquet").to_pylist()}


def shard_bytes(out: Path) -> dict[str, bytes]:
    """Shards by name."""
    return {path.name: path.read_bytes() for path in out.glob("shard-*.parquet")}
