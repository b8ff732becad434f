#!/usr/bin/env python3
"""Runs an hour of speech through encoder, lossy line and decoder, and watches memory and the number of samples.

    pip install soundfile
    Benchmarks/soak.py FOLDER_OR_FILES... [--minutes 60] [--loss 5] [--seed 1] [--fec] [--average] [--model sotto-16k-6hz]     # as fast as it goes
    Benchmarks/soak.py FOLDER_OR_FILES... --minutes 10 --paced                     # as fast as it is spoken

Clips of 16 kHz are looped. Packets are dropped between `stream encode` and `stream decode` with the share
given. Prints resident memory of both at the tenths of the run, CPU time for each second of speech, and, when paced, by how much each
second of audio comes later than it was spoken (median, 99 %, worst). Fails if memory grows by more than 2 MB after the first tenth or if a
sample is missing at the end.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import soundfile

ROOT = Path(__file__).resolve().parent.parent
SOTTO = ROOT / ".build/release/sotto"
RATE = 16000
FRAMES = {"sotto-16k": 1280, "sotto-16k-6hz": 2560}
DELAY = 320
HELLO, LEVEL, DOUBLE = 0xD3, 0xB6, 0xB8


def load(paths):
    """All clips one after the other as 16-bit samples."""
    files = []
    for path in map(Path, paths):
        files += sorted(p for p in path.rglob("*") if p.suffix in (".wav", ".flac", ".ogg")) if path.is_dir() else [path]
    samples = b""
    for file in files:
        clip, rate = soundfile.read(file, dtype="int16", always_2d=True)
        if rate == RATE:
            samples += clip[:, 0].tobytes()
    if len(samples) < 2 * max(FRAMES.values()):
        raise SystemExit("there are no clips of 16 kHz")
    return samples


def resident(process):
    """Kilobytes in memory; 0 if the process has done its work and gone."""
    with open(f"/proc/{process.pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmRSS")), 0)


def speak(pipe, speech, seconds, frame, paced, began):
    """A frame at a time, in time or as fast as they are taken."""
    piece, position = frame * 2, 0
    for number in range(int(seconds * RATE) // frame):
        if paced:
            time.sleep(max(0, began + (number + 1) * frame / RATE - time.monotonic()))
        part = speech[position : position + piece]
        position = (position + piece) % len(speech)
        if len(part) < piece:
            position = piece - len(part)
            part += speech[:position]
        pipe.write(part)
        pipe.flush()
    pipe.close()


def carry(source, sink, share, generator, last, counts):
    """Hands packets on and drops some. Frame `last` is never dropped, or nobody could know of it."""
    while marker := source.read(1):
        codes = (marker[0] & 7) + 1 + (marker[0] & 0xF8 == DOUBLE)
        size = {HELLO: 16, LEVEL: 5}.get(marker[0], 4 + (codes * 10 + 7) // 8)
        packet = marker + source.read(size - 1)
        if marker[0] == LEVEL and generator.random() < share:
            continue
        if marker[0] not in (HELLO, LEVEL):
            counts["frames"] += 1
            if counts["frames"] <= last and generator.random() < share:
                counts["lost"] += 1
                continue
        sink.write(packet)
        sink.flush()
    sink.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--loss", type=float, default=5, help="per cent of the frames")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", choices=FRAMES, default="sotto-16k")
    parser.add_argument("--fec", action="store_true", help="send each frame's first code with the next one too")
    parser.add_argument("--average", action="store_true", help="six codes a frame on average, more where they help")
    parser.add_argument("--paced", action="store_true", help="feed the audio as fast as it is spoken")
    options = parser.parse_args()
    speech, seconds, size = load(options.clips), options.minutes * 60, FRAMES[options.model]
    frames = int(seconds * RATE) // size  # and one more for the end of the last
    extra = ["--fec"] * options.fec + ["--average", "--codes", "6"] * options.average
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    encoder = subprocess.Popen([SOTTO, "stream", "encode", "--model", options.model, *extra], **pipes)
    decoder = subprocess.Popen([SOTTO, "stream", "decode"], **pipes)
    # The time to load the models is no delay of the line.
    time.sleep(1)
    began = time.monotonic()
    counts = {"frames": 0, "lost": 0}
    threads = [
        threading.Thread(target=speak, args=(encoder.stdin, speech, seconds, size, options.paced, began), daemon=True),
        threading.Thread(
            target=carry,
            args=(encoder.stdout, decoder.stdin, options.loss / 100, random.Random(options.seed), frames, counts),
            daemon=True,
        ),
    ]
    for thread in threads:
        thread.start()
    heard, tenth, lags, memory = 0, 1, [], []
    while piece := os.read(decoder.stdout.fileno(), 1 << 16):
        heard += len(piece) // 2
        # A sample is due when the frame that completes it has been spoken.
        lags.append(time.monotonic() - began - (heard + DELAY) / RATE)
        if heard >= tenth * frames * size // 10 - size and tenth <= 10:
            memory.append((resident(encoder), resident(decoder)))
            print(f"{tenth * 10:4} %  encoder {memory[-1][0]:7} kB  decoder {memory[-1][1]:7} kB", flush=True)
            tenth += 1
    for thread in threads:
        thread.join()
    if encoder.wait() or decoder.wait():
        raise SystemExit("a side has failed")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = usage.ru_utime + usage.ru_stime
    expected = counts["frames"] * size - DELAY
    took = time.monotonic() - began
    print(f"{counts['frames']} frames, {counts['lost']} lost; {heard} samples heard, {heard - expected:+} against what was sent")
    print(f"{took:.0f} s for {seconds:.0f} s of speech; CPU {used / seconds:.4f} s a second, both sides")
    if options.paced:
        lags.sort()
        marks = [lags[len(lags) // 2], lags[len(lags) * 99 // 100], lags[-1]]
        print("from a frame's last sample to its audio: median, 99 %, worst: " + ", ".join(f"{1000 * mark:.1f} ms" for mark in marks))
    grown = max(last - first for first, last in zip(memory[0], memory[-1]))
    if heard != expected or grown > 2048:
        sys.exit(f"FAILED: memory grew by {grown} kB, {heard - expected:+} samples")


if __name__ == "__main__":
    main()
