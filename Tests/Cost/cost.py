#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a second of speech take no more instructions than it should?

    cost.py [--command .build/release/sotto] [--record]

Encodes and decodes one and two seconds under `valgrind --tool=callgrind`: what the second one takes more is the cost of a second,
without the start; what is left of the first one is the start. Fails if one is over its bound in bounds.tsv. Valgrind has no AVX-512, so
products are counted as AVX2 does them, and no instructions for SHA-256. Instructions aren't time, but they are the same on a busy
machine. `--record` writes the bounds anew, 3 % above what is counted: only where it is meant to cost more, or has come to cost less.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import wave

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
BOUNDS = FOLDER / "bounds.tsv"
ROOM = 1.03


# The same model in all of it, whatever the caller's environment names.
ENVIRONMENT = os.environ | {"SWIFT_DETERMINISTIC_HASHING": "1", "SOTTO_MODEL": str(ROOT / "Models/sotto-16k.safetensors")}


def instructions(*command):
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, command)]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not counted:
        sys.exit(f"cost: {' '.join(words)} failed: {done.stderr.strip()[-300:]}")
    return int(counted[1])


def count(command, folder):
    """Instructions of each side: to start, and for a second of speech."""
    sotto = folder / "sotto"
    # Valgrind stumbles over what debuggers read.
    subprocess.run(["strip", "-o", sotto, command], check=True)
    whole = folder / "whole.wav"
    subprocess.run([command, "encode", ROOT / "Samples/campfire.flac", "-o", folder / "whole.sotto"], check=True, env=ENVIRONMENT)
    subprocess.run([command, "decode", folder / "whole.sotto", "-o", whole], check=True, env=ENVIRONMENT)
    sides = {"encode": [], "decode": []}
    for seconds in (1, 2):
        speech, tokens = folder / f"{seconds}.wav", folder / f"{seconds}.sotto"
        with wave.open(str(whole)) as source, wave.open(str(speech), "wb") as part:
            part.setparams((1, 2, 16000, 0, "NONE", ""))
            source.setpos(8000)
            part.writeframes(source.readframes(16000 * seconds))
        sides["encode"].append(instructions(sotto, "encode", speech, "-o", tokens))
        sides["decode"].append(instructions(sotto, "decode", tokens, "-o", folder / f"{seconds}.out.wav"))
    return {f"{side} {part}": value for side, (one, two) in sides.items()
            for part, value in (("a second", two - one), ("start", 2 * one - two))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default=str(ROOT / ".build/release/sotto"))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = count(options.command, pathlib.Path(folder))
    if options.record:
        lines = [f"{name}\t{round(value * ROOM / 1e5) / 10}\n" for name, value in counted.items()]
        BOUNDS.write_text("# The most millions of instructions that each may take; see cost.py.\n" + "".join(lines))
    rows = [line.split("\t") for line in BOUNDS.read_text().splitlines() if not line.startswith("#")]
    bounds = {name: float(bound) for name, bound in rows}
    failed = bounds.keys() != counted.keys()
    for name, value in counted.items():
        bound = bounds.get(name, 0)
        failed |= value / 1e6 > bound
        print(f"cost: {name}: {value / 1e6:.1f} of {bound} million instructions{' TOO MANY' if value / 1e6 > bound else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
