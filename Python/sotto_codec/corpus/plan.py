# SPDX-License-Identifier: Apache-2.0
"""What a run is to do: noted in OUT/corpus.json, so that a second run goes on with the same or is refused."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from .. import _arguments
from ..errors import DataError, UsageError
from .manifest import Item, is_address, items
from .rows import Making, model_of
from .shards import shard, shards, whole


class Plan(NamedTuple):
    """Which recordings go to which shard: each `shard_size` of them in the manifest's order are one."""

    manifest: str
    out: Path
    making: Making
    shard_size: int
    count: int

    @property
    def shard_count(self) -> int:
        """How many shards there will be."""
        return -(-self.count // self.shard_size)

    def left(self) -> Iterator[tuple[int, list[Item]]]:
        """The shards that aren't there yet, and their recordings."""
        every = items(self.manifest)
        for number in range(self.shard_count):
            held = list(islice(every, self.shard_size))
            if not shard(self.out, number).exists():
                yield number, held

    @staticmethod
    def make(manifest, out, making: Making, shard_size: int) -> Plan:
        """Reads the manifest once, and notes or compares what it is."""
        size = _arguments.whole(shard_size, "the recordings of a shard", 1, 1 << 24)
        if is_address(os.fspath(out)):
            raise UsageError(f"{out}: shards are written to a folder; copy it to the store when it is complete")
        place = Path(out)
        count, identity = _identity(manifest)
        model = model_of(making.model)
        known = {
            "model": model.id,
            **{name: value for name, value in making._asdict().items() if name != "model"},
            "shard_size": size,
            "recordings": count,
            "manifest": identity,
        }
        place.mkdir(parents=True, exist_ok=True)
        _note(place, known)
        return Plan(os.fspath(manifest), place, making, size, count)


def _identity(manifest) -> tuple[int, str]:
    seen, digest = set(), hashlib.sha256()
    for item in items(manifest):
        name = int.from_bytes(hashlib.blake2b(item.id.encode(), digest_size=8).digest(), "little")
        if name in seen:
            raise DataError(f"{os.fspath(manifest)}: the id {item.id!r} comes twice")
        seen.add(name)
        said = json.dumps([item.id, item.offset, item.size, item.text, item.speaker])
        digest.update(said.encode() + os.fsencode(item.audio) + b"\n")
    if not seen:
        raise DataError(f"{os.fspath(manifest)} names no recordings")
    return len(seen), digest.hexdigest()


def _note(out: Path, known: dict) -> None:
    note = out / "corpus.json"
    try:
        held = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if shards(out):
            raise UsageError(f"{out} holds shards of something else; name an empty folder") from None
        with whole(note) as file:
            file.write(json.dumps(known, indent=1).encode() + b"\n")
        return
    except ValueError as error:
        raise DataError(f"{note} is damaged: {error}") from None
    others = [name for name in known if not isinstance(held, dict) or held.get(name) != known[name]]
    if others:
        raise UsageError(f"{out} was begun with another {', '.join(others)}; go on with the same or name an empty folder")
