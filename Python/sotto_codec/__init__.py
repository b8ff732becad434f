# SPDX-License-Identifier: Apache-2.0
"""Speech to tokens and back, live: libsotto in the words of NumPy.

    model = sotto_codec.load("Models/sotto-16k.safetensors")
    codes = model.encode(samples, 16000)      # uint16 [frames, 8], 12.5 frames a second
    audio = model.decode(codes)               # float32
"""

from ._library import LIBRARY, DataError, NotFoundError, SottoError, UsageError
from .model import Model, load
from .streams import Decoder, Encoder

__version__ = LIBRARY.sotto_version().decode()
__all__ = ["DataError", "Decoder", "Encoder", "Model", "NotFoundError", "SottoError", "UsageError", "load"]
