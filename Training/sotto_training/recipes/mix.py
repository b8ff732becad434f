"""Averages the weights of two runs that went on from one: what each gained often adds up (Wortsman et al. 2022).

    python -m sotto_training.recipes.mix --runs runs/a runs/b --share 0.5 --out runs/mixed

The energy distance leaves somewhat more noise than listeners want; --noise takes some of it off again.
"""

import argparse
import math
from pathlib import Path

import torch

# What reads the transcript is the second run's alone: the first may never have learned it.
ONLY_SECOND = ("decoder.listener.", "decoder.text_")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", required=True, nargs=2, type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second run")
    parser.add_argument("--noise", type=float, default=0.0, help="dB by which what is decoded gets more noise")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    first, second = (torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True) for run in arguments.runs)
    if first["config"] != second["config"]:
        raise SystemExit("the two runs have different configurations")
    average = dict(second["average"])
    for name, value in first["average"].items():
        if value.is_floating_point() and not name.startswith(ONLY_SECOND):
            average[name] = torch.lerp(value, average[name], arguments.share)
    bins = first["config"]["synthesis"]["window"] // 2 + 1
    average["decoder.filters.bias"][2 * bins:] += arguments.noise * math.log(10) / 20
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.save({"average": average, "config": first["config"], "step": second["step"]}, arguments.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
