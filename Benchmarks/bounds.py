#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peak memory and CPU time of each command by the length of what it is given: speech, token files, streams, arrays.

    Benchmarks/bounds.py [--minutes 1 5 25]

Speech is Samples/sermons.flac over and over, decoded to a WAV file by the command itself. Prints a row for each command, and fails if the
longest input takes more memory than the shortest by more than a bound: of a stream nothing stays, of a recording its codes.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOTTO = ROOT / ".build/release/sotto"
RATE = 16000
# Bytes of memory that may come with each second of speech: of a stream none but the measurement's own, of a recording 12.5 frames of
# codes, once or as JSON.
STREAM, CODES, JSON = 200, 3000, 6000


def run(arguments, source=None, sink=None):
    """Peak memory in bytes, and CPU seconds."""
    pid = os.fork()
    if pid == 0:
        if source:
            os.dup2(os.open(source, os.O_RDONLY), 0)
        if sink:
            os.dup2(os.open(sink, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.execv(SOTTO, [SOTTO, *arguments])
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"sotto {' '.join(map(str, arguments))} failed")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def wav(path, speech, seconds):
    """16-bit WAV of so many seconds."""
    size = 2 * RATE * seconds
    number = lambda value, count: value.to_bytes(count, "little")
    with open(path, "wb") as file:
        file.write(b"RIFF" + number(36 + size, 4) + b"WAVEfmt " + number(16, 4) + number(1, 2) + number(1, 2))
        file.write(number(RATE, 4) + number(2 * RATE, 4) + number(2, 2) + number(16, 2) + b"data" + number(size, 4))
        for start in range(0, size, len(speech)):
            file.write(speech[: size - start])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 5, 25])
    minutes = parser.parse_args().minutes
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        place = lambda name: str(Path(folder) / name)
        run(["encode", ROOT / "Samples/sermons.flac", "-o", place("short.sotto")])
        run(["decode", place("short.sotto"), "-o", place("short.wav")])
        speech = Path(place("short.wav")).read_bytes()[44:]
        for length in minutes:
            wav(place("x.wav"), speech, 60 * length)
            Path(place("x.raw")).write_bytes(Path(place("x.wav")).read_bytes()[44:])
            for name, bound, arguments, source, sink in [
                ("encode", CODES, ["encode", "--force", place("x.wav"), "-o", place("x.sotto")], None, None),
                ("decode", CODES, ["decode", "--force", place("x.sotto"), "-o", place("y.wav")], None, None),
                ("inspect --verify", CODES, ["inspect", "--verify", place("x.sotto")], None, os.devnull),
                ("export to .npy", CODES, ["export", "--force", place("x.sotto"), "-o", place("x.npy")], None, None),
                ("export to .json", JSON, ["export", "--force", place("x.sotto"), "-o", place("x.json")], None, None),
                ("decode of .npy", CODES, ["decode", "--force", place("x.npy"), "-o", place("y.wav")], None, None),
                ("decode of .json", JSON, ["decode", "--force", place("x.json"), "-o", place("y.wav")], None, None),
                ("stream encode", STREAM, ["stream", "encode"], place("x.raw"), place("x.packets")),
                ("stream decode", STREAM, ["stream", "decode"], place("x.packets"), os.devnull),
            ]:
                memory, seconds = run(arguments, source, sink)
                rows.setdefault(name, (bound, []))[1].append((memory, seconds))
    print("| command | " + " | ".join(f"{length} minutes" for length in minutes) + " | bytes more for a second |")
    failed = []
    for name, (bound, figures) in rows.items():
        more = (figures[-1][0] - figures[0][0]) / (60 * (minutes[-1] - minutes[0]))
        cells = [f"{memory / 1e6:.0f} MB, {seconds:.1f} s" for memory, seconds in figures]
        print(f"| `{name}` | " + " | ".join(cells) + f" | {more:.0f} |")
        if more > bound:
            failed.append(f"{name} takes {more:.0f} bytes more for each second of speech, above {bound}")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
