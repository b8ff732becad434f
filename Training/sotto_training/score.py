"""PESQ-WB, STOI and ESTOI of the pairs that sotto_training.pairs lists, as means by system.

    pip install pesq pystoi
    python -m sotto_training.score pairs/pairs.tsv

What Sotto decodes is aligned with its original. Codec2 and Opus lag: a judge that finds their delay rates them better.
"""

import csv
import sys
from collections import defaultdict

import numpy as np
import soundfile
import soxr
from pesq import pesq
from pystoi import stoi


def load(path):
    audio, rate = soundfile.read(path)
    return audio if rate == 16000 else soxr.resample(audio, rate, 16000)


def main():
    figures, kbps = defaultdict(list), defaultdict(list)
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            a, b = load(row["ref"]), load(row["deg"])
            a, b = a[: len(b)], b[: len(a)]
            figures[row["system"]].append((pesq(16000, a, b, "wb"), stoi(a, b, 16000), stoi(a, b, 16000, extended=True)))
            kbps[row["system"]].append(float(row["kbps"]))
    print(f"{'system':16} {'clips':>5} {'kbit/s':>7} {'PESQ-WB':>8} {'STOI':>7} {'ESTOI':>7}")
    for system, values in figures.items():
        p, s, e = np.mean(values, 0)
        print(f"{system:16} {len(values):5} {np.mean(kbps[system]):7.3f} {p:8.3f} {s:7.4f} {e:7.4f}")


if __name__ == "__main__":
    main()
