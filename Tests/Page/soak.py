#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten speakers on live lines, and the server's memory while they speak.

    make serve && Tests/Page/run --version > /dev/null; Tests/Page/.venv/bin/python Tests/Page/soak.py [--minutes 60] [--speakers 10]

Prints the server's resident memory every tenth of the time, and fails if it grows by more than 10 MB after the first tenth, or if
any frame is missing.
"""

import argparse
import json
import sys
import threading
import time

import numpy

from client import BINARY, Line
from product import RATE, Server, sample


def speak(port, samples, end, told):
    """Says it over and over until `end`; adds (samples said, frames that came back)."""
    said, frames, block = 0, 0, RATE // 50
    with Line(port) as line:
        line.start(rate=RATE, codes=8, loss=5, burst=2)
        begun = time.monotonic()
        while time.monotonic() < end:
            at = said % (len(samples) // block * block)
            line.samples(samples[at:at + block])
            said += block
            line.socket.settimeout(max(0.001, begun + said / RATE - time.monotonic()))
            try:
                line.data += line.socket.recv(65536)
            except TimeoutError:
                pass
            line.socket.settimeout(60)
            while (frame := line.frame()) is not None:
                if frame[0] != BINARY:
                    frames += len(json.loads(frame[1]).get("frames", []))
            time.sleep(max(0, begun + said / RATE - time.monotonic()))
        line.say(type="stop")
        while (frame := line.receive()) is not None:
            if frame[0] != BINARY:
                message = json.loads(frame[1])
                frames += len(message.get("frames", []))
                if message["type"] == "end":
                    break
    told.append((said, frames))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--speakers", type=int, default=10)
    options = parser.parse_args()
    samples, told, memory = sample("campfire"), [], []
    with Server("--streams", str(options.speakers)) as server:
        seconds = options.minutes * 60
        end = time.monotonic() + seconds
        speakers = [threading.Thread(target=speak, args=(server.port, samples, end, told)) for _ in range(options.speakers)]
        for speaker in speakers:
            speaker.start()
        for tenth in range(1, 11):
            time.sleep(max(0, end - seconds + seconds * tenth / 10 - time.monotonic()))
            memory.append(server.megabytes)
            print(f"{seconds * tenth / 600:6.1f} minutes: {memory[-1]:.1f} MB", flush=True)
        for speaker in speakers:
            speaker.join()
    missing = sum(frames < said // (RATE // 25 * 2) for said, frames in told) + options.speakers - len(told)
    print(f"{sum(frames for _, frames in told)} frames on {len(told)} lines; {missing} lines with frames missing")
    if missing or memory[-1] > memory[0] + 10:
        sys.exit("memory grew, or frames are missing")


if __name__ == "__main__":
    main()
