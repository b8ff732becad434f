#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One line on which all happens that can, for as long as you like: are all samples there, and does memory stay?

    pip install soundfile
    Benchmarks/mixed_soak.py FOLDER_OR_FILES... [--minutes 60] [--seed 1]

Senders come one after the other: each speaks for up to two minutes, clips and pauses between them, with a model, a number of codes,
redundancy and pauses of its own (`stream encode --model --codes --average --fec --dtx`). The line loses packets one by one, in bursts and for
seconds, damages some, doubles some and lets some overtake others. Two receivers hear the line from its beginning to its end, one of them with
transcripts; others join mid-stream, hear a while and go.

The two have to play every frame once: all samples are counted. Fails if one is missing or too much, if a process fails, or if a receiver's
memory grows by more than 4 MB after the first tenth of the time. The senders' memory is watched by soak.py, which has one for the whole time.
"""

import argparse
import collections
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy
import soundfile

from soak import DELAY, FRAMES, HELLO, RATE, SOTTO, resident

LEVEL, NOISE, PAUSE, DOUBLE = 0xB6, 0xB4, 0xB5, 0xB8
SIZES = {HELLO: 16, LEVEL: 5, NOISE: 20, PAUSE: 4}


def load(paths):
    """Clips of 16 kHz as 16-bit samples, and what is said in each, if that is known."""
    files = []
    for path in map(Path, paths):
        files += sorted(p for p in path.rglob("*") if p.suffix in (".wav", ".flac", ".ogg")) if path.is_dir() else [path]
    clips = []
    for file in files:
        samples, rate = soundfile.read(file, dtype="int16", always_2d=True)
        text = file.with_suffix(".txt")
        if rate == RATE:
            clips.append((samples[:, 0].tobytes(), text.read_text().strip() if text.exists() else ""))
    if not clips:
        raise SystemExit("there are no clips of 16 kHz")
    return clips


def split(stream):
    """Packets, one by one."""
    place = 0
    while place < len(stream):
        marker = stream[place]
        codes = (marker & 7) + 1 + (marker & 0xF8 == DOUBLE)
        size = SIZES.get(marker, 4 + (codes * 10 + 7) // 8)
        yield stream[place : place + size]
        place += size


class Sender:
    """What one sender sends, and how many frames these are."""

    def __init__(self, clips, random):
        self.model = random.choice(list(FRAMES))
        options = ["--model", self.model, "--codes", str(random.randint(1, 8))]
        options += [flag for flag in ("--average", "--fec", "--dtx") if random.random() < 0.5]
        # A hello that goes back by less than 33 frames is one that comes late, so nobody starts afresh sooner.
        speech, self.texts, seconds = b"", [], 6 + random.choice([0, 10, 40, 120]) * random.random()
        while len(speech) < 2 * RATE * seconds:
            samples, text = random.choice(clips)
            self.texts.append((len(speech) // 2 // FRAMES[self.model], text))
            speech += samples
            # A pause: nothing at all, or a room's noise.
            room = numpy.random.default_rng(random.getrandbits(32)).standard_normal(int(RATE * random.choice([0.2, 1, 20]) * random.random()))
            speech += (room * random.choice([0, 0, 30])).astype("<i2").tobytes()
        self.seconds = len(speech) / 2 / RATE
        with subprocess.Popen([SOTTO, "stream", "encode", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self.packets = list(split(process.communicate(speech)[0]))
        if process.returncode:
            raise SystemExit(f"a sender failed: {options}")
        self.last, self.frames = None, 0
        for index, packet in enumerate(self.packets):
            if packet[0] == HELLO:
                self.frames = int.from_bytes(packet[10:14], "little")
            elif packet[0] != LEVEL:
                self.frames += (packet[1] - self.frames) % 256 + 1
                self.last = index


class Line:
    """Hands packets on and does to them what lines do, and worse. The first hello and the last frames of a sender come through, in their
    places, or nobody could know of them; and an outage ends with a hello, which says for how long it was: without one, nobody could know of 256
    frames."""

    LAST, OUTAGE = 4, 250

    def __init__(self, random):
        self.random, self.counts = random, collections.Counter()

    def carry(self, sender):
        random, burst, outage = self.random, 0, 0
        loss = random.choice([0, 0.01, 0.05, 0.3])
        end = sender.last - self.LAST
        arriving = []  # (place, packet)
        for place, packet in enumerate(sender.packets):
            self.counts["packets"] += 1
            is_needed = place == 0 or place >= end
            if is_needed:
                outage = 0
            elif outage:
                outage -= packet[0] == HELLO
                is_needed = outage == 0
            elif random.random() < 0.0005 and place < end - self.OUTAGE:
                outage = random.randint(1, 3)
                self.counts["outages"] += 1
            if burst == 0 and random.random() < loss / 5:
                burst = random.randint(2, 12)
            burst = max(0, burst - 1)
            if not is_needed and (outage or burst or random.random() < loss):
                self.counts["lost"] += 1
                continue
            if not is_needed and random.random() < 0.001:
                damaged = bytearray(packet)
                damaged[random.randrange(len(packet))] ^= 1 << random.randrange(8)
                packet = bytes(damaged)
                self.counts["damaged"] += 1
            later = random.random() * 3 if not is_needed and random.random() < 0.05 else 0
            self.counts["overtaken"] += later > 1
            arriving.append((place if is_needed else min(place + later, end - 0.5), packet))
            if not is_needed and random.random() < 0.02:
                arriving.append((min(place + random.random() * 6, end - 0.5), packet))
                self.counts["doubled"] += 1
        arriving.sort(key=lambda pair: pair[0])
        return [packet for _, packet in arriving]


class Receiver:
    def __init__(self, with_text=False):
        self.heard = 0
        read, self.text = os.pipe() if with_text else (None, None)
        self.process = subprocess.Popen(
            [SOTTO, "stream", "decode", *(["--text-from", str(read)] if with_text else [])],
            pass_fds=[read] if with_text else [], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        if with_text:
            os.close(read)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while piece := self.process.stdout.read1(1 << 16):
            self.heard += len(piece) // 2

    def take(self, packets):
        self.process.stdin.write(packets)
        self.process.stdin.flush()

    def say(self, frame, text):
        os.write(self.text, f"{frame}\t{text}\n".encode())

    def end(self):
        """What it says of the line."""
        self.process.stdin.close()
        if self.text:
            os.close(self.text)
        self.thread.join()
        message = self.process.stderr.read().decode()
        if self.process.wait():
            raise SystemExit(f"a receiver failed: {message}")
        return message.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    clips, generator = load(options.clips), random.Random(options.seed)
    line, plain, reader, guest = Line(generator), Receiver(), Receiver(with_text=True), None
    counts, memory, expected, model, seconds = collections.Counter(), [], 0, None, 0
    began, tenth = time.monotonic(), 1
    while tenth <= 10:
        # Where the last numbers of one are the first of all, and the next's first packets overtake each other, a receiver can't tell whose they are.
        while (sender := Sender(clips, generator)).frames % 256 in (1, 2, 3):
            pass
        seconds += sender.seconds
        counts["senders"] += 1
        counts["frames"] += sender.frames
        # A model's delay is trimmed where it begins.
        counts["changes of model"] += model not in (None, sender.model)
        expected += sender.frames * FRAMES[sender.model] - (DELAY if model != sender.model else 0)
        model = sender.model
        packets = line.carry(sender)
        said = 0
        while packets:
            count = generator.choice([1, 5, 50])
            piece = b"".join(packets[:count])
            del packets[:count]
            if said < len(sender.texts) and generator.random() < 0.3:
                reader.say(*sender.texts[said])
                counts["texts"] += 1
                said += 1
            for receiver in (plain, reader, guest):
                if receiver:
                    receiver.take(piece)
            if guest is None and generator.random() < 0.003:
                guest = Receiver()
                counts["guests"] += 1
            elif guest and generator.random() < 0.01:
                guest.end()
                guest = None
        while time.monotonic() - began >= options.minutes * 6 * tenth and tenth <= 10:
            memory.append([resident(receiver.process) for receiver in (plain, reader)])
            print(f"{tenth * 10:4} %  {seconds / 3600:6.2f} h of speech; receivers {memory[-1][0]} and {memory[-1][1]} kB", flush=True)
            tenth += 1
    if guest:
        guest.end()
    report = plain.end()
    reader.end()
    for name, number in [*counts.items(), *line.counts.items()]:
        print(f"{number} {name}", end="; ")
    print(f"\nthe receiver's own report: {report}")
    missing = [expected - receiver.heard for receiver in (plain, reader)]
    grown = max(last - first for first, last in zip(memory[0], memory[-1]))
    print(f"{expected} samples sent, heard less: {missing[0]}, with transcripts {missing[1]}; memory grew by {grown} kB")
    if any(missing) or grown > 4096:
        sys.exit("FAILED")


if __name__ == "__main__":
    main()
