"""Kinds of codebooks, made for latents that there are. All of them are codes whose vectors add up, so that one search finds and one sum
reads them all; what differs is which vectors there are.

residual: k-means of what is left, codebook after codebook (SoundStream, Zeghidour et al. 2021).
product: each codebook has dimensions of its own, in which it is fitted by k-means (Ge et al. 2014, "OPQ").
scalar: each code is a point of a grid over the few directions in which most is left, with evenly spaced values in each (FSQ, Mentzer
    et al. 2024; residual).
binary: each bit of a code is a sign along one of ten directions, all of one length, a corner of a cube on a sphere (BSQ, Zhao et al. 2024;
    residual).
"""

import math

import torch

# A centre that less than this share of an even one's points are near is rare; the last rounds let it be.
RARE, SETTLING = 0.15, 4


def nearest(x, centres):
    """x [n, d], centres [k, d] -> index of the nearest, [n]."""
    squares = centres.square().sum(1)
    return torch.cat([(squares - 2 * part @ centres.T).argmin(1) for part in x.split(8192)])


def kmeans(x, centres, rounds: int):
    """Lloyd's algorithm from such centres [count, d]; a centre that nothing is near, or hardly anything, starts again at a random
    point."""
    count = len(centres)
    for number in range(rounds):
        index = nearest(x, centres)
        used = torch.bincount(index, minlength=count)
        centres = torch.zeros_like(centres).index_add_(0, index, x) / used[:, None].clamp(min=1)
        lost = used < (RARE * len(x) / count if number < rounds - SETTLING else 1)
        if lost.any():
            centres[lost] = x[torch.randint(len(x), (int(lost.sum()),))]
    return centres


def drawn(x, count: int):
    """Points to begin with."""
    return x[torch.randperm(len(x))[:count]]


def directions(x):
    """x [n, d] -> the variances of its principal components, largest first, and their directions [d, d], one a column."""
    centred = x - x.mean(0)
    values, vectors = torch.linalg.eigh((centred.T @ centred / len(x)).double())
    return values.flip(0).clamp(min=1e-12), vectors.flip(1).float()


def residual(x, count: int, codes: int, rounds: int, begins=None):
    """x [n, d] -> codebooks [count, codes, d]; `begins` are codebooks to begin with."""
    remaining, books = x.clone(), []
    for number in range(count):
        books.append(kmeans(remaining, drawn(remaining, codes) if begins is None else begins[number], rounds))
        remaining -= books[-1][nearest(remaining, books[-1])]
    return torch.stack(books)


def product(x, count: int, codes: int, rounds: int):
    """The same; the components go to the codebooks so that the products of their variances are as even as may be. The mean is in the
    first codebook."""
    values, vectors = directions(x)
    groups, logs = [[] for _ in range(count)], [0.0] * count
    most = math.ceil(len(values) / count)
    for number in range(len(values)):
        open_groups = [group for group in range(count) if len(groups[group]) < most]
        chosen = min(open_groups, key=lambda group: logs[group])
        groups[chosen].append(number)
        # Offset, so that the least one adds something too.
        logs[chosen] += math.log(float(values[number] / values[-1])) + 1
    books = []
    for number, group in enumerate(groups):
        basis = vectors[:, group]
        own = (x - x.mean(0)) @ basis
        book = kmeans(own, drawn(own, codes), rounds) @ basis.T
        books.append(book + x.mean(0) if number == 0 else book)
    return torch.stack(books)


def spread(values, codes: int) -> list[int]:
    """How many values each component has, given the variances, so that the squared error becomes least and their product is at most
    `codes`."""
    counts = [1] * len(values)
    while True:
        # An even grid of n values leaves about 1 / n^2 of the variance.
        product_now = math.prod(counts)
        gains = [(math.log((n + 1) / n), float(value) * (1 / n**2 - 1 / (n + 1) ** 2), i)
                 for i, (n, value) in enumerate(zip(counts, values)) if product_now // n * (n + 1) <= codes]
        if not gains:
            return counts
        counts[max((gain / cost, i) for cost, gain, i in gains)[1]] += 1


def evenly(own, count: int):
    """own [n] -> so many evenly spaced values with the least squared error, around the mean."""
    if count == 1:
        return own.mean()[None]
    best = None
    for width in torch.linspace(0.3, 1.6, 27):
        points = own.mean() + own.std() * width * 2.5 * (torch.arange(count) / (count - 1) - 0.5) * (count - 1) / count
        error = float((own[:, None] - points).square().min(1).values.mean())
        if best is None or error < best[0]:
            best = error, points
    return best[1]


def scalar(x, count: int, codes: int, rounds: int = 0):
    """The same as `residual`, by even grids."""
    remaining, books = x.clone(), []
    for _ in range(count):
        values, vectors = directions(remaining)
        counts = spread(values, codes)
        axes = [evenly(remaining[:20000] @ vectors[:, i], n) for i, n in enumerate(counts) if n > 1]
        basis = vectors[:, [i for i, n in enumerate(counts) if n > 1]]
        grid = torch.cartesian_prod(*axes)
        # Components without a choice stay at their mean; codes that the grid has no points for are its last one again, and never used.
        centre = remaining.mean(0) - (remaining.mean(0) @ basis) @ basis.T
        book = grid @ basis.T + centre
        books.append(torch.cat([book, book[-1:].expand(codes - len(book), -1)]))
        remaining -= books[-1][nearest(remaining, books[-1])]
    return torch.stack(books)


def binary(x, count: int, codes: int, rounds: int = 0):
    """The same as `residual`, by signs."""
    bits, remaining, books = int(math.log2(codes)), x.clone(), []
    signs = 1 - 2 * ((torch.arange(codes)[:, None] >> torch.arange(bits)) & 1).float()
    for _ in range(count):
        _, vectors = directions(remaining)
        mean = remaining.mean(0)
        # Turned, so that the cube's sides share the variance evenly and one length fits all.
        turn = torch.linalg.qr(torch.randn(bits, bits))[0]
        basis = vectors[:, :bits] @ turn
        length = float(((remaining - mean) @ basis).abs().mean())
        books.append(mean + length * signs @ basis.T)
        remaining -= books[-1][nearest(remaining, books[-1])]
    return torch.stack(books)


KINDS = {"residual": residual, "product": product, "scalar": scalar, "binary": binary}
