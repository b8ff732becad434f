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
# What reads the transcript is the second run's too, unless it is mixed as well: the first may never have learned it.
READING = ("decoder.listener.", "decoder.text_")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", required=True, nargs=2, type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second run")
    parser.add_argument("--text", action="store_true", help="mix what reads the transcript too")
    parser.add_argument("--noise", type=float, default=0.0, help="dB by which what is decoded gets more noise")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    first, second = (trained(run) for run in arguments.runs)
    alone = ONLY_SECOND if arguments.text else ONLY_SECOND + READING
    if first["config"] != second["config"]:
        raise SystemExit("the two runs have different configurations")
    average = dict(second["average"])
    for name, value in first["average"].items():
        # Where both are the same, the sign of a zero has to stay: codes are known by the encoder's very bits.
        if value.is_floating_point() and not name.startswith(alone) and not torch.equal(value, average[name]):
            average[name] = torch.lerp(value, average[name], arguments.share)
    bins = first["config"]["synthesis"]["window"] // 2 + 1
    average["decoder.filters.bias"][2 * bins:] += arguments.noise * math.log(10) / 20
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = {name: second[name] for name in ("config", "step", "critic") if name in second}
    torch.save({"average": average, **kept}, arguments.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
