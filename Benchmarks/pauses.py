#!/usr/bin/env python3
"""The bitrate that `sotto stream encode` really writes on speech with pauses, with --dtx and without.

    pip install numpy soundfile
    Benchmarks/pauses.py FOLDER_OR_FILES... [--minutes 10] [--seed 1] [--noise -65] [--fec] [--average] [--model sotto-16k-6hz]

Makes one side of a conversation: clips of 16 kHz in random order, with pauses between them so that about half of the time nobody speaks, as
in telephone calls, over a steady noise of the level given (dB of full scale; it has the tilt of a quiet room). Prints
bit/s of all that is written, packets' heads included.
"""

import argparse
import random
import subprocess
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
SOTTO = ROOT / ".build/release/sotto"
RATE = 16000


def conversation(paths, seconds, noise, generator):
    files = []
    for path in map(Path, paths):
        files += sorted(p for p in path.rglob("*") if p.suffix in (".wav", ".flac")) if path.is_dir() else [path]
    generator.shuffle(files)
    parts, length, spoken = [], 0, 0
    while length < seconds * RATE:
        clip, rate = soundfile.read(files[len(parts) // 2 % len(files)], dtype="float64")
        if rate != RATE or clip.ndim != 1:
            raise SystemExit("give mono clips of 16 kHz")
        pause = np.zeros(int(len(clip) * generator.uniform(0.5, 1.5)))
        parts += [clip, pause]
        length += len(clip) + len(pause)
        spoken += len(clip)
    audio = np.concatenate(parts)
    hiss = np.random.default_rng(generator.randrange(1 << 32)).standard_normal(len(audio) + 64)
    room = np.convolve(hiss, 0.8 ** np.arange(32), "same")[: len(audio)]
    return audio + room / room.std() * 10 ** (noise / 20), spoken / len(audio)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=-65)
    parser.add_argument("--fec", action="store_true", help="send each frame's first code with the next one too")
    parser.add_argument("--average", action="store_true", help="6, 4 and 2 codes a frame on average")
    parser.add_argument("--model", default="sotto-16k")
    options = parser.parse_args()
    audio, share = conversation(options.clips, options.minutes * 60, options.noise, random.Random(options.seed))
    pcm = (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()
    seconds = len(audio) / RATE
    print(f"{seconds / 60:.1f} minutes, clips make up {100 * share:.0f} % of them")
    always = ["--model", options.model] + ["--fec"] * options.fec + ["--average"] * options.average
    for codebooks in (6, 4, 2) if options.average else (8, 4, 1):
        rates = []
        for extra in ([], ["--dtx"]):
            command = [SOTTO, "stream", "encode", "--codes", str(codebooks), *always, *extra]
            rates.append(len(subprocess.run(command, input=pcm, stdout=subprocess.PIPE, check=True).stdout) * 8 / seconds)
        print(f"{codebooks} codebooks: {rates[0]:7.0f} bit/s without, {rates[1]:7.0f} with --dtx ({100 * rates[1] / rates[0]:.0f} %)")


if __name__ == "__main__":
    main()
