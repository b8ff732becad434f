"""Samples -> what the encoder reads and how loud the speaker is: the twin of `model/features.py` and `model/level.py`."""

import numpy as np

from ..model.features import mel_filters
from ..model.pitch import hann
from .graph import Graph, Value
from .pitch import track
from .spectrum import Fourier, frames
from .state import State

NEPERS = np.log(10) / 20  # a decibel of amplitude
LEAST = 1e-30


def levels(settings: dict, power: Value, sums: Value, per_latent: int) -> Value:
    """The power of each frame [batch, frames, 1] and the sums after it [batch, frames, 2] -> the speaker's level in each latent
    [batch, latents, 1], in dB over the nominal one."""
    def decibels(x): return x.log() * (10 / np.log(10)) - settings["nominal"]

    lowest, highest = (settings["step"] * (n - settings["middle"]) for n in (0, settings["steps"] - 1))
    last = sums.reshape(0, -1, per_latent, 2).cut(2, -1).squeeze(2)
    loud, square = last.cut(2, 0, 1), last.cut(2, 1)
    level = (loud > LEAST).where(decibels((square / loud.at_least(LEAST)).at_least(LEAST)), 0)
    loudest = power.reshape(0, -1, per_latent, 1).max(2).at_least(LEAST)
    return level.at_least(decibels(loudest) - settings["headroom"]).clamp(lowest, highest)


def numbers(graph: Graph, state: State, settings: dict, level: Value) -> Value:
    """Levels of token frames [batch, frames, 1] -> the numbers by which they are told, of the same shape."""
    middle = settings["middle"]
    nearest = (level * (1 / settings["step"]) + 0.5).floor().clamp(-middle, settings["steps"] - 1 - middle)

    def step(body, states, rows):
        (number,), (level, nearest) = states, rows
        number = ((level - number * settings["step"]).abs() > settings["slack"]).where(nearest, number)
        return [number], [number]

    (last,), (told,) = graph.scan(step, [state.take("level.number", 1, dtype=np.float64)], [level, nearest])
    state.keep("level.number", last)
    return (told + middle).to(np.int64)


def features(graph: Graph, state: State, config: dict, samples: Value) -> tuple[Value, Value]:
    """samples [batch, whole token frames] -> what the encoder reads [batch, frames, bands + 2], in single precision, and the numbers of
    the levels [batch, token frames, 1]."""
    f, rate = config["features"], config["sample_rate"]
    mel, pitch, hop, level = f["mel"], f["pitch"], f["hop"], config["level"]
    per_latent = config["encoder"]["stack"] * config["encoder"]["downsample"]
    past = -(-max(mel["window"], pitch["window"]) // hop) * hop - hop

    # What is no number counts as silence, and what is beyond full scale is clipped.
    samples = (samples.abs() < np.inf).where(samples.clamp(-1, 1), 0)
    heard = graph.concat([state.take("samples", past), samples], 1)
    state.keep("samples", heard.cut(1, -past))
    heard = heard.to(np.float64)

    spectrum = Fourier(graph, mel["window"], np.float64).forward(frames(graph, heard, past, hop, mel["window"]) * hann(mel["window"]))
    real, imaginary = spectrum[0], graph.op("Pad", spectrum[1], graph.constant([0, 0, 1, 0, 0, 1], np.int64))
    filters = mel_filters(rate, mel["window"], mel["bands"], mel["low"], mel["high"]).T
    magnitudes = (real * real + imaginary * imaginary).sqrt() @ graph.constant(filters, np.float64)

    bands = magnitudes.cut(2, *level["bands"])
    power = (bands * bands).sum(2, keep=True)
    f0, voiced, sums = track(graph, state, frames(graph, heard, past, hop, pitch["window"]), power, rate, pitch,
                             keep=1 - 1 / level["memory"], silence=10 ** ((level["nominal"] + level["silence"]) / 10))
    speaker = levels(level, power, sums, per_latent)
    over = magnitudes.reshape(0, -1, per_latent, mel["bands"]) / (speaker * NEPERS).exp().unsqueeze(3)
    logs = (over.at_least(mel["floor"]).log() - mel["mean"]) / mel["scale"]
    rows = graph.concat([logs.reshape(0, -1, mel["bands"]), f0 * pitch["scale"], voiced], 2).to(np.float32)

    stack = config["quantizer"].get("stack", 1)
    of_frames = speaker.reshape(0, -1, stack, 1).cut(2, -1).squeeze(2)
    return rows, numbers(graph, state, level, of_frames)
