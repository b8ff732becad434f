"""Frames of a signal, and its Fourier transform as products of matrices."""

import numpy as np

from .graph import Graph, Value


def frames(graph: Graph, x: Value, past: int, hop: int, size: int) -> Value:
    """x [batch, past + n · hop], the first of them from before -> [batch, n, size]: frame t ends with its hop."""
    hops = -(-size // hop)
    x = x.cut(1, past - (hops - 1) * hop).reshape(0, -1, hop)
    parts = [x.cut(1, i, i - hops + 1 if i < hops - 1 else None) for i in range(hops)]
    return graph.concat(parts, 2).cut(2, hops * hop - size)


class Fourier:
    """Transforms of real signals of an even size. Cosines and sines are symmetric, so that half of each matrix will do, for both
    directions."""

    def __init__(self, graph: Graph, size: int, dtype):
        self.graph, self.size, self.half = graph, size, size // 2
        places = np.arange(self.half + 1)
        angles = 2 * np.pi * (np.outer(places, places) % size) / size
        self.cosines = graph.constant(np.cos(angles), dtype)
        self.sines = graph.constant(np.sin(angles)[1:-1, 1:-1], dtype)

    def forward(self, x: Value) -> tuple[Value, Value]:
        """x [..., size] -> real parts [..., size / 2 + 1], and imaginary ones but for the first and the last, which are zero."""
        first, middle = x.cut(-1, 0, 1), x.cut(-1, self.half, self.half + 1)
        early, late = x.cut(-1, 1, self.half), x.cut(-1, -1, self.half, -1)
        return self.graph.concat([first, early + late, middle], -1) @ self.cosines, (late - early) @ self.sines

    def inverse(self, real: Value, imaginary: Value) -> Value:
        """The other way."""
        twice = np.full(self.half + 1, 2 / self.size)
        twice[[0, -1]] = 1 / self.size
        even = (real * twice) @ self.cosines
        odd = (imaginary * (2 / self.size)) @ self.sines
        inner = even.cut(-1, 1, self.half)
        early, late = inner - odd, (inner + odd).cut(-1, -1, None, -1)
        return self.graph.concat([even.cut(-1, 0, 1), early, even.cut(-1, self.half), late], -1)
