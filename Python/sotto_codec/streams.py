# SPDX-License-Identifier: Apache-2.0
"""Live streams: pieces in, what they complete out. A stream may be used by one thread at a time; others wait."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from . import _arguments
from ._library import Owned, Size, call
from .errors import SottoError, UsageError

if TYPE_CHECKING:
    from .model import Model


class _Stream(Owned):
    model: Model

    def copy(self):
        """Another stream that goes on from where this one is."""
        other = type(self).__new__(type(self))
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name != "_handle"})
        other._open(f"{self._kind}_copy", self._handle)
        return other

    def reset(self) -> None:
        """Begins anew, as after it was made: for the next stream, or after `finish`."""
        self._begin()

    def _begin(self) -> None:
        raise NotImplementedError


class _Analyzer(_Stream):
    """What both encoders share."""

    _kind = "encoder"
    width: int

    def _take(self, audio) -> int:
        samples = _arguments.mono(audio)
        name = "encoder_push_int16" if samples.dtype == np.int16 else "encoder_push"
        call(name, self._handle, samples.ctypes.data, samples.size)
        return self._available()

    def _end(self) -> int:
        call("encoder_finish", self._handle)
        return self._available()

    def _available(self) -> int:
        ready = Size()
        call("encoder_available", self._handle, ctypes.byref(ready))
        return ready.value

    def _set_width(self) -> None:
        width = ctypes.c_int32()
        call("encoder_width", self._handle, ctypes.byref(width))
        self.width = width.value


class Encoder(_Analyzer):
    """Speech to codes. The codes are the same however the speech is cut into pieces.

    Attributes:
        model: whose codes these are.
        width: codes of a row, the most that a frame of this stream has.
        average: whether frames differ in how many codes they have.
        levels: whether the speaker's levels come with the codes.
    """

    def __init__(self, model: Model, codes: int | None = None, average: bool = False, levels: bool = False):
        self.model, self.average, self.levels = model, bool(average), bool(levels)
        if levels and not model.num_levels:
            raise UsageError(f"{model.name} tells no levels: its codes say how loud a speaker is")
        self._codes = 0 if codes is None else _arguments.whole(codes, "codes a frame", 1, model.num_codebooks)
        self._begin()
        self._set_width()

    def _begin(self) -> None:
        self._open("encoder_open", self.model._handle, self._codes, int(self.average), None)

    def push(self, audio) -> np.ndarray | tuple[np.ndarray, ...]:
        """Takes samples [n] at the model's rate, int16 or floating point from -1 to 1.

        Returns:
            codes uint16 [frames, width] of the frames that they complete, coarsest first. If `average` or `levels`, a tuple of
            these; with `average`, uint8 [frames], how many codes of each row count, zeros following them; and with `levels`,
            uint8 [frames], the number of the speaker's level.
        """
        return self._read(self._take(audio))

    def finish(self) -> np.ndarray | tuple[np.ndarray, ...]:
        """Ends the stream: the last frames, as `push`. The encoder takes no more until `reset`."""
        return self._read(self._end())

    def _read(self, ready: int):
        codes, got = np.zeros((ready, self.width), np.uint16), Size()
        counts, levels = np.zeros(ready, np.uint8), np.zeros(ready, np.uint8)
        if self.levels:
            call("encoder_levels", self._handle, levels.ctypes.data, ready, ctypes.byref(got))
        call("encoder_read", self._handle, codes.ctypes.data, counts.ctypes.data, ready, ctypes.byref(got))
        made = [codes, *[counts] * self.average, *[levels] * self.levels]
        return tuple(part[: got.value] for part in made) if len(made) > 1 else codes[: got.value]


class LatentEncoder(_Analyzer):
    """Speech to latents: what the encoder makes of a frame before codes are chosen for it. They don't carry the speaker's level.

    Attributes:
        model: whose latents these are.
        width: values of a frame, the model's `latent_size`.
    """

    def __init__(self, model: Model):
        self.model = model
        self._begin()
        self._set_width()

    def _begin(self) -> None:
        self._open("encoder_open_latents", self.model._handle)

    def push(self, audio) -> np.ndarray:
        """Takes samples [n] as `Encoder.push`; returns latents float32 [frames, width] of the frames that they complete."""
        return self._read(self._take(audio))

    def finish(self) -> np.ndarray:
        """Ends the stream: the last frames. The encoder takes no more until `reset`."""
        return self._read(self._end())

    def _read(self, ready: int) -> np.ndarray:
        latents, got = np.empty((ready, self.width), np.float32), Size()
        call("encoder_read_latents", self._handle, latents.ctypes.data, ready, ctypes.byref(got))
        return latents[: got.value]


class Decoder(_Stream):
    """Codes to speech. The first sample is the first that was encoded: the codec's delay is cut off.

    Attributes:
        model: whose codes it takes.
        samples: of a recording, how many samples it has, at the model's rate; None for a live stream.
    """

    _kind = "decoder"

    def __init__(self, model: Model, samples: int | None = None):
        self.model, self.samples = model, _arguments.length(samples)
        self._begin()

    def _begin(self) -> None:
        self._open("decoder_open", self.model._handle, -1 if self.samples is None else self.samples, 0)

    def push(self, codes, counts=None, levels=None) -> np.ndarray:
        """Takes codes [frames, codebooks] of any integer type; returns the samples float32 [n] that are known by now.

        Args:
            codes: any first codes of a frame are a coarser coding of it. At the end of a row, negative numbers and 65535 are codes
                that the frame doesn't have.
            counts: whole numbers [frames], how many codes of each row count; 0 for a frame that is lost.
            levels: whole numbers [frames], or one for all: the numbers of the speaker's level, 0 to the model's `num_levels` - 1.
                None, negative numbers and 65535: it stays what it was before, at first the model's `nominal_level`.
        """
        self._take(codes, counts, levels)
        return self._read()

    def push_latents(self, latents, levels=None) -> np.ndarray:
        """Takes latents [frames, latent_size] in place of codes, and levels as `push` does; returns the samples that are known."""
        self._take_latents(latents, levels)
        return self._read()

    def push_lost(self, frames: int = 1) -> np.ndarray:
        """Takes frames that never came; they are heard when it is known what follows them, or after `conceal`."""
        call("decoder_push_lost", self._handle, _arguments.whole(frames, "the number of lost frames", 0, (1 << 31) - 1))
        return self._read()

    def conceal(self) -> np.ndarray:
        """Makes up for what is lost so far, whatever follows it."""
        call("decoder_conceal", self._handle)
        return self._read()

    def finish(self) -> np.ndarray:
        """Ends the stream: the last samples. The decoder takes no more until `reset`."""
        call("decoder_finish", self._handle)
        return self._read()

    def _take(self, codes, counts=None, levels=None) -> int:
        rows, amounts = _arguments.frames(codes, counts)

        def push(some: slice) -> None:
            part, address = rows[some], None if amounts is None else amounts[some].ctypes.data
            call("decoder_push", self._handle, part.ctypes.data, address, len(part), rows.shape[1])

        return self._at_levels(len(rows), levels, push)

    def _take_latents(self, latents, levels=None) -> int:
        rows = _arguments.latents(latents, self.model.latent_size)

        def push(some: slice) -> None:
            part = rows[some]
            call("decoder_push_latents", self._handle, part.ctypes.data, len(part), rows.shape[1])

        return self._at_levels(len(rows), levels, push)

    def _at_levels(self, frames: int, levels, push: Callable[[slice], None]) -> int:
        """Pushes frames of one level at a time. If some are refused, none is taken."""
        changes = _arguments.levels(levels, frames, self.model.num_levels)
        before = self.copy() if changes else None
        try:
            ends = [frame for frame, _ in changes] + [frames]
            if ends[0]:
                push(slice(0, ends[0]))
            for (start, number), end in zip(changes, ends[1:]):
                call("decoder_set_level", self._handle, number)
                if start < end:
                    push(slice(start, end))
        except SottoError:
            if before is not None:
                self._handle, before._handle = before._handle, self._handle
            raise
        return frames

    def _whole(self, frames: int) -> np.ndarray:
        """Ends the stream after so many frames: all samples that weren't read."""
        call("decoder_finish", self._handle)
        return self._read(room=frames * self.model.frame_size + 1)

    def _read(self, room: int = 1 << 16) -> np.ndarray:
        parts, got = [], Size()
        while True:
            part = np.empty(room, np.float32)
            call("decoder_read", self._handle, part.ctypes.data, part.size, ctypes.byref(got))
            parts.append(part[: got.value])
            if got.value < part.size:
                return parts[0] if len(parts) == 1 else np.concatenate(parts)
