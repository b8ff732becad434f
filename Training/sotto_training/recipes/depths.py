"""How many codes a frame gets when that may vary: as many as its first code asks for.

Where little is left to say after the first codes, as in pauses and steady sounds, further ones bring the latents hardly any nearer.
The first code tells much of that, and costs nothing to tell it by. So the first codebook is ordered by what is left to say after
each of its codes, and a few numbers cut it into the codes that stand alone, those of two codes, and so on; an encoder weighs the
distance against the codes spent (entropy-constrained quantization, Chou et al. 1989, with the first code's class as the length).
"""

import torch
from torch.nn import functional as F

from ..model.quantizer import ResidualQuantizer, search

# Sequences kept while the numbers are found.
BEAM = 8
# Codes on either side of one, in the order, whose expectations are averaged with its own.
NEIGHBOURS = 15


def expected(latents, quantizer: ResidualQuantizer):
    """latents [n, d] -> mean squared distance with 1, 2, ... codes, by the first of two codes that are the best two
    [codebooks, codes], and how many latents have it [codes]."""
    distances, first = [], []
    for part in latents.split(256):
        found = search(part, quantizer.codebooks, BEAM)
        distances.append(torch.stack([(quantizer.decode(codes[:, None]).flatten(1) - part).square().sum(1) for codes in found]))
        first.append(found[1][:, 0])
    distances, first = torch.cat(distances, 1), torch.cat(first)
    size = quantizer.codebooks.shape[1]
    count = torch.bincount(first, minlength=size).float()
    sums = torch.zeros(len(distances), size).index_add_(1, first, distances)
    # Codes that are hardly met are taken for average ones.
    inertia = 3.0
    return (sums + inertia * distances.mean(1, keepdim=True)) / (count + inertia), count


def smoothed(expectation, count):
    """Means over neighbouring codes."""
    def summed(x):
        x = F.pad(x[:, None], (NEIGHBOURS, NEIGHBOURS), mode="replicate")
        return F.conv1d(x, torch.ones(1, 1, 2 * NEIGHBOURS + 1))[:, 0]

    return summed(expectation * (count + 1)) / summed(count[None] + 1)


def cuts(expectation, price: float):
    """Where the numbers of codes change if each has to bring the expected distance, in ordered codes, down by its price."""
    number = torch.arange(1.0, len(expectation) + 1)[:, None]
    depth = (expectation + price * number).argmin(0).cummax(0).values + 1
    return torch.tensor([float((depth <= count).sum()) for count in range(1, len(expectation) + 1)])


def fit(quantizer: ResidualQuantizer, latents, held_out):
    """Orders the first codebook and finds `starts` and `prices`, by latents [n, d]; the prices are those with which others
    [m, d] get 2, 3, ... codes on average."""
    expectation, count = expected(latents, quantizer)
    order = expectation.sum(0).argsort()
    quantizer.codebooks[0] = quantizer.codebooks[0][order]
    expectation = smoothed(expectation[:, order], count[order])
    whole = float(held_out.var(0).sum())
    for wanted in range(2, len(quantizer.codebooks)):
        row, best = wanted - 1, None
        low, high = 1e-4 * float(expectation[0].mean()), float(expectation[0].max())
        for _ in range(12):
            # Rounded as it is exported.
            price = float(torch.tensor((low * high) ** 0.5).half())
            quantizer.prices[row], quantizer.starts[row] = price, cuts(expectation, price)
            codes = torch.cat([quantizer.encode(part.unflatten(1, (quantizer.stack, -1)), wanted, BEAM, variable=True)
                               for part in held_out.split(256)])
            mean = float((codes >= 0).sum(-1).float().mean())
            low, high = (price, high) if mean > wanted else (low, price)
            # The mean jumps where a cut does: the most that is not too many.
            if mean <= wanted and (best is None or mean > best[0]):
                near = float((quantizer.decode(codes).flatten(1) - held_out).square().sum(1).mean()) / whole
                best = mean, price, quantizer.starts[row].clone(), near
        mean, quantizer.prices[row], quantizer.starts[row], near = best
        print(f"{mean:.3f} codes a frame: price {float(quantizer.prices[row]):.3f}, starts "
              f"{quantizer.starts[row].int().tolist()}, left {near:.4f}", flush=True)
