#!/usr/bin/env python3
"""Quality over a lossy line, beside Opus with its own concealment where opus-tools are installed.

    pip install numpy soundfile pesq pystoi
    Benchmarks/lossy_line.py FOLDER_OR_FILES... [--seed 1] [--rates 0,1,3,5,10,20] [--limit 24]

Packets of `sotto stream encode` (a frame each, of the model that SOTTO_MODEL names), without and with --fec, and of Opus at
6 kbit/s (20 ms each) are dropped with the same share, one by one or, Sotto's, in bursts of about three (a Gilbert line). What
comes out is compared with the clip by PESQ-WB and STOI; a table is printed for each.
Opus is an Ogg file whose packets are dropped by its decoder, opusdec --packet-loss, which knows no bursts.
"""

import argparse
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from pesq import pesq
from pystoi import stoi

ROOT = Path(__file__).resolve().parent.parent
SOTTO = ROOT / ".build/release/sotto"
RATE = 16000
BURST = 3  # frames


def run(command, data=b""):
    return subprocess.run([str(part) for part in command], input=data, capture_output=True, check=True).stdout


def packets(stream, codebooks=8, bits=10):
    """Splits a live stream as Docs/token-format.md lays it out."""
    position = 0
    while position < len(stream):
        marker = stream[position]
        if marker == 0xD3:
            size = 16
        elif marker == 0xB6:
            size = 5
        elif marker & 0xE8 == 0xA8:
            codes = (marker & 7) + 1 + (marker & 0xF8 == 0xB8)
            size = 4 + (codes * bits + 7) // 8
        else:
            raise SystemExit("this is no live stream")
        yield marker == 0xD3, stream[position : position + size]
        position += size


def losses(count, share, burst, generator):
    """True for each frame that is lost; with `burst` > 1 a two-state line with that mean length of a loss."""
    if share == 0:
        return [False] * count
    if burst == 1:
        return [generator.random() < share for _ in range(count)]
    lost, all_lost = False, []
    for _ in range(count):
        enter = share / (burst * (1 - share))
        lost = generator.random() >= 1 / burst if lost else generator.random() < enter
        all_lost.append(lost)
    return all_lost


def drop(stream, share, burst, generator):
    split = list(packets(stream))
    lost = iter(losses(sum(not hello for hello, _ in split), share, burst, generator))
    kept = [packet for hello, packet in split if hello or not next(lost)]
    return b"".join(kept)


def score(clean, heard):
    heard = np.frombuffer(heard, "<i2") / 32768
    heard = np.pad(heard, (0, max(0, len(clean) - len(heard))))[: len(clean)]
    return pesq(RATE, clean, heard, "wb"), stoi(clean, heard, RATE)


def opus(clean, share, folder):
    soundfile.write(folder / "in.wav", clean, RATE, subtype="PCM_16")
    run(["opusenc", "--quiet", "--bitrate", "6", folder / "in.wav", folder / "a.opus"])
    loss = ["--packet-loss", str(share)] if share else []
    run(["opusdec", "--quiet", "--rate", str(RATE), *loss, folder / "a.opus", folder / "out.wav"])
    heard, _ = soundfile.read(folder / "out.wav", dtype="int16")
    return heard.tobytes()


def load(paths, limit):
    files = []
    for path in map(Path, paths):
        files += sorted(p for p in path.rglob("*") if p.suffix in (".wav", ".flac", ".ogg", ".opus")) if path.is_dir() else [path]
    step = max(1, len(files) // limit)
    for path in files[::step][:limit]:
        clip, rate = soundfile.read(path, dtype="float64")
        if rate != RATE:
            raise SystemExit(f"{path}: {rate} Hz; give clips of {RATE} Hz")
        yield clip if clip.ndim == 1 else clip.mean(axis=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", default="0,1,3,5,10,20")
    parser.add_argument("--limit", type=int, default=24, help="clips taken from the folders, evenly spread")
    options = parser.parse_args()
    shares = [float(share) for share in options.rates.split(",")]
    lines = [(f"sotto{option}, {kind}", option, burst) for option in ("", " --fec")
             for kind, burst in (("random", 1), (f"bursts of {BURST}", BURST))]
    with_opus = bool(shutil.which("opusenc") and shutil.which("opusdec"))
    names = [name for name, _, _ in lines] + (["opus 6k, random"] if with_opus else [])
    results = {name: {share: [] for share in shares} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for number, clip in enumerate(load(options.clips, options.limit)):
            pcm = (np.clip(clip, -1, 1) * 32767).astype("<i2").tobytes()
            streams = {option: run([SOTTO, "stream", "encode", *option.split()], pcm) for option in ("", " --fec")}
            for share in shares:
                for name, option, burst in lines:
                    generator = random.Random(f"{options.seed} {number} {share} {burst}")
                    heard = run([SOTTO, "stream", "decode"], drop(streams[option], share / 100, burst, generator))
                    results[name][share].append(score(clip, heard))
                if with_opus:
                    results["opus 6k, random"][share].append(score(clip, opus(clip, share, Path(folder))))
    for index, measure in enumerate(["PESQ-WB", "STOI"]):
        print(f"{measure:24}" + "".join(f"{share:>8g} %" for share in shares))
        for name in names:
            figures = [statistics.mean(score[index] for score in results[name][share]) for share in shares]
            print(f"{name:24}" + "".join(f"{figure:10.3f}" for figure in figures))
        print()
    print(f"{len(results[names[0]][shares[0]])} clips, seed {options.seed}")


if __name__ == "__main__":
    main()
