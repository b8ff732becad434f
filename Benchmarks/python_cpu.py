#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU seconds of a minute of speech through the Python package and through the command with the same FFT, whole processes.

    make python && .ci/libsotto command
    Python/.venv/bin/python Benchmarks/python_cpu.py
"""

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

ROOT = Path(__file__).parents[1]
COMMAND = ROOT / ".build-c" / "release" / "sotto"
ENCODE = "import sys, numpy, soundfile, sotto_codec; x, r = soundfile.read(sys.argv[1], dtype='int16'); "
ENCODE += "numpy.save(sys.argv[2], sotto_codec.load().encode(x, r))"
DECODE = "import sys, numpy, soundfile, sotto_codec; m = sotto_codec.load(); "
DECODE += "soundfile.write(sys.argv[2], m.decode(numpy.load(sys.argv[1])), m.sample_rate)"
START = "import numpy, soundfile, sotto_codec; sotto_codec.load()"


def seconds(*command) -> float:
    """CPU time of the process, the least of five runs."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(list(map(str, command)), check=True, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main():
    recordings = [soundfile.read(path, dtype="int16")[0] for path in sorted((ROOT / "Samples").glob("*.flac"))]
    with TemporaryDirectory() as folder:
        speech, tokens, codes, heard = (Path(folder) / name for name in ("a.wav", "a.sotto", "a.npy", "b.wav"))
        soundfile.write(speech, np.resize(np.concatenate(recordings), 60 * 16_000), 16_000, subtype="PCM_16")
        start = seconds(sys.executable, "-c", START)
        rows = [
            ("encode", seconds(COMMAND, "encode", "--force", speech, "-o", tokens),
             seconds(sys.executable, "-c", ENCODE, speech, codes)),
            ("decode", seconds(COMMAND, "decode", "--force", tokens, "-o", heard),
             seconds(sys.executable, "-c", DECODE, codes, heard)),
        ]  # fmt: skip
    print(f"CPU seconds for a minute of speech; Python's start, NumPy and the model take {start:.2f} of its figures")
    for name, command, module in rows:
        print(f"{name}: command {command:.2f}, Python {module:.2f}, without its start {module - start:.2f}")


if __name__ == "__main__":
    main()
