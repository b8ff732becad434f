#!/usr/bin/env python3
"""What a pause between two sentences does to the times of their words.

    pip install numpy soundfile
    Benchmarks/align_pauses.py [--seconds 0 1 5 20 60] [--noise -60] [--codes 8]

Every ordered pair of the English recordings in Samples/, with a pause between them: `sotto align` with both transcripts, beside each
recording by itself. A word is lost if it has times alone and none here; an error is how far its start moved. The pause is digital
silence, or white noise of so many dB full scale.
"""

import argparse
import itertools
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
SOTTO = ROOT / ".build/release/sotto"
NAMES = ("campfire", "centurion", "sermons", "strikes")
RATE = 16000


def starts(audio, text, codes, folder):
    """The start of each word in seconds, None for one that isn't said; whether any ends after the recording."""
    soundfile.write(folder / "a.wav", audio, RATE)
    run = lambda *command: subprocess.run([SOTTO, *map(str, command)], check=True, capture_output=True).stdout
    run("encode", "--force", "--codes", codes, folder / "a.wav", "-o", folder / "a.sotto")
    words = json.loads(run("align", "--json", folder / "a.sotto", "--text", text))["words"]
    late = any(word.get("end", 0) > len(audio) / RATE for word in words)
    return [word.get("start") for word in words], late


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[0, 1, 5, 20, 60])
    parser.add_argument("--noise", type=float, help="dB full scale; digital silence unless given")
    parser.add_argument("--codes", type=int, default=8)
    options = parser.parse_args()
    samples = {name: soundfile.read(ROOT / f"Samples/{name}.flac")[0] for name in NAMES}
    texts = {name: (ROOT / f"Samples/{name}.txt").read_text().strip() for name in NAMES}
    generator = np.random.default_rng(1)
    print("| pause, s | words | lost | start moved by over .1 s | median, 90 % of the moves, ms | past the end |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = {name: starts(samples[name], texts[name], options.codes, folder)[0] for name in NAMES}
        for seconds in options.seconds:
            lost, moves, late = 0, [], 0
            for first, second in itertools.permutations(NAMES, 2):
                pause = np.zeros(int(seconds * RATE))
                if options.noise is not None:
                    pause = generator.standard_normal(len(pause)) * 10 ** (options.noise / 20)
                shift = (len(samples[first]) + len(pause)) / RATE
                wanted = alone[first] + [start if start is None else start + shift for start in alone[second]]
                found, past = starts(
                    np.concatenate([samples[first], pause, samples[second]]), f"{texts[first]} {texts[second]}",
                    options.codes, folder)
                late += past
                for a, b in zip(wanted, found):
                    if a is not None and b is None:
                        lost += 1
                    elif a is not None:
                        moves.append(abs(a - b) * 1000)
            moved = sum(move > 100 for move in moves)
            print(f"| {seconds:g} | {lost + len(moves)} | {lost} | {moved} | {np.median(moves):.0f}, "
                  f"{np.quantile(moves, 0.9):.0f} | {late} |", flush=True)


if __name__ == "__main__":
    main()
