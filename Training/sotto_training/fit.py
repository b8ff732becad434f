"""Fits the codebooks to what a trained encoder says of the training clips, by k-means stage after stage.

    python -m sotto_training.fit --data data --run runs/encoder --out runs/encoder/fitted.pt

What it writes is what `train --start` goes on from: from then on the encoder and the codes stay as they are, and the decoder
learns to read them. Prints for each codebook what is left of its half's variance, on latents it was fitted to and on others.
"""

import argparse
from pathlib import Path

import torch

from .data import TrainingClips
from .model import Codec


def nearest(x, centres):
    """x [n, d], centres [k, d] -> index of the nearest, [n]."""
    squares = centres.square().sum(1)
    return torch.cat([(squares - 2 * part @ centres.T).argmin(1) for part in x.split(8192)])


def kmeans(x, count: int, rounds: int):
    """Lloyd's algorithm from random points; a centre that nothing is near starts again at a random point."""
    centres = x[torch.randperm(len(x))[:count]].clone()
    for _ in range(rounds):
        index = nearest(x, centres)
        used = torch.bincount(index, minlength=count)
        centres = torch.zeros_like(centres).index_add_(0, index, x) / used[:, None].clamp(min=1)
        lost = used == 0
        if lost.any():
            centres[lost] = x[torch.randint(len(x), (int(lost.sum()),))]
    return centres


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--run", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--frames", type=int, default=400_000, help="token frames to fit to")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    state = torch.load(arguments.run / "checkpoint.pt", map_location="cpu", weights_only=True)
    codec = Codec(state["config"])
    codec.load_state_dict(state["average"])
    codec.eval()
    clips = TrainingClips(arguments.data / "train", codec.config, arguments.seed + 1000)
    lead, parts = codec.config["synthesis"]["pitch_lead"], []
    with torch.no_grad():
        while sum(map(len, parts)) < arguments.frames:
            (audio, log_f0, voiced, _), _ = clips.batch(40, 256)
            features = codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead])
            parts.append(codec.encoder(features).flatten(0, 1))
    latents = torch.cat(parts)
    quantizer, kept = codec.quantizer, len(latents) * 19 // 20
    for number in range(len(quantizer.codebooks)):
        if number % quantizer.half == 0:
            own = slice(0, quantizer.coarse) if number == 0 else slice(quantizer.coarse, None)
            residual = latents[:, own].clone()
            whole = residual.var(0).sum()
        centres = kmeans(residual[:kept], quantizer.codebooks.shape[1], arguments.rounds)
        # As exported, so that the codes are those of the product.
        centres = centres.half().float()
        index = nearest(residual, centres)
        residual -= centres[index]
        quantizer.codebooks[number].zero_()
        quantizer.codebooks[number][:, own] = centres
        share = torch.bincount(index[kept:], minlength=len(centres)) / (len(index) - kept)
        perplexity = float((-(share * (share + 1e-9).log()).sum()).exp())
        fitted, others = (float(part.square().sum(1).mean() / whole) for part in (residual[:kept], residual[kept:]))
        print(f"codebook {number + 1}: left {fitted:.4f}, on others {others:.4f}, perplexity {perplexity:.0f}", flush=True)
    quantizer.fitted.fill_(True)
    torch.save({"average": codec.state_dict(), "config": codec.config}, arguments.out)


if __name__ == "__main__":
    main()
