"""Fits the codebooks to what a trained encoder says of the training clips: by k-means stage after stage, then all
together.

    python -m sotto_training.recipes.fit --data data --run runs/encoder --out runs/encoder/fitted.pt

What it writes is what `train --start` goes on from: from then on the encoder and the codes stay as they are, and the decoder
learns to read them. How many codes a frame needs, where that may vary, is found too. Prints what is left of the variance with the
first codebooks, on latents that they were not fitted to, and how the codes are used. With --again it begins with the codebooks
that there are; --rounds 0 then only refines them, and --refining 0 too leaves them as they are, but for the first one's order.
With --config, it makes codebooks as that says for the encoder and decoder of a run, such as one large one. With --kind, it makes others
than residual ones, to compare with (`kinds`). With --same, all frames have the same number of codes.
"""

import argparse
import json
from pathlib import Path

import torch

from ..data.clips import TrainingClips
from ..model.codec import Codec
from ..model.quantizer import BEAM, search
from ..model.weights import trained
from . import depths
from .kinds import KINDS, residual


# Token frames, as recorded, by which it is found how many codes a frame needs, and a third of them of the main corpus, which are
# to have just so many on average.
DEPTH_FRAMES = 60_000
# How much what is left with one, two, ... codebooks counts in `refined`.
COUNTS = (1.0, 1.0, 0.7, 1.5, 0.5, 0.7, 0.5, 2.0)


def rows_of(latent, stack: int):
    """latent [batch, time, dimensions] -> any `stack` of them that follow each other [n, stack dimensions]."""
    parts = (latent[:, first: first + (latent.shape[1] - first) // stack * stack] for first in range(stack))
    return torch.cat([part.reshape(-1, stack * latent.shape[2]) for part in parts])


@torch.no_grad()
def latents_of(codec: Codec, batch, count: int):
    """What the encoder says of batches of (audio, log_f0, voiced), until there are `count` rows [n, stack dimensions]."""
    lead, parts = codec.config["synthesis"]["pitch_lead"], []
    while sum(map(len, parts)) < count:
        audio, log_f0, voiced = batch()
        parts.append(rows_of(codec.encoder(codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead])), codec.quantizer.stack))
    return torch.cat(parts)


def found(x, books, beam: int):
    """-> the best codes of each row of x [n, d] with one of the books, with two, ...: as `search`, of any number of rows."""
    return [torch.cat(parts) for parts in zip(*(search(part, books, beam) for part in x.split(4096)))]


def left(x, books, codes) -> list[float]:
    """What is left of x [n, d], squared, on average, with each of the sequences of codes."""
    return [float((x - sum(book[code] for book, code in zip(books, row.T))).square().sum(1).mean()) for row in codes]


def refined(x, books, counts, rounds: int, beam: int = 8):
    """Searches the codes and solves for all codebooks at once, in turns (as Martinez et al. 2018, "LSQ++"), so that what is left
    with one, two, ... of them, each over what was left of it before, becomes less. x [n, d], books [m, codes, d]."""
    size, m = books.shape[1], len(books)
    for number in range(rounds):
        codes = found(x, books, beam)
        remaining = left(x, books, codes)
        print(f"round {number + 1}: left {' '.join(f'{value:.4f}' for value in remaining)}", flush=True)
        pairs = torch.zeros(m, size, m, size, dtype=torch.double)
        sums = torch.zeros(m, size, x.shape[1], dtype=torch.double)
        for row, count, value in zip(codes, counts, remaining):
            for i in range(row.shape[1]):
                sums[i].index_add_(0, row[:, i], (x * (count / value)).double())
                for j in range(row.shape[1]):
                    pairs[i, :, j] += count / value * torch.bincount(
                        row[:, i] * size + row[:, j], minlength=size * size).view(size, size)
        pairs, sums = pairs.view(m * size, m * size), sums.view(m * size, -1)
        # Codes that are hardly used stay where they are.
        inertia = pairs.diagonal().mean() / 200
        pairs.diagonal().add_(inertia)
        solved = torch.cholesky_solve(sums + inertia * books.flatten(0, 1), torch.linalg.cholesky(pairs))
        books = solved.float().view_as(books)
    return books


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--run", required=True, type=Path, help="a run's folder, or an exported model")
    parser.add_argument("--config", type=Path, help="whose quantizer to make, if not the run's")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--frames", type=int, default=400_000, help="token frames to fit to")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--refining", type=int, default=8, help="rounds that all codebooks are fitted in together")
    parser.add_argument("--kind", choices=sorted(KINDS), default="residual")
    parser.add_argument("--same", action="store_true", help="leave out how many codes a frame needs")
    parser.add_argument("--again", action="store_true", help="begin with the codebooks that the run has")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.again and (arguments.config or arguments.kind != "residual"):
        parser.error("--again goes on with the run's codebooks; --config and --kind make others")
    torch.manual_seed(arguments.seed)
    state = trained(arguments.run)
    if arguments.config:
        state["config"] = json.loads(arguments.config.read_text())
    codec = Codec(state["config"])
    known = codec.state_dict()
    codec.load_state_dict({name: x for name, x in state["average"].items() if name in known and x.shape == known[name].shape}, strict=False)
    codec.eval()
    quantizer = codec.quantizer
    clips = TrainingClips(arguments.data / "train", codec.config, arguments.seed + 1000)
    latents = latents_of(codec, lambda: clips.batch(40, 256)[0][:3], arguments.frames)
    kept = len(latents) * 19 // 20
    x, others = latents[:kept], latents[kept:]
    count, size = quantizer.codebooks.shape[:2]
    if arguments.kind == "residual":
        books = residual(x, count, size, arguments.rounds, quantizer.codebooks if arguments.again else None)
        books = refined(x, books, COUNTS, arguments.refining)
    else:
        books = KINDS[arguments.kind](x, count, size, arguments.rounds)
    # Rounded as they are exported, so that the codes are those of the product.
    quantizer.codebooks.copy_(books.half())
    if count > 1 and not arguments.same:
        depths.fit(quantizer, latents_of(codec, lambda: clips.as_recorded(40, 256), DEPTH_FRAMES),
                   latents_of(codec, lambda: clips.as_recorded(10, 1024, main=True), DEPTH_FRAMES // 3))
    codes, whole = found(others, quantizer.codebooks, BEAM), float(x.var(0).sum())
    print("left on others", *(f"{value / whole:.4f}" for value in left(others, quantizer.codebooks, codes)))
    for number, row in enumerate(codes[-1].T, 1):
        share = torch.bincount(row, minlength=quantizer.codebooks.shape[1]) / len(row)
        perplexity = float((-(share * (share + 1e-9).log()).sum()).exp())
        print(f"codebook {number}: {100 * float((share > 0).float().mean()):.1f} % of the codes used, "
              f"perplexity {perplexity:.0f}", flush=True)
    quantizer.fitted.fill_(True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": state["step"]}, arguments.out)


if __name__ == "__main__":
    main()
