#!/usr/bin/env python3
"""What transcripts take in token files, beside zlib: a line for each group of a list.

    Benchmarks/text_bits.py --command .build/release/sotto texts.tsv

The TSV has the columns text and group, and seconds if bit/s are asked for too. Each text is stored with a second of silence by `sotto encode`, and the
bytes counted that its chunk has for it; zlib has level 9, and plain UTF-8 counts where that is shorter.
"""

import argparse
import csv
import struct
import subprocess
import tempfile
import wave
import zlib
from pathlib import Path


def stored(file: bytes) -> int:
    """Bytes of the text in its chunk; all chunks are sound."""
    at = 40
    while at < len(file):
        kind, length = struct.unpack_from("<cI", file, at + 1)
        if kind == b"T":
            return length - 8
        at += 14 + length
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", required=True, help="the sotto to measure")
    parser.add_argument("list", type=Path)
    arguments = parser.parse_args()
    groups = {}
    with tempfile.TemporaryDirectory() as folder, open(arguments.list, encoding="utf-8", newline="") as file:
        silence, tokens, transcript = (f"{folder}/{name}" for name in ("silence.wav", "tokens.sotto", "text.txt"))
        with wave.open(silence, "wb") as audio:
            audio.setparams((1, 2, 16000, 0, "NONE", ""))
            audio.writeframes(bytes(32000))
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            text = row["text"].encode()
            Path(transcript).write_bytes(text)
            subprocess.run([arguments.command, "encode", "--force", "--codes", "1", silence, "-o", tokens, "--text-file", transcript],
                           check=True, stderr=subprocess.DEVNULL)
            sums = groups.setdefault(row["group"], [0, 0, 0, 0, 0, 0.0])
            for place, value in enumerate((1, len(row["text"]), len(text), min(len(text), len(zlib.compress(text, 9))),
                                           stored(Path(tokens).read_bytes()), float(row.get("seconds") or 0))):
                sums[place] += value
    print("| texts | letters | UTF-8 | zlib | stored | bits a letter, zlib | stored | bit/s, zlib | stored |\n|---" + "|---" * 8 + "|")
    for group, (count, letters, plain, deflated, kept, seconds) in groups.items():
        rates = [f"{8 * size / seconds:.0f}" if seconds else "" for size in (deflated, kept)]
        print(f"| {group}, {count} | {letters} | {plain} | {deflated} | {kept} | {8 * deflated / letters:.2f} | {8 * kept / letters:.2f} | {rates[0]} | {rates[1]} |")


if __name__ == "__main__":
    main()
