# SPDX-License-Identifier: Apache-2.0
"""Speech, and the command with the same FFT beside the module: SOTTO_COMMAND names it. `make test-python` does."""

import os
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import sotto_codec

REPOSITORY = Path(__file__).parents[2]
SPEECH = sorted((REPOSITORY / "Samples").glob("*.flac"))


def sotto(*arguments) -> None:
    subprocess.run([os.environ["SOTTO_COMMAND"], *map(str, arguments)], check=True, stderr=subprocess.DEVNULL)


@cache
def model(name: str = "sotto-16k") -> sotto_codec.Model:
    return sotto_codec.load(name)


@cache
def level_model(name: str = "level-model") -> sotto_codec.Model:
    """A small one that tells the speaker's level apart from the codes."""
    return sotto_codec.load(REPOSITORY / "Tests" / "SottoTests" / "Fixtures" / f"{name}.safetensors")


@cache
def speech(name: str = "campfire") -> np.ndarray:
    """Samples int16 [n] at 16 kHz."""
    samples, rate = soundfile.read(REPOSITORY / "Samples" / f"{name}.flac", dtype="int16")
    assert rate == 16_000 and samples.ndim == 1
    return samples


@cache
def words(name: str = "campfire") -> str:
    return (REPOSITORY / "Samples" / f"{name}.txt").read_text(encoding="utf-8").strip()


def pieces(values, seed: int = 1):
    """The same values in pieces of many sizes, some of them empty."""
    state, start = np.random.default_rng(seed), 0
    while start < len(values):
        size = int(state.choice([0, 1, 7, 160, 1279, 1281, 5000, 30_000]))
        yield values[start : start + size]
        start += size
