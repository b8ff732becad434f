# SPDX-License-Identifier: Apache-2.0
"""What a model is, for `transformers`."""

from transformers import PretrainedConfig


class SottoConfig(PretrainedConfig):
    """Rates in Hz and sizes as in `sotto_codec.Model`; `sotto_model` is what loads it, a name or a file beside this one."""

    model_type = "sotto"

    def __init__(
        self,
        sotto_model: str = "sotto-16k",
        codes_id: str | None = None,
        sampling_rate: int = 16_000,
        frame_rate: float = 12.5,
        frame_size: int = 1280,
        num_quantizers: int = 8,
        codebook_size: int = 1024,
        codebook_dim: int = 33,
        **others,
    ):
        self.sotto_model = sotto_model
        self.codes_id = codes_id
        self.sampling_rate = sampling_rate
        self.frame_rate = frame_rate
        self.frame_size = frame_size
        self.num_quantizers = num_quantizers
        self.codebook_size = codebook_size
        self.codebook_dim = codebook_dim
        super().__init__(**others)
