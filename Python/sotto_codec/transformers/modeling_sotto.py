# SPDX-License-Identifier: Apache-2.0
"""Sotto as one of the codecs of `transformers`: torch's tensors in and out, computed by libsotto on the CPU."""

import os
from dataclasses import dataclass
from pathlib import Path

import sotto_codec
import torch
from sotto_codec import layouts
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .configuration_sotto import SottoConfig


@dataclass
class SottoEncoderOutput(ModelOutput):
    """`audio_codes` int64 [recordings, codebooks, frames], and `audio_codes_mask` bool of that shape: which of them there are.

    The others are 0 in `audio_codes`: they lie after a recording's end, or in frames of fewer codes. Of models that tell the
    speaker's level, `audio_levels` int64 [recordings, frames] has its numbers, -1 after a recording's end.
    """

    audio_codes: torch.Tensor | None = None
    audio_codes_mask: torch.Tensor | None = None
    audio_levels: torch.Tensor | None = None


@dataclass
class SottoDecoderOutput(ModelOutput):
    """`audio_values` float32 [recordings, 1, samples], zero after a recording's end."""

    audio_values: torch.Tensor | None = None


@dataclass
class SottoOutput(ModelOutput):
    """Both."""

    audio_codes: torch.Tensor | None = None
    audio_codes_mask: torch.Tensor | None = None
    audio_levels: torch.Tensor | None = None
    audio_values: torch.Tensor | None = None


