# SPDX-License-Identifier: Apache-2.0
"""The formats of Docs/token-format.md as far as the cases need them, and raw samples of a FLAC file."""

import ctypes
import struct
import zlib

HEADER = 40


def pcm(path):
    """The samples of a mono recording as 16-bit little-endian bytes, read by libsndfile."""

    class Info(ctypes.Structure):
        _fields_ = [("frames", ctypes.c_int64)] + [
            (name, ctypes.c_int) for name in ("samplerate", "channels", "format", "sections", "seekable")]

    library = ctypes.CDLL("libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    info = Info()
    file = ctypes.c_void_p(library.sf_open(str(path).encode(), 0x10, ctypes.byref(info)))
    if not file:
        raise OSError(f"{path} can't be read")
    samples = (ctypes.c_int16 * info.frames)()
    library.sf_read_short.restype = ctypes.c_int64
    library.sf_read_short(file, samples, ctypes.c_int64(info.frames))
    library.sf_close(file)
    return bytes(samples)


def wav_data(wav):
    """What the data chunk of a WAV file holds: float files also carry the time they were written at."""
    at = 12
    while at + 8 <= len(wav):
        kind, size = struct.unpack_from("<4sI", wav, at)
        if kind == b"data":
            return wav[at + 8: at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError("no data chunk")


def packets(stream, bits=10):
    """The packets of an undamaged live stream."""
    found, at = [], 0
    while at < len(stream):
        first = stream[at]
        if first == 0xD3:
            size = 16
        elif first in (0xB4, 0xB5, 0xB6):
            size = {0xB4: 20, 0xB5: 4, 0xB6: 5}[first]
        elif first >> 3 in (0b10101, 0b10111):
            codes = (first & 7) + 1 + (first >> 3 == 0b10111)
            size = 4 + (codes * bits + 7) // 8
        else:
            raise ValueError(f"no packet begins with {first:02x}")
        found.append(stream[at: at + size])
        at += size
    return found


def is_frame(packet):
    return packet[0] != 0xD3


def chunk(kind, frame, payload):
    head = b"\xc5" + kind + struct.pack("<II", len(payload), frame)
    return head + struct.pack("<I", zlib.crc32(head + payload)) + payload


def chunks(file, at=HEADER):
    """(kind, first frame, payload) of each chunk of an undamaged file, in version 1 right after the header."""
    found = []
    while at < len(file):
        kind, length, frame = struct.unpack_from("<cII", file, at + 1)
        found.append((kind, frame, file[at + 14: at + 14 + length]))
        at += 14 + length
    return found


def without_frames(file, lost):
    """A file of version 1 in which the frames of the set `lost` are missing, each of the others in a chunk of its own."""
    codebooks, bits = file[9], file[10]
    out = file[:HEADER]
    for kind, first, payload in chunks(file):
        if kind != b"F":
            out += chunk(kind, first, payload)
            continue
        number, size = int.from_bytes(payload[1:], "little"), codebooks * bits
        for index in range(payload[0]):
            if first + index not in lost:
                codes = number >> index * size & (1 << size) - 1
                out += chunk(b"F", first + index, b"\x01" + codes.to_bytes((size + 7) // 8, "little"))
    return out
