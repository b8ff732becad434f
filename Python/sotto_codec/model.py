# SPDX-License-Identifier: Apache-2.0
"""A model, and whole recordings."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import _arguments
from ._library import Info, Owned, Size, call
from ._library import Word as _Word
from ._resampling import resampled
from .errors import NotFoundError, UsageError
from .streams import Decoder, Encoder, LatentEncoder

MODELS = Path(__file__).parent / "models"


class Word(NamedTuple):
    """A word of a text and when it is said, in seconds; both are None if it isn't said."""

    word: str
    start: float | None
    end: float | None


class Alignment(NamedTuple):
    """The words of a text in their order, and the share of the letters heard that the text accounts for, 0 to 1.

    Don't rely on the times where `match` is below 0.5.
    """

    words: list[Word]
    match: float


class Model(Owned):
    """Weights and configuration: immutable, shared by any number of streams and threads. Make one with `load`.

    Attributes:
        name: what `load` took. Models are pickled by it.
        path: the file of its weights.
        id: what names the codes: codes decode by any model with the same one.
        sample_rate: of all samples, in Hz.
        frame_rate: frames a second.
        frame_size: samples of a frame.
        num_codebooks: the most codes of a frame.
        codebook_size: each code is less than it.
        latent_size: values of a frame's latents.
        num_levels: how many levels a speaker can have; 0 if the codes say how loud a speaker is.
        nominal_level: the number of the level at which codes without one are spoken.
        level_step: dB from one level to the next.
        delay: samples by which decoded speech lags what was encoded, beyond the frame itself. Decoders cut it off.
        reads_text: whether `align` can be used.
    """

    _kind = "model"

    def __init__(self, path: str | os.PathLike, name: str | None = None):
        self.path = Path(path)
        self.name = os.fspath(path) if name is None else name
        self._open("model_open", os.fsencode(path))
        info, width = Info(), ctypes.c_int32()
        call("model_describe", self._handle, ctypes.byref(info))
        call("model_vectors", self._handle, None, 0, ctypes.byref(width))
        self.sample_rate: int = info.sample_rate
        self.frame_size: int = info.frame_size
        self.frame_rate: float = info.sample_rate / info.frame_size
        self.num_codebooks: int = info.codebooks
        self.codebook_size: int = info.codebook_size
        self.latent_size: int = width.value
        self.delay: int = info.delay
        self.reads_text: bool = bool(info.reads_text)
        steps, nominal, step = ctypes.c_int32(), ctypes.c_int32(), ctypes.c_double()
        call("model_levels", self._handle, *map(ctypes.byref, (steps, nominal, step)))
        self.num_levels: int = steps.value
        self.nominal_level: int = nominal.value
        self.level_step: float = step.value
        self.id: str = bytes(info.codes_identity).hex()

    def __reduce__(self):
        return load, (self.name,)

    def __repr__(self) -> str:
        return f"<sotto_codec.Model {self.name}: {self.num_codebooks} x {self.codebook_size}, {self.frame_rate:g} Hz>"

    @staticmethod
    def from_pretrained(model: str | os.PathLike = "sotto-16k") -> Model:
        """The same as `sotto_codec.load`."""
        return load(model)

    # Whole recordings

    def encode(
        self,
        audio,
        sample_rate: int,
        codes: int | None = None,
        average: bool = False,
        channel_axis: int | None = None,
        levels: bool = False,
    ) -> np.ndarray | tuple[np.ndarray, ...]:
        """A recording to codes.

        Args:
            audio: samples [n], int16 or floating point from -1 to 1. What is louder is clipped, what is no number is silent.
            sample_rate: of these samples, in Hz. Other rates than the model's need `sotto-codec[audio]`.
            codes: how many codes the frames get; None for one of every codebook.
            average: frames get more codes where that helps and fewer elsewhere, so many on average in read speech.
            channel_axis: samples have two axes, and are averaged over this one. Without it, several channels are refused.
            levels: of a model with `num_levels`, also how loud the speaker is.

        Returns:
            codes uint16 [frames, codes], coarsest first. With `average` a tuple of codes [frames, most that a frame may have] and
            counts uint8 [frames], how many codes of each row count; zeros follow them. With `levels` a tuple too, whose last one
            is uint8 [frames]: the number of the speaker's level.
        """
        encoder = self.encoder(codes, average, levels)
        parts = encoder.push(self._samples(audio, sample_rate, channel_axis)), encoder.finish()
        return tuple(map(np.concatenate, zip(*parts))) if average or levels else np.concatenate(parts)

    def decode(
        self, codes, counts=None, samples: int | None = None, sample_rate: int | None = None, levels=None
    ) -> np.ndarray:
        """Codes to speech.

        Args:
            codes: [frames, codebooks] of any integer type, as `encode` gives them or a language model makes them. Fewer codebooks
                are a coarser coding. At the end of a row, negative numbers and 65535 are codes that the frame doesn't have.
            counts: whole numbers [frames], how many codes of each row count; 0 for a frame that is lost.
            samples: how many samples the recording had at `sample_rate`; None decodes every frame to its end.
            sample_rate: of what is returned; None for the model's. Others need `sotto-codec[audio]`.
            levels: the numbers of the speaker's level, whole numbers [frames] or one for all; None for the model's `nominal_level`.
                Negative numbers and 65535: as the frame before.

        Returns:
            samples float32 [n].
        """
        rate, count = self._wanted(samples, sample_rate)
        decoder = self.decoder(count)
        return self._at(rate, samples, decoder._whole(decoder._take(codes, counts, levels)))

    def latents(self, audio, sample_rate: int, channel_axis: int | None = None) -> np.ndarray:
        """A recording to latents float32 [frames, latent_size]: what codes are chosen for. Arguments are those of `encode`.

        The speaker's level isn't in them if the model tells it apart: `encode` gives it for the same frames.
        """
        encoder = self.latent_encoder()
        return np.concatenate([encoder.push(self._samples(audio, sample_rate, channel_axis)), encoder.finish()])

    def decode_latents(
        self, latents, samples: int | None = None, sample_rate: int | None = None, levels=None
    ) -> np.ndarray:
        """Latents [frames, latent_size] to samples float32 [n]. Other arguments are those of `decode`."""
        rate, count = self._wanted(samples, sample_rate)
        decoder = self.decoder(count)
        return self._at(rate, samples, decoder._whole(decoder._take_latents(latents, levels)))

    def encode_batch(
        self,
        audio: Sequence,
        sample_rate: int,
        codes: int | None = None,
        average: bool = False,
        channel_axis: int | None = None,
        threads: int | None = None,
        levels: bool = False,
    ) -> list:
        """Several recordings at once, each as `encode` gives it; as many threads as there are processors, or `threads`."""
        return _in_threads(threads, lambda one: self.encode(one, sample_rate, codes, average, channel_axis, levels), audio)

    def decode_batch(
        self,
        codes: Sequence,
        counts: Sequence | None = None,
        samples: Sequence[int] | None = None,
        sample_rate: int | None = None,
        threads: int | None = None,
        levels: Sequence | None = None,
    ) -> list[np.ndarray]:
        """Several recordings at once, each as `decode` gives it; `counts`, `samples` and `levels` are one for each, or None."""
        codes = list(codes)
        for name, values in (("counts", counts), ("samples", samples), ("levels", levels)):
            if values is not None and len(values) != len(codes):
                raise UsageError(f"there are {len(codes)} recordings, and {name} of {len(values)}")
        none = [None] * len(codes)
        return _in_threads(
            threads,
            lambda one, amounts, length, loud: self.decode(one, amounts, length, sample_rate, loud),
            codes,
            *(none if values is None else values for values in (counts, samples, levels)),
        )

    # Live streams

    def encoder(self, codes: int | None = None, average: bool = False, levels: bool = False) -> Encoder:
        """A live stream to codes: so many in each frame, or on average; None for one of every codebook. Arguments as `encode`."""
        return Encoder(self, codes, average, levels)

    def latent_encoder(self) -> LatentEncoder:
        """A live stream to latents."""
        return LatentEncoder(self)

    def decoder(self, samples: int | None = None) -> Decoder:
        """A live stream to speech, or a recording of so many samples at the model's rate."""
        return Decoder(self, samples)

    # What is inside

    @cached_property
    def codebooks(self) -> np.ndarray:
        """The vectors float32 [num_codebooks, codebook_size, latent_size], read-only.

        The latents that codes stand for are the sum of one vector of each codebook, from the first on.
        """
        vectors = np.empty((self.num_codebooks, self.codebook_size, self.latent_size), np.float32)
        call("model_vectors", self._handle, vectors.ctypes.data, vectors.size, ctypes.byref(ctypes.c_int32()))
        vectors.flags.writeable = False
        return vectors

    def align(self, codes, text: str, counts=None, samples: int | None = None) -> Alignment:
        """When the words of a text are said, found in the codes.

        Args:
            codes: [frames, codebooks], and `counts`, as `decode` takes them.
            text: what stands between white space is a word; those without a letter or a digit are left out.
            samples: how many samples the recording has at the model's rate; None for the frames' end.
        """
        if not isinstance(text, str) or "\0" in text:
            raise UsageError("the text is a str without a zero in it")
        rows, amounts = _arguments.frames(codes, counts)
        try:
            said = text.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"the text can't be written in UTF-8: {error}") from None
        length = _arguments.length(samples)
        words, got, match = (_Word * (len(said) // 2 + 1))(), Size(), ctypes.c_double()
        call(
            "model_align", self._handle, rows.ctypes.data, None if amounts is None else amounts.ctypes.data, len(rows),
            rows.shape[1], -1 if length is None else length, said, words, len(words), ctypes.byref(got),
            ctypes.byref(match),
        )  # fmt: skip
        return Alignment([_said(word, said) for word in words[: got.value]], match.value)

    def _samples(self, audio, sample_rate, channel_axis) -> np.ndarray:
        samples, rate = _arguments.mono(audio, channel_axis), _arguments.rate(sample_rate)
        if rate == self.sample_rate:
            return samples
        return resampled(_arguments.finite(_arguments.floats(samples)), rate, self.sample_rate)

    def _wanted(self, samples, sample_rate) -> tuple[int, int | None]:
        """The rate of what is returned, and how many samples are decoded for it."""
        rate, count = self.sample_rate if sample_rate is None else _arguments.rate(sample_rate), _arguments.length(samples)
        return rate, None if count is None else -(-count * self.sample_rate // rate)

    def _at(self, rate: int, samples: int | None, audio: np.ndarray) -> np.ndarray:
        if rate == self.sample_rate:
            return audio
        audio = resampled(audio, self.sample_rate, rate)
        # Rates that don't divide each other may leave a sample too many or too few.
        if samples is None or len(audio) < samples - rate // 100:
            return audio
        return np.concatenate([audio[:samples], np.zeros(max(0, samples - len(audio)), np.float32)])


def load(model: str | os.PathLike = "sotto-16k") -> Model:
    """Loads a model.

    Args:
        model: the name of one that came with the package, `sotto-16k`, `sotto-16k-6hz` or `sotto-16k-single`; a file of weights; or a folder that holds
            one such file.
    """
    name = os.fspath(model)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if "\0" in name or not name:
        raise UsageError(f"{name!r} is no model's name")
    inside = MODELS / f"{name}.safetensors"
    if os.sep not in name and inside.exists():
        return Model(inside, name)
    path = os.path.abspath(name)
    if os.path.isdir(path):
        files = sorted(Path(path).glob("*.safetensors"))
        if len(files) != 1:
            raise NotFoundError(f"{name} holds {len(files)} files of weights; name the one to load")
        return Model(files[0], path)
    if not os.path.exists(path):
        known = ", ".join(sorted(file.stem for file in MODELS.glob("*.safetensors"))) or "none"
        raise NotFoundError(f"{name} is neither a file of weights nor a model that came with the package; those are: {known}")
    return Model(path, path)


from_pretrained = load


def _said(word: _Word, text: bytes) -> Word:
    times = (None, None) if word.start < 0 else (word.start, word.end)
    return Word(text[word.offset : word.offset + word.byte_count].decode(), *times)


def _in_threads(threads: int | None, work, *lists) -> list:
    count = len(os.sched_getaffinity(0)) if threads is None else _arguments.whole(threads, "threads", 1, 1024)
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, *lists))
