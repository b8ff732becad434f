# SPDX-License-Identifier: Apache-2.0
"""Live streams: pieces in, what they complete out."""

import ctypes

import numpy as np

from ._library import Owned, Size, UsageError, call


def mono(audio) -> np.ndarray:
    """Samples [n] as the library takes them: 32-bit floating point, -1 to 1, or 16-bit integers."""
    samples = np.asarray(audio)
    if samples.ndim != 1:
        raise UsageError(f"samples are one channel, [n]; these are {list(samples.shape)}")
    if samples.dtype != np.int16 and samples.dtype.kind != "f":
        raise UsageError(f"samples are int16, or floating point from -1 to 1; these are {samples.dtype}")
    return np.ascontiguousarray(samples, samples.dtype if samples.dtype == np.int16 else np.float32)


class Encoder(Owned):
    """Speech to codes. The codes are the same however the speech is cut into pieces."""

    _kind = "encoder"

    def __init__(self, model, codes: int | None = None, average: bool = False):
        self.model, self.average = model, bool(average)
        if codes is not None and not 0 < codes < 1 << 31:
            raise UsageError(f"{codes} codes a frame were asked for; this model makes 1 to {model.num_codebooks}")
        self._open(model._handle, codes or 0, int(self.average), None)
        width = ctypes.c_int32()
        call("encoder_width", self._handle, ctypes.byref(width))
        self.width = width.value

    def push(self, audio):
        """Takes samples [n] at the model's rate; returns the codes uint16 [frames, width] of the frames that they complete.

        If `average`, returns these and uint8 [frames]: how many codes of each row count.
        """
        samples = mono(audio)
        name = "encoder_push_int16" if samples.dtype == np.int16 else "encoder_push"
        call(name, self._handle, samples.ctypes.data, samples.size)
        return self._read()

    def finish(self):
        """Ends the stream: the last frames. The encoder takes no more."""
        call("encoder_finish", self._handle)
        return self._read()

    def _read(self):
        ready = Size()
        call("encoder_available", self._handle, ctypes.byref(ready))
        codes = np.zeros((ready.value, self.width), np.uint16)
        counts = np.zeros(ready.value, np.uint8)
        if ready.value:
            call("encoder_read", self._handle, codes.ctypes.data, counts.ctypes.data, len(codes), ctypes.byref(ready))
        codes, counts = codes[: ready.value], counts[: ready.value]
        return (codes, counts) if self.average else codes


class Decoder(Owned):
    """Codes to speech. The first sample is the first that was encoded."""

    _kind = "decoder"

    def __init__(self, model, samples: int | None = None):
        self.model = model
        if samples is not None and not 0 <= samples < 1 << 63:
            raise UsageError(f"no recording has {samples} samples")
        self._open(model._handle, -1 if samples is None else samples, 0)

    def push(self, codes, counts=None) -> np.ndarray:
        """Takes codes [frames, width] of any integer type; returns the samples float32 [n] that are known by now.

        `counts` [frames] says how many codes of each row count, 0 for a frame that is lost; None counts all.
        """
        rows = np.asarray(codes)
        if rows.ndim != 2 or rows.dtype.kind not in "iu":
            raise UsageError(f"codes are integers [frames, codebooks]; these are {rows.dtype} {list(rows.shape)}")
        amounts = None if counts is None else np.asarray(counts)
        if amounts is not None and (amounts.shape != rows.shape[:1] or amounts.dtype.kind not in "iu"):
            raise UsageError(f"counts are integers [{len(rows)}]; these are {amounts.dtype} {list(amounts.shape)}")
        rows, amounts = _narrowed(rows, np.uint16, "a code"), _narrowed(amounts, np.uint8, "a count")
        if len(rows):
            address = None if amounts is None else amounts.ctypes.data
            call("decoder_push", self._handle, rows.ctypes.data, address, len(rows), rows.shape[1])
        return self._read()

    def push_lost(self, frames: int = 1) -> np.ndarray:
        """Takes frames that never came; they are heard when it is known what follows them, or after `conceal`."""
        if not 0 <= frames < 1 << 31:
            raise UsageError(f"there can't be {frames} lost frames")
        call("decoder_push_lost", self._handle, frames)
        return self._read()

    def conceal(self) -> np.ndarray:
        """Makes up for what is lost so far, whatever follows it."""
        call("decoder_conceal", self._handle)
        return self._read()

    def finish(self) -> np.ndarray:
        """Ends the stream: the last samples. The decoder takes no more."""
        call("decoder_finish", self._handle)
        return self._read()

    def _read(self) -> np.ndarray:
        parts, got = [], Size()
        while True:
            part = np.empty(1 << 16, np.float32)
            call("decoder_read", self._handle, part.ctypes.data, part.size, ctypes.byref(got))
            parts.append(part[: got.value])
            if got.value < part.size:
                return np.concatenate(parts)


def _narrowed(values, kind, name: str):
    """The same values in a smaller type, whose limits they keep."""
    if values is None:
        return None
    if values.size and (values.min() < 0 or values.max() > np.iinfo(kind).max):
        raise UsageError(f"{name} is from 0 to {np.iinfo(kind).max}; these are {values.min()} to {values.max()}")
    return np.ascontiguousarray(values, kind)
