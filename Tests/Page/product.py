# SPDX-License-Identifier: Apache-2.0
"""The programs under test, and recordings for them."""

import json
import os
import re
import signal
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parent.parent.parent
SOTTO = ROOT / ".build/release/sotto"
SERVE = ROOT / "Serve/.build/release/sotto-serve"
SAMPLES = ROOT / "Samples"
RATE = 48_000


class Server:
    """sotto-serve at a port of its own, which ends with the block.

    `kept` is the folder with what it received and sent, if `keeps`."""

    def __init__(self, *options, keeps=False):
        self.options, self.keeps = options, keeps

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.kept = Path(self.folder.name)
        environment = {**os.environ, "TMPDIR": self.folder.name}
        environment.pop("SOTTO_MODEL", None)
        if self.keeps:
            environment["SOTTO_SERVE_KEEP"] = self.folder.name
        self.process = subprocess.Popen(
            [SERVE, "--port", "0", *self.options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://localhost:(\d+)/", line)
        if not found:
            raise RuntimeError(f"sotto-serve said {line!r} {self.process.communicate()}")
        self.port = int(found[1])
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        self.folder.cleanup()

    @property
    def is_alive(self):
        return self.process.poll() is None

    @property
    def megabytes(self):
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def sotto(*arguments, input=None):
    """What the command writes to standard output."""
    return subprocess.run([SOTTO, *map(str, arguments)], input=input, check=True, capture_output=True).stdout


def tokens(recording, *options):
    """The bytes of `sotto encode`."""
    return sotto("encode", recording, "-o", "-", *options)


def codes(recording, *options):
    """The codes of `sotto encode`, a list a frame."""
    with tempfile.TemporaryDirectory() as folder:
        path, array = Path(folder) / "tokens.sotto", Path(folder) / "codes.json"
        path.write_bytes(tokens(recording, *options))
        sotto("export", path, "-o", array)
        return json.loads(array.read_text())


def read_wav(path):
    """Samples of one channel between -1 and 1, 16-bit or floating-point, and their rate."""
    data = Path(path).read_bytes()
    at, form = 12, None
    while at < len(data):
        name, size = data[at:at + 4], int.from_bytes(data[at + 4:at + 8], "little")
        body = data[at + 8:at + 8 + size]
        if name == b"fmt ":
            form = int.from_bytes(body[4:8], "little"), int.from_bytes(body[14:16], "little")
        if name == b"data":
            samples = numpy.frombuffer(body, "<f4") if form[1] == 32 else numpy.frombuffer(body, "<i2") / 32768
            return samples.astype(float), form[0]
        at += 8 + size + size % 2
    raise ValueError(f"{path} is no WAV")


def write_wav(path, samples, rate=RATE, floating=False):
    data = samples.astype("<f4").tobytes() if floating else (numpy.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    size = 4 if floating else 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3 if floating else 1, 1, rate, rate * size, size, size * 8)
    head = b"WAVE" + form + struct.pack("<4sI", b"data", len(data))
    Path(path).write_bytes(struct.pack("<4sI", b"RIFF", len(head) + len(data)) + head + data)


def sample(name, rate=RATE):
    """One of the samples, at any rate."""
    raw = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-i", SAMPLES / f"{name}.flac", "-f", "f32le", "-ar", str(rate), "-"],
        check=True, capture_output=True).stdout
    return numpy.frombuffer(raw, "<f4").astype(float)
