# SPDX-License-Identifier: Apache-2.0
"""A recording to a row of the table, or to the reason why not."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import soundfile

from .. import _arguments
from ..errors import DataError, SottoError, UsageError
from ..model import Model, load
from .manifest import Item

LONGEST = 4 * 3600
"""Seconds of a recording: it is held in memory as a whole."""


class Making(NamedTuple):
    """How rows are made.

    Attributes:
        model: what `sotto_codec.load` takes.
        codes: how many codes the frames get.
        by_frame: `codes` is a list for each frame; else one list of all, frame after frame.
        alignment: with `words` and `match`, for recordings whose text is known.
    """

    model: str
    codes: int
    by_frame: bool = False
    alignment: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns of a shard."""
        codes = pa.list_(pa.uint16())
        columns = [
            ("id", pa.string()),
            ("codes", pa.list_(codes) if self.by_frame else codes),
            ("frames", pa.int32()),
            ("codebooks", pa.int32()),
            ("seconds", pa.float64()),
            ("text", pa.string()),
            ("speaker", pa.string()),
            ("model", pa.string()),
        ]
        if model_of(self.model).num_levels:
            columns.append(("levels", pa.list_(pa.uint8())))
        if self.alignment:
            word = [("word", pa.string()), ("start", pa.float64()), ("end", pa.float64())]
            columns += [("words", pa.list_(pa.struct(word))), ("match", pa.float64())]
        return pa.schema(columns)

    @staticmethod
    def checked(model, codes: int | None, by_frame: bool, alignment: bool) -> Making:
        """The same from a caller's arguments."""
        loaded = model if isinstance(model, Model) else load(model)
        if alignment and not loaded.reads_text:
            raise UsageError(f"{loaded.name} finds no words; leave the alignment out or take a model that does")
        amount = loaded.num_codebooks if codes is None else _arguments.whole(codes, "codes", 1, loaded.num_codebooks)
        return Making(loaded.name, amount, bool(by_frame), bool(alignment))


@lru_cache(maxsize=2)
def model_of(name: str) -> Model:
    """A model, loaded once in each process."""
    return load(name)


def row(item: Item, making: Making, contents: bytes | None = None) -> tuple[dict | None, str | None]:
    """A recording's row, or None and the reason.

    Args:
        contents: the file's bytes, if they are at hand.
    """
    try:
        if item.problem is not None:
            raise DataError(item.problem)
        if contents is None:
            contents = item.contents()
        samples, rate = _samples(item.audio if contents is None else io.BytesIO(contents))
        return _row(item, making, samples, rate), None
    except (SottoError, OSError, soundfile.SoundFileError, MemoryError) as error:
        return None, str(error) or type(error).__name__


def _samples(source) -> tuple[np.ndarray, int]:
    with soundfile.SoundFile(source) as file:
        if file.frames > LONGEST * file.samplerate:
            raise DataError(f"it is longer than {LONGEST // 3600} hours; cut it")
        # What has 16 bits is read as it is.
        samples = file.read(dtype="int16" if file.subtype == "PCM_16" else "float32", always_2d=True)
        promised = file.frames
    if len(samples) == 0:
        raise DataError("it holds no samples")
    # An unseekable length is promised as 2^63 - 1.
    if promised < 1 << 62 and len(samples) < promised:
        raise DataError(f"it ends after {len(samples)} of {promised} samples")
    return samples, file.samplerate


def _row(item: Item, making: Making, samples: np.ndarray, rate: int) -> dict:
    model = model_of(making.model)
    mono = samples[:, 0] if samples.shape[1] == 1 else _arguments.mono(samples, 1)
    told = model.num_levels > 0
    coded = model.encode(np.ascontiguousarray(mono), rate, making.codes, levels=told)
    codes, levels = coded if told else (coded, None)
    made = {
        "id": item.id,
        "codes": list(codes) if making.by_frame else codes.ravel(),
        "frames": len(codes),
        "codebooks": making.codes,
        "seconds": len(samples) / rate,
        "text": item.text,
        "speaker": item.speaker,
        "model": model.id,
    }
    if told:
        made["levels"] = levels
    if making.alignment:
        made.update(words=None, match=None)
        if item.text and item.text.strip():
            found = model.align(codes, item.text.replace("\0", " "), samples=round(len(samples) * model.sample_rate / rate))
            made.update(words=[word._asdict() for word in found.words], match=found.match)
    return made
