# SPDX-License-Identifier: Apache-2.0
"""libsotto through ctypes, which lets go of the interpreter's lock during every call."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from .errors import DataError, NotFoundError, SottoError, UsageError

ABI = 1

Handle, Size, Int32, Int64 = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32, ctypes.c_int64
Address = ctypes.c_void_p

_KINDS = {64: UsageError, 65: DataError, 66: NotFoundError}


class _Error(ctypes.Structure):
    _fields_ = [("status", Int32), ("message", ctypes.c_char * 508)]


class Info(ctypes.Structure):
    _fields_ = [
        *((name, Int32) for name in ("sample_rate", "frame_size", "codebooks", "codebook_size")),
        *((name, Int32) for name in ("delay", "reads_text", "lookahead")),
        ("identity", ctypes.c_uint8 * 8),
        ("codes_identity", ctypes.c_uint8 * 8),
    ]


class Word(ctypes.Structure):
    _fields_ = [("offset", Size), ("byte_count", Size), ("start", ctypes.c_double), ("end", ctypes.c_double)]


# All arguments but the last, which is the error's.
_CALLS = {
    "model_open": (ctypes.c_char_p, Address),
    "model_describe": (Handle, Address),
    "model_vectors": (Handle, Address, Size, Address),
    "model_levels": (Handle, Address, Address, Address),
    "model_align": (Handle, Address, Address, Size, Size, Int64, ctypes.c_char_p, Address, Size, Address, Address),
    "encoder_open": (Handle, Int32, Int32, ctypes.c_char_p, Address),
    "encoder_open_latents": (Handle, Address),
    "encoder_copy": (Handle, Address),
    "encoder_width": (Handle, Address),
    "encoder_push": (Handle, Address, Size),
    "encoder_push_int16": (Handle, Address, Size),
    "encoder_finish": (Handle,),
    "encoder_available": (Handle, Address),
    "encoder_read": (Handle, Address, Address, Size, Address),
    "encoder_levels": (Handle, Address, Size, Address),
    "encoder_read_latents": (Handle, Address, Size, Address),
    "decoder_open": (Handle, Int64, Int32, Address),
    "decoder_copy": (Handle, Address),
    "decoder_push": (Handle, Address, Address, Size, Size),
    "decoder_push_latents": (Handle, Address, Size, Size),
    "decoder_set_level": (Handle, Int32),
    "decoder_push_lost": (Handle, Int32),
    "decoder_conceal": (Handle,),
    "decoder_finish": (Handle,),
    "decoder_read": (Handle, Address, Size, Address),
}


def _load() -> ctypes.CDLL:
    beside = Path(__file__).parent / "libsotto.so.1"
    library = ctypes.CDLL(os.environ.get("SOTTO_LIBRARY") or (str(beside) if beside.exists() else "libsotto.so.1"))
    if library.sotto_abi() != ABI:
        raise ImportError(f"libsotto has ABI {library.sotto_abi()}; this package needs {ABI}")
    for name, arguments in _CALLS.items():
        function = getattr(library, f"sotto_{name}")
        function.restype, function.argtypes = Int32, (*arguments, Address)
    for name in ("model", "encoder", "decoder"):
        function = getattr(library, f"sotto_{name}_close")
        function.restype, function.argtypes = None, (Handle,)
    library.sotto_version.restype = ctypes.c_char_p
    return library


LIBRARY = _load()


def call(name: str, *arguments) -> None:
    """Calls a function of the library; what it complains of is raised."""
    error = _Error()
    if getattr(LIBRARY, f"sotto_{name}")(*arguments, ctypes.byref(error)):
        raise _KINDS.get(error.status, SottoError)(error.message.decode("utf-8", "replace"))


class Owned:
    """Something of the library's that is closed when nobody needs it any more."""

    _kind = ""
    _handle: Handle | None = None

    def _open(self, function: str, *arguments) -> None:
        handle = Handle()
        call(function, *arguments, ctypes.byref(handle))
        self._close()
        self._handle = handle

    def _close(self) -> None:
        if self._handle:
            getattr(LIBRARY, f"sotto_{self._kind}_close")(self._handle)
            self._handle = None

    def __del__(self):
        self._close()

    def __reduce__(self):
        raise TypeError(f"{type(self).__name__} belongs to one process; make one in each")
