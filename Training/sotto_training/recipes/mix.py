"""Averages the weights of two runs that went on from one: what each gained often adds up (Wortsman et al. 2022).

    python -m sotto_training.recipes.mix --runs runs/a runs/b --share 0.5 --out runs/mixed

Either may be an exported model, such as the one that both went on from: the mixture then lies between it and the other run. The energy distance leaves somewhat more noise than listeners want; --noise takes some of it off again.
"""

import argparse
import math
from pathlib import Path

import torch

from ..model.weights import trained

# What only training needs is the second run's: exported models lack it.
ONLY_SECOND = ("decoder.auxiliary.",)
READING = ("decoder.listener.", "decoder.text_")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", required=True, nargs=2, type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second run")
    parser.add_argument("--text", choices=("first", "second", "mixed"), default="second",
                        help="whose is what reads the transcript: the first run may never have learned it")
    parser.add_argument("--noise", type=float, default=0.0, help="dB by which what is decoded gets more noise")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    first, second = (trained(run) for run in arguments.runs)
    reading = {"first": 0.0, "second": 1.0, "mixed": arguments.share}[arguments.text]
    if first["config"] != second["config"]:
        raise SystemExit("the two runs have different configurations")
    average = dict(second["average"])
    for name, value in first["average"].items():
        # Where both are the same, the sign of a zero has to stay: codes are known by the encoder's very bits.
        if value.is_floating_point() and not name.startswith(ONLY_SECOND) and not torch.equal(value, average[name]):
            average[name] = torch.lerp(value, average[name], reading if name.startswith(READING) else arguments.share)
    bins = first["config"]["synthesis"]["window"] // 2 + 1
    average["decoder.filters.bias"][2 * bins:] += arguments.noise * math.log(10) / 20
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = {name: second[name] for name in ("config", "step", "critic") if name in second}
    torch.save({"average": average, **kept}, arguments.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
