# SPDX-License-Identifier: Apache-2.0
"""A model, and whole recordings."""

import ctypes
import os
from pathlib import Path

import numpy as np

from ._library import Info, Owned, UsageError, call
from .streams import Decoder, Encoder, mono


class Model(Owned):
    """Weights and configuration: immutable, shared by any number of streams and threads.

    `sample_rate` is in Hz, `frame_size` in samples, `frame_rate` in frames a second; `num_codebooks` is the most codes of a frame, each
    less than `codebook_size`; `delay` is in samples, and `id` names the codes.
    """

    _kind = "model"

    def __init__(self, path: str | os.PathLike):
        self.name = os.fspath(path)
        self._open(os.fsencode(path))
        info = Info()
        call("model_describe", self._handle, ctypes.byref(info))
        self.sample_rate, self.frame_size, self.delay = info.sample_rate, info.frame_size, info.delay
        self.num_codebooks, self.codebook_size = info.codebooks, info.codebook_size
        self.frame_rate, self.id = info.sample_rate / info.frame_size, bytes(info.codes_identity).hex()

    def __reduce__(self):
        return load, (self.name,)

    def encoder(self, codes: int | None = None, average: bool = False) -> Encoder:
        """A live stream to codes: so many in each frame, or on average; None for one of every codebook."""
        return Encoder(self, codes, average)

    def decoder(self, samples: int | None = None) -> Decoder:
        """A live stream to speech, or a recording of so many samples."""
        return Decoder(self, samples)

    def encode(self, audio, sample_rate: int, codes: int | None = None, average: bool = False):
        """Samples [n] of a recording to codes uint16 [frames, codes]; with `average` also uint8 [frames], how many count."""
        if sample_rate != self.sample_rate:
            raise UsageError(f"the model takes {self.sample_rate} Hz, not {sample_rate}; resample the recording first")
        encoder = self.encoder(codes, average)
        parts = encoder.push(mono(audio)), encoder.finish()
        return tuple(map(np.concatenate, zip(*parts))) if average else np.concatenate(parts)

    def decode(self, codes, counts=None, samples: int | None = None) -> np.ndarray:
        """Codes [frames, codes] to samples float32 [n] at the model's rate; `samples` is how many the recording had."""
        decoder = self.decoder(samples)
        return np.concatenate([decoder.push(codes, counts), decoder.finish()])


def load(model: str | os.PathLike = "sotto-16k") -> Model:
    """Loads a model: a file of weights, or one that lies in the package's folder `models` by its name."""
    inside = Path(__file__).parent / "models" / f"{os.fspath(model)}.safetensors"
    return Model(inside if inside.exists() else model)
