#!/usr/bin/env python3
"""Times encoding and decoding a minute of speech, beside Codec2 and Opus where they are installed.

    Benchmarks/speed.py [--runs 5]

Whole processes, one thread each, the systems in turn within each run so that a busy machine is unfair to none. Prints the
median of CPU seconds for each second of speech, and how often faster than real time that is.
"""

import argparse
import array
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60


def cpu_seconds(command):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime


def peak_megabytes(command):
    """The process's own high-water mark, looked at until it ends: `ru_maxrss` is never less than what Python takes."""
    peak = 0
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = max([peak] + [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")])
        time.sleep(0.0005)
    return peak


def write_wav(path, samples, rate):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    sotto = ROOT / ".build/release/sotto"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sotto, "encode", ROOT / "Samples/campfire.flac", "-o", folder / "a.sotto"], check=True)
        subprocess.run([sotto, "decode", folder / "a.sotto", "-o", folder / "a.wav"], check=True)
        with wave.open(str(folder / "a.wav")) as file:
            clip = array.array("h", file.readframes(file.getnframes()))
        samples = (clip * (SECONDS * 16000 // len(clip) + 1))[: SECONDS * 16000]
        write_wav(folder / "in.wav", samples, 16000)
        narrow = array.array("h", ((a + b) // 2 for a, b in zip(samples[::2], samples[1::2])))
        (folder / "in.raw").write_bytes(narrow.tobytes())
        jobs = [("sotto encode", [sotto, "encode", "--force", folder / "in.wav", "-o", folder / "out.sotto"]),
                ("sotto decode", [sotto, "decode", "--force", folder / "out.sotto", "-o", folder / "out.wav"])]
        if shutil.which("c2enc"):
            jobs += [("codec2 1200 encode", ["c2enc", "1200", folder / "in.raw", folder / "out.c2"]),
                     ("codec2 1200 decode", ["c2dec", "1200", folder / "out.c2", folder / "out.raw"])]
        if shutil.which("opusenc"):
            jobs += [("opus 6k encode", ["opusenc", "--quiet", "--bitrate", "6", folder / "in.wav", folder / "out.opus"]),
                     ("opus 6k decode", ["opusdec", "--quiet", folder / "out.opus", folder / "opus.wav"])]
        memory = {job: peak_megabytes(command) for job, command in jobs}  # this also warms the caches
        results = {job: [] for job, _ in jobs}
        for _ in range(runs):
            for job, command in jobs:
                results[job].append(cpu_seconds(command))
    print(f"{'':20} {'CPU s / s':>10} {'× real time':>12} {'peak MB':>8}")
    for job, figures in results.items():
        seconds = statistics.median(figures) / SECONDS
        print(f"{job:20} {seconds:10.5f} {1 / seconds:12.0f} {memory[job]:8.0f}")


if __name__ == "__main__":
    main()
