#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Processor time and memory of a corpus made of the samples, over and over. Run it where sotto-codec[corpus] is installed.

    Python/.venv/bin/python Benchmarks/corpus.py [--clips 10000] [--seconds 0.5] [--workers 1] [--model sotto-16k]
"""

import argparse
import json
import resource
import tempfile
import threading
import time
from pathlib import Path

import soundfile
from sotto_codec import corpus

SAMPLES = Path(__file__).parents[1] / "Samples"


def megabytes() -> float:
    """What this process and those that it started hold now; memory that they share is divided among them."""
    total, waiting = 0, ["self"]
    while waiting:
        process = Path("/proc", waiting.pop())
        try:
            total += int((process / "smaps_rollup").read_text().split("Pss:")[1].split()[0])
            waiting += [child for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
        except (OSError, IndexError):
            pass
    return total / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--model", default="sotto-16k")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, cut = Path(name), []
        for path in sorted(SAMPLES.glob("*.flac")):
            samples, rate = soundfile.read(path, dtype="int16")
            soundfile.write(folder / path.name, samples[: int(given.seconds * rate)], rate)
            cut.append(path.name)
        lines = (json.dumps({"id": str(number), "audio": cut[number % len(cut)]}) for number in range(given.clips))
        (folder / "manifest.jsonl").write_text("\n".join(lines))
        held, done = [], threading.Event()

        def watch():
            while not done.wait(1):
                held.append(megabytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        begin = time.monotonic()
        made = corpus.tokenize(folder / "manifest.jsonl", folder / "out", given.model, workers=given.workers, progress=True)
        wall = time.monotonic() - begin
        done.set()
        watcher.join()
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu = sum(each.ru_utime + each.ru_stime for each in used)
        print(f"{made.recordings} recordings, {made.seconds / 3600:.2f} hours, {given.workers} workers")
        print(f"{made.seconds / cpu:.0f} x real time a core by processor time; {made.seconds / wall:.0f} x by the clock")
        fifths = [max(held[len(held) * i // 5 : len(held) * (i + 1) // 5], default=0) for i in range(5)]
        print("MB held at most, in each fifth of the run: " + ", ".join(f"{each:.0f}" for each in fifths))


if __name__ == "__main__":
    main()