class SottoModel(PreTrainedModel):
    """Speech to codes and back. Nothing of it is trained, and no gradients flow through it.

    The buffer `codebooks`, float32 [codebooks, codebook_size, codebook_dim], has the vectors that codes stand for.
    """

    config_class = SottoConfig
    main_input_name = "input_values"
    _no_split_modules = []

    def __init__(self, config: SottoConfig):
        super().__init__(config)
        self.codec = sotto_codec.load(config.sotto_model)
        if config.codes_id not in (None, self.codec.id):
            raise sotto_codec.DataError(
                f"{config.sotto_model} has other codes, {self.codec.id}, than this folder says, {config.codes_id}"
            )
        self.register_buffer("codebooks", torch.from_numpy(self.codec.codebooks.copy()), persistent=False)
        self.eval()

    @classmethod
    def from_pretrained(cls, folder, *arguments, config=None, **others):
        """Loads the model that a folder names. Of other arguments, none makes a difference."""
        config = config if isinstance(config, SottoConfig) else SottoConfig.from_pretrained(folder)
        beside = Path(folder) / config.sotto_model
        if beside.suffix == ".safetensors" and beside.exists():
            config.sotto_model = str(beside)
        return cls(config)

    def save_pretrained(self, folder: str | os.PathLike, **others) -> None:
        """Writes a folder for `from_pretrained`."""
        from sotto_codec.transformers import write_folder

        write_folder(folder, self.codec.name)

    @torch.no_grad()
    def encode(
        self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, num_quantizers: int | None = None,
        average: bool = False, return_dict: bool | None = None,
    ) -> SottoEncoderOutput:  # fmt: skip
        """Recordings to codes.

        Args:
            input_values: float32 [recordings, samples] or [recordings, 1, samples], at `config.sampling_rate`.
            padding_mask: [recordings, samples] (or with a 1 between), 0 for samples after a recording's end.
            num_quantizers: how many codes the frames get; None for one of every codebook.
            average: frames have more codes where that helps and fewer elsewhere, so many on average.
        """
        audio = self._rows(input_values, "input_values")
        lengths = self._lengths(audio, padding_mask)
        recordings = [samples[:length] for samples, length in zip(audio, lengths)]
        told = self.codec.num_levels > 0
        found = self.codec.encode_batch(recordings, self.config.sampling_rate, num_quantizers, average, levels=told)
        codes, *others = zip(*found) if average or told else (found,)
        batch, _ = layouts.batched(codes, others[0] if average else None)
        there = torch.from_numpy(batch >= 0).to(input_values.device)
        values = torch.from_numpy(batch.clip(0)).to(input_values.device)
        levels = None
        if told:
            rows, _ = layouts.batched([one[:, None] for one in others[-1]])
            levels = torch.from_numpy(rows[:, 0]).to(input_values.device)
        output = SottoEncoderOutput(audio_codes=values, audio_codes_mask=there, audio_levels=levels)
        return output.to_tuple() if return_dict is False else output

    @torch.no_grad()
    def decode(
        self, audio_codes: torch.Tensor, audio_codes_mask: torch.Tensor | None = None,
        padding_mask: torch.Tensor | None = None, return_dict: bool | None = None,
        audio_levels: torch.Tensor | None = None,
    ) -> SottoDecoderOutput:  # fmt: skip
        """Codes to recordings.

        Args:
            audio_codes: [recordings, codebooks, frames] of any integer type; of the first codebooks only, a coarser coding. Negative
                ones aren't there.
            audio_codes_mask: which codes there are, as `encode` gives it.
            padding_mask: that of the recordings, which gives them their lengths.
            audio_levels: the speaker's levels [recordings, frames], as `encode` gives them; None for the nominal one.
        """
        codes = torch.as_tensor(audio_codes)
        if audio_codes_mask is not None:
            if audio_codes_mask.shape != codes.shape:
                raise sotto_codec.UsageError(
                    f"codes are {list(codes.shape)} and their mask is {list(audio_codes_mask.shape)}"
                )
            codes = codes.masked_fill(~audio_codes_mask.bool(), -1)
        rows = layouts.unbatched(torch.where(codes < 0, -1, codes))
        lengths = None if padding_mask is None else self._sums(padding_mask)
        levels = None if audio_levels is None else self._levels(audio_levels, codes, rows)
        audio = self.codec.decode_batch([one for one, _ in rows], [counts for _, counts in rows], lengths, levels=levels)
        values = torch.zeros(len(audio), 1, max(map(len, audio)))
        for row, samples in zip(values, audio):
            row[0, : len(samples)] = torch.from_numpy(samples)
        output = SottoDecoderOutput(audio_values=values.to(codes.device))
        return output.to_tuple() if return_dict is False else output

    def forward(
        self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, num_quantizers: int | None = None,
        return_dict: bool | None = None,
    ) -> SottoOutput:  # fmt: skip
        """Recordings to codes and back; arguments are those of `encode`."""
        coded = self.encode(input_values, padding_mask, num_quantizers)
        rows = self._rows(input_values, "input_values")
        mask = torch.ones(rows.shape) if padding_mask is None else padding_mask
        heard = self.decode(coded.audio_codes, coded.audio_codes_mask, mask, audio_levels=coded.audio_levels)
        output = SottoOutput(**coded, **heard)
        return output.to_tuple() if return_dict is False else output

    def _init_weights(self, module):
        """There are none to begin with."""

    @staticmethod
    def _rows(values: torch.Tensor, name: str) -> torch.Tensor:
        if values.ndim == 3 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 2:
            raise sotto_codec.UsageError(f"{name} are [recordings, 1, samples]; these are {list(values.shape)}")
        return values.float().cpu()

    @staticmethod
    def _levels(levels: torch.Tensor, codes: torch.Tensor, rows: list) -> list:
        values = torch.as_tensor(levels).cpu()
        if values.shape != codes[:, 0].shape:
            raise sotto_codec.UsageError(f"codes are {list(codes.shape)} and their levels are {list(values.shape)}")
        return [row[: len(one)].numpy() for row, (one, _) in zip(values, rows)]

    def _lengths(self, audio: torch.Tensor, mask: torch.Tensor | None) -> list[int]:
        if mask is None:
            return [audio.shape[1]] * len(audio)
        lengths = self._sums(mask)
        if len(lengths) != len(audio) or max(lengths, default=0) > audio.shape[1]:
            raise sotto_codec.UsageError(f"samples are {list(audio.shape)} and their mask is {list(mask.shape)}")
        return lengths

    def _sums(self, mask: torch.Tensor) -> list[int]:
        rows = self._rows(mask, "masks")
        lengths = rows.bool().sum(dim=-1)
        if not torch.equal(rows.bool(), torch.arange(rows.shape[1]) < lengths[:, None]):
            raise sotto_codec.UsageError("padding lies after a recording's end; this mask has some before it")
        return lengths.tolist()
