#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What speech costs, beside Codec2 and Opus where they are installed, and beside another build of sotto.

    Benchmarks/speed.py [--runs 9] [--against BINARY]

Whole processes, one thread each unless it says so, the systems in turn within each run so that a busy machine is unfair to none.
Prints the least CPU time of each, which is what it takes undisturbed, for each second of speech, and ratios. Live, each side gets a
frame when it has answered the one before. Each build decodes what it encodes. Many streams are those of one process, `many-streams`, one after the other and together;
state is what each keeps.
"""

import argparse
import array
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60
RATE = 16000
FILES = 6


def processor():
    """The processor's name, and the set of instructions that products take on it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    flags = set((fields.get("flags") or fields.get("Features", "")).split())
    name = fields.get("model name", os.uname().machine)
    if "asimd" in flags:
        return name, "NEON with dot products" if "asimddp" in flags else "NEON"
    if not {"avx2", "fma", "f16c"} <= flags:
        return name, "portable"
    if {"avx512f", "avx512bw", "avx512vl", "avx512_vnni"} <= flags:
        return name, "AVX-512 VNNI"
    return name, "AVX-512" if "avx512f" in flags else "AVX-VNNI" if "avx_vnni" in flags else "AVX2"


def finished(process):
    """The CPU seconds of a process that ends by itself."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed: {' '.join(map(str, process.args))}")
    return usage.ru_utime + usage.ru_stime


def run(command):
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return finished(subprocess.Popen(command, **quiet))


def talk(command, pieces, expected=None):
    """Hands over one piece after the other, each when what came before it has been answered: by anything, or by as many bytes in all
    as `expected` says."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    answer, answers = b"", []
    for number, piece in enumerate(pieces):
        os.write(process.stdin.fileno(), piece)
        before, wanted = len(answer), expected(number) if expected else len(answer) + 1
        while len(answer) < wanted:
            answer += os.read(process.stdout.fileno(), 1 << 16)
        answers.append(answer[before:])
    process.stdin.close()
    while os.read(process.stdout.fileno(), 1 << 16):
        pass
    process.stdout.close()
    return finished(process), answers


