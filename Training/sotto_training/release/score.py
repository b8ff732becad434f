"""PESQ-WB, STOI and ESTOI of the pairs that `sotto bench --keep` and the commands of `release` list, as means by system.

    pip install pesq pystoi
    python -m sotto_training.score pairs/pairs.tsv
    python -m sotto_training.score bench-report/pairs.tsv --out judge.json     # for sotto bench --join

All of them are in step with their originals.
"""

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
import soxr
from pesq import pesq
from pystoi import stoi


def load(path):
    audio, rate = soundfile.read(path)
    return audio if rate == 16000 else soxr.resample(audio, rate, 16000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures of every pair")
    arguments = parser.parse_args()
    files, kbps = [], defaultdict(list)
    with open(arguments.pairs, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            a, b = (load(arguments.pairs.parent / row[name]) for name in ("ref", "deg"))
            a, b = a[: len(b)], b[: len(a)]
            files.append({"ref": row["ref"], "deg": row["deg"], "system": row["system"],
                          "pesq_wb": pesq(16000, a, b, "wb"), "stoi": float(stoi(a, b, 16000)),
                          "estoi": float(stoi(a, b, 16000, extended=True))})
            kbps[row["system"]].append(float(row.get("kbps", "nan")))
    print(f"{'system':16} {'clips':>5} {'kbit/s':>7} {'PESQ-WB':>8} {'STOI':>7} {'ESTOI':>7}")
    for system, rates in kbps.items():
        values = [[file[key] for key in ("pesq_wb", "stoi", "estoi")] for file in files if file["system"] == system]
        p, s, e = np.mean(values, 0)
        print(f"{system:16} {len(values):5} {np.mean(rates):7.3f} {p:8.3f} {s:7.4f} {e:7.4f}")
    if arguments.out:
        arguments.out.write_text(json.dumps({"files": files}, indent=1) + "\n")


if __name__ == "__main__":
    main()
