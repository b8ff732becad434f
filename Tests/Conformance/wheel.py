# SPDX-License-Identifier: Apache-2.0
"""The installed Python package in place of the command: codes become token files by Docs/token-format.md, and are read from them."""

import json
import struct
import zlib

import formats
import numpy as np
import sotto_codec

# Frames of a chunk of codes, and of a chunk of levels.
FRAMES, LEVELS = 128, 512


class Wheel:
    def __init__(self, samples):
        self.samples = samples
        self.models = {}

    def _model(self, name):
        if name not in self.models:
            self.models[name] = sotto_codec.load(name)
        return self.models[name]

    def encode(self, name, _, model, *options):
        model = self._model(model)
        average = "--average" in options
        number = options[options.index("--codes") + 1] if "--codes" in options else model.num_codebooks
        pcm = np.frombuffer(formats.pcm(self.samples / f"{name}.flac"), "<i2")
        codes, *counts, levels = model.encode(pcm, model.sample_rate, number, average=average, levels=True)
        counts = counts[0] if average else np.full(len(codes), codes.shape[1])
        return token_file(model, codes, counts, levels, thresholds(model, number) if average else None, len(pcm))

    def decode(self, tokens, _=None, most=8):
        model = next(model for model in map(self._model, ("sotto-16k", "sotto-16k-6hz")) if bytes.fromhex(model.id) == tokens[12:20])
        codes, counts, levels, samples = contents(tokens)
        return model.decode(codes, np.minimum(counts, most), samples=samples, levels=levels).astype("<f4").tobytes()


def thresholds(model, number):
    """The first codes from which on a frame has more codes, for so many on average, from the weights' file."""
    file = model.path.read_bytes()
    length = int.from_bytes(file[:8], "little")
    tensor = json.loads(file[8: 8 + length])["quantizer.starts"]
    first, end = tensor["data_offsets"]
    starts = np.frombuffer(file[8 + length + first: 8 + length + end], {"F16": "<f2", "F32": "<f4"}[tensor["dtype"]])
    own = starts.reshape(tensor["shape"])[number - 1].astype(int)
    return [int(start) for start in own[:-1] if start < model.codebook_size]


def token_file(model, codes, counts, levels, starts, samples):
    width = codes.shape[1] if starts is None else len(starts) + 1
    bits = (model.codebook_size - 1).bit_length()
    rate = (25, 2) if model.frame_rate == 12.5 else (25, 4)
    head = b"Sotto\r\n\x1a" + bytes([1 if starts is None else 2, width, bits, 1]) + bytes.fromhex(model.id)
    head += struct.pack("<IHHQ", model.sample_rate, *rate, samples)
    out = head + struct.pack("<I", zlib.crc32(head))
    if starts is not None:
        table = struct.pack(f"<{len(starts)}H", *starts)
        out += table + struct.pack("<I", zlib.crc32(table))
    for first in range(0, len(codes), FRAMES):
        rows = [row[:count] for row, count in zip(codes[first: first + FRAMES], counts[first:])]
        flat = [int(code) for row in rows for code in row]
        number = sum(code << place * bits for place, code in enumerate(flat))
        out += formats.chunk(b"F", first, bytes([len(rows)]) + number.to_bytes((len(flat) * bits + 7) // 8, "little"))
        end = first + len(rows)
        if end % LEVELS == 0 or end == len(codes):
            begin = (end - 1) // LEVELS * LEVELS
            out += formats.chunk(b"L", begin, runs(levels[begin:end]))
    return out + formats.chunk(b"E", len(codes), struct.pack("<Q", samples))


def runs(levels):
    out, start = b"", 0
    for end in [*(np.flatnonzero(np.diff(levels)) + 1), len(levels)]:
        length, size = int(end) - start, b""
        while length > 127:
            length, size = length >> 7, size + bytes([length & 127 | 128])
        out, start = out + bytes([levels[start]]) + size + bytes([length]), int(end)
    return out


def contents(file):
    """Codes [frames, codebooks], counts, levels [frames] and the number of samples."""
    width, bits, at = file[9], file[10], formats.HEADER
    starts = [0] * (width - 1)
    if file[8] == 2:
        starts = struct.unpack_from(f"<{width - 1}H", file, at)
        at += 2 * (width - 1) + 4
    rows, levels, samples = [], [], None
    for kind, _, payload in formats.chunks(file, at):
        if kind == b"F":
            number = int.from_bytes(payload[1:], "little")
            for _ in range(payload[0]):
                count = 1 + sum(start <= number & (1 << bits) - 1 for start in starts)
                rows.append([number >> place * bits & (1 << bits) - 1 for place in range(count)])
                number >>= count * bits
        elif kind == b"L":
            place = 0
            while place < len(payload):
                level, length, shift = payload[place], 0, 0
                place += 1
                while True:
                    length |= (payload[place] & 127) << shift
                    shift, place = shift + 7, place + 1
                    if payload[place - 1] < 128:
                        break
                levels += [level] * length
        elif kind == b"E":
            samples = struct.unpack("<Q", payload)[0]
    codes = np.array([row + [0] * (width - len(row)) for row in rows])
    return codes, np.array([len(row) for row in rows]), np.array(levels), samples