def peak_megabytes(command):
    """The process's own high-water mark, looked at until it ends: `ru_maxrss` is never less than what Python takes."""
    peak = 0
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = max([peak] + [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")])
        time.sleep(0.0005)
    return peak


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


class Material:
    """A minute of speech in every form that is needed."""

    def __init__(self, folder, sotto):
        self.folder = folder
        subprocess.run([sotto, "encode", ROOT / "Samples/campfire.flac", "-o", folder / "a.sotto"], check=True)
        subprocess.run([sotto, "decode", folder / "a.sotto", "-o", folder / "a.wav"], check=True)
        with wave.open(str(folder / "a.wav")) as file:
            clip = array.array("h", file.readframes(file.getnframes()))
        samples = (clip * (SECONDS * RATE // len(clip) + 1))[: SECONDS * RATE]
        told = subprocess.run([sotto, "inspect", folder / "a.sotto", "--json"], check=True, capture_output=True).stdout
        # Samples of a token frame of the model that is measured.
        self.frame = round(RATE / json.loads(told)["frame_rate"])
        write_wav(folder / "in.wav", samples)
        write_wav(folder / "short.wav", samples[:160])
        self.frames = [samples[start : start + self.frame].tobytes() for start in range(0, len(samples), self.frame)]
        narrow = array.array("h", ((a + b) // 2 for a, b in zip(samples[::2], samples[1::2])))
        (folder / "in.raw").write_bytes(narrow.tobytes())
        (folder / "many").mkdir()
        for number in range(FILES):
            write_wav(folder / f"many/{number}.wav", samples[: len(samples) // FILES])


class Build:
    """A build of sotto, and the tokens that it makes of the material."""

    def __init__(self, sotto, material, name):
        self.sotto, self.material, self.out = sotto, material, material.folder / name
        self.out.mkdir()
        for source in ("in", "short"):
            subprocess.run([sotto, "encode", material.folder / f"{source}.wav", "-o", self.out / f"{source}.sotto"], check=True)
        _, self.packets = talk([sotto, "stream", "encode"], material.frames)

    def command(self, side, source):
        start, end = (self.material.folder, "wav"), (self.out, "sotto")
        (folder, kind), (_, other) = (start, end) if side == "encode" else (end, start)
        return [self.sotto, side, "--force", folder / f"{source}.{kind}", "-o", self.out / f"out.{other}"]

    def memory(self, name):
        return {f"{name} {side}{what}": peak_megabytes(self.command(side, source))
                for source, what in (("in", ""), ("short", " at start")) for side in ("encode", "decode")}


def sotto_jobs(build):
    """Name → what runs it and returns its CPU seconds."""
    sotto, material, out = build.sotto, build.material, build.out
    folder, jobs = material.folder, os.cpu_count() or 1

    def many(jobs):
        return run([sotto, "encode", "--force", "--jobs", str(jobs), folder / "many", "-o", out / "many"])

    return {
        "encode": lambda: run(build.command("encode", "in")),
        "decode": lambda: run(build.command("decode", "in")),
        "live encode": lambda: talk([sotto, "stream", "encode"], material.frames)[0],
        "live decode": lambda: talk(
            [sotto, "stream", "decode"], build.packets, lambda number: 2 * (material.frame * (number + 1) - 320))[0],
        "encode start": lambda: run(build.command("encode", "short")),
        "decode start": lambda: run(build.command("decode", "short")),
        "many files": lambda: many(1),
        f"many files, {jobs} at once": lambda: many(jobs),
    }


def peer_jobs(folder):
    jobs = {}
    if shutil.which("c2enc"):
        jobs["codec2 1200 encode"] = ["c2enc", "1200", folder / "in.raw", folder / "out.c2"]
        jobs["codec2 1200 decode"] = ["c2dec", "1200", folder / "out.c2", folder / "out.raw"]
    if shutil.which("opusenc"):
        jobs["opus 6k encode"] = ["opusenc", "--quiet", "--bitrate", "6", folder / "in.wav", folder / "out.opus"]
        jobs["opus 6k decode"] = ["opusdec", "--quiet", folder / "out.opus", folder / "opus.wav"]
    return {name: lambda command=command: run(command) for name, command in jobs.items()}


class Streams:
    """What `many-streams` says: for each side and number of streams the least milliseconds of a frame, alone and together, and the
    kilobytes that a stream keeps."""

    def __init__(self, command, speech):
        self.command, self.speech = command, speech
        self.frames, self.memory = {}, []

    def run(self):
        done = subprocess.run([self.command, self.speech], check=True, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            kind, *words = line.split()
            if kind == "memory":
                self.memory = [float(word) for word in words]
                continue
            place = kind, int(words[0])
            taken = [float(word) for word in words[1:]]
            self.frames[place] = [min(pair) for pair in zip(taken, self.frames.get(place, taken))]

    def report(self, milliseconds):
        """milliseconds: of a frame"""
        print(f"\n{'a frame of each of':20} {'encode: alone':>14} {'together':>9} {'decode: alone':>15} {'together':>9} "
              f"{'both sides, streams a core':>27} {'together':>9}")
        for count in sorted({count for _, count in self.frames}):
            sides = [self.frames["encode", count], self.frames["decode", count]]
            alone, together = (milliseconds / sum(side[way] for side in sides) for way in (0, 1))
            print(f"{count:7} streams      {sides[0][0]:11.3f} ms {sides[0][1]:6.3f} ms {sides[1][0]:12.3f} ms {sides[1][1]:6.3f} ms "
                  f"{alone:27.0f} {together:9.0f}")
        print("state of a stream: {:.0f} kB to encode, {:.0f} kB to decode".format(*self.memory))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--against", type=Path, help="another build of sotto, with its Models where it finds them")
    parser.add_argument("--command", type=Path, default=ROOT / ".build/release/sotto")
    parser.add_argument("--streams", type=Path, default=ROOT / ".build/release/many-streams")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        material = Material(Path(name), options.command)
        build = Build(options.command, material, "ours")
        jobs = {f"sotto {job}": work for job, work in sotto_jobs(build).items()}
        memory = build.memory("sotto")
        if options.against:
            other = Build(options.against, material, "theirs")
            # Old ones don't encode folders.
            jobs |= {f"other {job}": work for job, work in sotto_jobs(other).items() if "many" not in job}
            memory |= other.memory("other")
        jobs |= peer_jobs(material.folder)
        streams = Streams(options.streams, material.folder / "in.wav")
        cpu, wall = {job: [] for job in jobs}, {job: [] for job in jobs}
        for number in range(options.runs):
            # Which takes as long as all others: a third of the runs are enough for it.
            if number % 3 == 0:
                streams.run()
            for job, work in jobs.items():
                begin = time.monotonic()
                cpu[job].append(work())
                wall[job].append(time.monotonic() - begin)
    report({job: min(times) for job, times in cpu.items()}, {job: min(times) for job, times in wall.items()}, memory,
           SECONDS * RATE / material.frame)
    streams.report(material.frame / RATE * 1000)


def report(cpu, wall, memory, frames):
    print("{}, {}, {} cores; the least of all runs".format(*processor(), os.cpu_count()))
    print(f"\n{'':28} {'CPU s / s':>10} {'× real time':>12}  ratios")
    for job, seconds in cpu.items():
        if job.endswith("start"):
            print(f"{job:28} {seconds * 1000:8.1f} ms {'':12}  {ratio(cpu, job, 'other')}")
            continue
        each = seconds / SECONDS
        print(f"{job:28} {each:10.5f} {1 / each:12.0f}  {ratio(cpu, job, 'other')}{ratio(cpu, job, 'opus 6k')}"
              f"{ratio(cpu, job, 'codec2 1200')}")
    for side in ("encode", "decode"):
        live = cpu[f"sotto live {side}"] - cpu[f"sotto {side} start"]
        print(f"{'sotto live ' + side:28} {live / frames * 1000:8.3f} ms a frame, less a start")
    together = next(job for job in wall if "at once" in job)
    print(f"{together:28} {wall['sotto many files'] / wall[together]:8.2f} times as fast as one after the other")
    for job, megabytes in memory.items():
        print(f"{job:28} {megabytes:8.1f} MB at most")


def ratio(cpu, job, peer):
    """How much of the peer's time a job of sotto's takes, live or not."""
    side = job.removeprefix("sotto ")
    twin = f"{peer} {side if peer == 'other' else side.split()[-1]}"
    return f" {cpu[job] / cpu[twin]:.2f} of {peer}'s" if job.startswith("sotto ") and twin in cpu else ""


if __name__ == "__main__":
    main()
