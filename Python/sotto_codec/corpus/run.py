# SPDX-License-Identifier: Apache-2.0
"""A corpus on one machine: processes make rows, and this one writes them in the manifest's order."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from .. import _arguments
from ..errors import SottoError
from .manifest import Item
from .plan import Plan
from .progress import Progress
from .rows import Making, model_of, row
from .shards import Footer, footer, remove_parts, shard, shards, write_errors, write_shard

BATCH = 8
"""Recordings that a process is handed at once."""


class Outcome(NamedTuple):
    """What a corpus holds now: recordings, their seconds, and how many couldn't be made; those are in errors.parquet."""

    recordings: int
    seconds: float
    failed: int


def tokenize(
    manifest: str | os.PathLike,
    out: str | os.PathLike,
    model="sotto-16k",
    codes: int | None = None,
    workers: int | None = None,
    *,
    by_frame: bool = False,
    alignment: bool = False,
    shard_size: int = 1000,
    progress: bool = False,
) -> Outcome:
    """Makes OUT/shard-00000.parquet and so on, and OUT/errors.parquet at the end. Shards that are there are skipped.

    Processes are spawned: a script that calls it does so under `if __name__ == "__main__":`.

    Args:
        manifest: see `items`.
        out: a folder; it is made, or holds what an earlier run with the same arguments made.
        model: what `sotto_codec.load` takes, or gives.
        codes: how many codes the frames get; None for one of every codebook.
        workers: processes; None for as many as there are processors. The result doesn't depend on it.
        by_frame: `codes` is a list for each frame; else one list of all, frame after frame.
        alignment: adds when each word is said, where the text is known, and how well the text fits.
        shard_size: recordings of a shard.
        progress: shown on standard error.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else _arguments.whole(workers, "workers", 1, 1024)
    plan = Plan.make(manifest, out, Making.checked(model, codes, by_frame, alignment), shard_size)
    shown = Progress(plan.count, progress)
    for path in shards(plan.out):
        there = footer(path)
        shown.skip(there.rows + len(there.errors), there.seconds)
    for number, rows, errors in _made(plan, count, shown):
        write_shard(plan.out, number, plan.making, rows, errors)
    shown.end()
    return conclude(plan)


def conclude(plan: Plan) -> Outcome:
    """Writes errors.parquet when all shards are there."""
    footers: list[Footer] = [footer(shard(plan.out, number)) for number in range(plan.shard_count)]
    write_errors(plan.out, footers)
    remove_parts(plan.out)
    failed = sum(len(held.errors) for held in footers)
    return Outcome(sum(held.rows for held in footers), sum(held.seconds for held in footers), failed)


def rows_and_errors(items: Iterable[Item], making: Making) -> tuple[list[dict], list[dict]]:
    """The rows of recordings, and {"id", "audio", "reason"} of those that have none."""
    rows, errors = [], []
    for item in items:
        made, reason = row(item, making)
        if made is None:
            errors.append({"id": item.id, "audio": item.audio.encode("utf-8", "backslashreplace").decode(), "reason": reason})
        else:
            rows.append(made)
    return rows, errors


def _made(plan: Plan, workers: int, shown: Progress) -> Iterator[tuple[int, list[dict], list[dict]]]:
    """Whole shards in their order; a few batches for each process are on their way."""
    waiting: deque = deque()
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin, (plan.making.model,))
    rows, errors = [], []
    try:
        for number, items, last in _batches(plan):
            waiting.append((number, last, pool.submit(rows_and_errors, items, plan.making)))
            if len(waiting) < 4 * workers:
                continue
            yield from _take(waiting, rows, errors, shown)
        while waiting:
            yield from _take(waiting, rows, errors, shown)
    except BrokenProcessPool:
        raise SottoError("a process was killed, perhaps for want of memory; shards so far are whole, start again") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _take(waiting: deque, rows: list, errors: list, shown: Progress) -> Iterator[tuple[int, list[dict], list[dict]]]:
    number, last, batch = waiting.popleft()
    made, failed = batch.result()
    rows += made
    errors += failed
    shown.add(len(made) + len(failed), sum(each["seconds"] for each in made))
    if last:
        yield number, rows, errors
        rows.clear()
        errors.clear()


def _batches(plan: Plan) -> Iterator[tuple[int, list[Item], bool]]:
    for number, held in plan.left():
        for start in range(0, len(held), BATCH):
            yield number, held[start : start + BATCH], start + BATCH >= len(held)


def _begin(model: str) -> None:
    # A process whose parent was killed would wait for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    model_of(model)


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
