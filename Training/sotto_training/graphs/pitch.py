"""The pitch of each frame, as `model/pitch.py` tracks it, in double precision; and the sums that tell the speaker's level, in which only
voiced frames count."""

import numpy as np

from ..model.pitch import hann
from .graph import Graph, Value
from .state import State

# The autocorrelation is taken of blocks of so many samples with those after them.
BLOCK = 32


def autocorrelation(graph: Graph, x: Value, size: int, lags: int) -> Value:
    """x [batch, frames, size] -> sums of x[i] · x[i + lag] for lags from 0 on, [batch, frames, lags].

    With W[b, m] = x[BLOCK · b + m], and A its first BLOCK columns, they are the sums along the diagonals of A, transposed, times W. In
    rows that are longer by one, diagonals stand upright.
    """
    blocks, width = -(-size // BLOCK), -(-(lags + BLOCK) // BLOCK) * BLOCK
    missing = graph.constant([0, 0, 0, 0, 0, (blocks - 1) * BLOCK + width - size], np.int64)
    padded, starts = graph.op("Pad", x, missing), BLOCK * np.arange(blocks)
    products = padded.take(starts + np.arange(BLOCK)[:, None], 2) @ padded.take(starts[:, None] + np.arange(width), 2)
    rows = graph.op("Pad", products.reshape(0, 0, -1), graph.constant([0, 0, 0, 0, 0, BLOCK], np.int64))
    return rows.reshape(0, 0, BLOCK, width + 1).sum(2).cut(2, 0, lags)


def candidates(graph: Graph, framed: Value, sample_rate: int, p: dict):
    """Frames of the pitch window [batch, frames, window] -> frequencies [batch, frames, n] in Hz, strengths of the same shape (-inf:
    none), the frames' level [batch, frames, 1] (RMS)."""
    low_lag, high_lag = int(sample_rate / p["high"]), int(np.ceil(sample_rate / p["low"]))
    shape, lags = hann(p["window"]), high_lag + 2
    centred = framed - framed.mean(-1, keep=True)
    level = (centred * centred).mean(-1, keep=True).sqrt()
    r = autocorrelation(graph, centred * shape, p["window"], lags)
    of_window = np.correlate(shape, shape, "full")[p["window"] - 1:][:lags]
    r = r / r.cut(2, 0, 1).at_least(1e-12) * (of_window[0] / of_window)

    left, here, right = (r.cut(2, low_lag - 1 + k, high_lag + k) for k in range(3))
    is_peak = (left < here) & (here >= right) & (here > 0)
    bend = is_peak.where(left - 2 * here + right, -1)
    shift = 0.5 * (left - right) / bend
    peak = here - 0.25 * (left - right) * shift
    peak = peak.at_most(1 / peak.at_least(1))
    frequency = sample_rate / (shift + np.arange(low_lag, high_lag + 1))
    inside = is_peak & (frequency >= p["low"]) & (frequency <= p["high"])
    strength = inside.where(peak - p["octave_cost"] / np.log(2) * (p["low"] / frequency).log(), -np.inf)
    strength, best = strength.top(p["candidates"], 2, largest=True)
    return frequency.take_along(best, 2), strength, level


def track(graph: Graph, state: State, framed: Value, power: Value, sample_rate: int, p: dict, keep: float, silence: float):
    """Frames of the pitch window [batch, frames, window] and the power of each frame [batch, frames, 1] -> its pitch in ln Hz over the
    reference and whether it is voiced, 0 or 1, each [batch, frames, 1], and the two sums of the powers of voiced frames that are above
    the silence [batch, frames, 2]."""
    frequency, strength, level = candidates(graph, framed, sample_rate, p)
    octaves, n = frequency.log() * (1 / np.log(2)), p["candidates"]
    every = graph.concat([state.take("pitch.octaves", 1, n, dtype=np.float64), octaves], 1)
    state.keep("pitch.octaves", every.cut(1, -1))
    jump = p["octave_jump_cost"] * (octaves.unsqueeze(3) - every.cut(1, 0, -1).unsqueeze(2)).abs()
    logs = frequency.log() - np.log(p["reference"])
    terms = graph.concat([power, power * power], 2)

    def step(body, states, rows):
        silent, spoken, held, loudest, sums = states
        strength, jump, logs, level, loud, terms = rows
        loudest = level.at_least(loudest * p["level_decay"])
        relative = (level > 1e-4).where(level / loudest, 0)
        quiet = 2 - relative * ((1 + p["voicing_threshold"]) / p["silence_threshold"])
        unvoiced = p["voicing_threshold"] + quiet.at_least(0)
        stays = unvoiced + silent.at_least(spoken.max(1, keep=True) - p["voicing_cost"])
        speaks = strength + (silent - p["voicing_cost"]).at_least((spoken.unsqueeze(1) - jump).max(2))
        scores = body.concat([stays, speaks], 1)
        choice = scores.argmax(1)
        voiced = choice > 0
        held = body.concat([held, logs], 1).take_along(choice, 1)
        sums = (voiced & loud).where(sums * keep + terms, sums)
        scores = scores - scores.max(1, keep=True)
        return [scores.cut(1, 0, 1), scores.cut(1, 1), held, loudest, sums], [held, voiced.to(np.float64), sums]

    # Zeros do for scores before the first frame, as for who begins to speak: no candidate of an octave far below is worth its jump.
    parts = {"silent": 1, "spoken": n, "held": 1, "loudest": 1, "sums": 2}
    before = [state.take(f"pitch.{name}", count, dtype=np.float64) for name, count in parts.items()]
    after, (held, voiced, sums) = graph.scan(step, before, [strength, jump, logs, level, power > silence, terms])
    for name, value in zip(parts, after):
        state.keep(f"pitch.{name}", value)
    return held, voiced, sums
