# SPDX-License-Identifier: Apache-2.0
"""Speech to tokens and back, live: 12.5 or 6.25 frames a second, one to eight codes each.

    model = sotto_codec.load("sotto-16k")
    codes = model.encode(samples, 44100)      # uint16 [frames, 8], coarsest first
    audio = model.decode(codes)               # float32 at model.sample_rate

`sotto_codec.layouts` has the arrangements of codes that language models take, and back; `sotto_codec.files` writes
and reads files of codes.
"""

from . import files, layouts
from ._library import LIBRARY
from .errors import DataError, NotFoundError, SottoError, UsageError
from .model import Alignment, Model, Word, from_pretrained, load
from .streams import Decoder, Encoder, LatentEncoder

__version__ = LIBRARY.sotto_version().decode()
__all__ = [
    "Alignment",
    "DataError",
    "Decoder",
    "Encoder",
    "LatentEncoder",
    "Model",
    "NotFoundError",
    "SottoError",
    "UsageError",
    "Word",
    "files",
    "from_pretrained",
    "layouts",
    "load",
]
