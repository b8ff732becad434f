"""Pulses that follow the pitch, and noise: the twin of `model/source.py`, and of the noise in `model/offline.py`."""

import numpy as np

from .graph import Graph, Value
from .state import State

# SplitMix64 (Steele et al. 2014), as whole numbers with a sign, whose products overflow the same way.
GOLDEN, FIRST, SECOND = (int(np.uint64(x).astype(np.int64)) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def noise(graph: Graph, state: State, hops: Value, hop: int) -> Value:
    """Uniform noise of unit variance that depends on the number of the sample alone, as many hops as `hops` [batch, n, 1] has ->
    [batch, n · hop]."""
    def shifted(z, count): return graph.op("BitShift", z, graph.constant(count, np.uint64), direction="RIGHT")
    def mixed(z, count):
        z = z.to(np.uint64)
        return graph.op("BitwiseXor", z, shifted(z, count)).to(np.int64)

    ones = (hops * 0 + np.ones(hop)).reshape(0, -1)
    places = state.take("noise.place", 1, dtype=np.float64) + ones.cumulative(1)
    state.keep("noise.place", places.cut(1, -1))
    z = places.to(np.int64) * GOLDEN
    z = mixed(mixed(mixed(z, 30) * FIRST, 27) * SECOND, 31)
    unit = shifted(z.to(np.uint64), 40).to(np.float32) / float(1 << 24)
    return (unit * 2 - 1) * np.float32(3) ** np.float32(0.5)


def pulses(graph: Graph, state: State, f0: Value, hop: int, sample_rate: int, high: float) -> Value:
    """f0 [batch, hops, 1] in Hz, in double precision -> a pulse train [batch, hops · hop], all harmonics up to `high` Hz in closed
    form."""
    before = state.take("pulses.f0", 1, 1, dtype=np.float64)
    # Where a stream begins, the first frame's own.
    every = graph.concat([(before > 0).where(before, f0.cut(1, 0, 1)), f0], 1)
    state.keep("pulses.f0", every.cut(1, -1))
    previous = every.cut(1, 0, -1)
    step = (previous + (f0 - previous) * (np.arange(1, hop + 1) / hop)) * (1 / sample_rate)
    cycles = state.take("pulses.cycles", 1, dtype=np.float64) + step.reshape(0, -1).cumulative(1)
    cycles = cycles - cycles.floor()
    state.keep("pulses.cycles", cycles.cut(1, -1))

    half = np.pi * cycles.reshape(0, -1, hop)
    count = (high / f0).floor().at_least(1)
    below = half.sin()
    kernel = (below < 1e-4).where(count, ((2 * count + 1) * half).sin() / (2 * below.at_least(1e-4)) - 0.5)
    return (kernel * (2 / count).sqrt()).to(np.float32).reshape(0, -1)
