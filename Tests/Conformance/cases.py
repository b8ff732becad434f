# SPDX-License-Identifier: Apache-2.0
"""The ways in which the command is run, each a group of named outputs."""

import hashlib
import itertools
import random
import subprocess

import formats

SAMPLES = ("campfire", "centurion", "sermons", "strikes", "zusammenhang")
MODELS = ("sotto-16k", "sotto-16k-6hz")
FIXED, AVERAGE = range(1, 9), range(2, 8)


class Failed(Exception):
    pass


class Sotto:
    """The command under test, with a folder to write into."""

    def __init__(self, command, samples, folder):
        self.command, self.samples, self.folder = command, samples, folder
        self.numbers = itertools.count()

    def sample(self, name):
        return self.samples / name

    def path(self, ending):
        return self.folder / f"{next(self.numbers)}.{ending}"

    def run(self, *words, input=b""):
        done = subprocess.run(
            [self.command, *map(str, words)], input=input, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
        if done.returncode != 0:
            message = done.stderr.decode(errors="replace").strip().splitlines()
            raise Failed(f"{' '.join(map(str, words))}: status {done.returncode}: {message[-1] if message else ''}")
        return done.stdout

    def encode(self, name, *options):
        path = self.path("sotto")
        self.run("encode", self.sample(f"{name}.flac"), "-o", path, *options)
        return path.read_bytes()

    def decode(self, tokens, *options):
        """The samples as 32-bit floating point."""
        source, wav = self.path("sotto"), self.path("wav")
        source.write_bytes(tokens)
        self.run("decode", source, "-o", wav, "--float", *options)
        return formats.wav_data(wav.read_bytes())

    def stream(self, name, *options):
        return self.run("stream", "encode", *options, input=formats.pcm(self.sample(f"{name}.flac")))

    def play(self, packets, *options):
        return self.run("stream", "decode", "--format", "f32le", *options, input=packets)


class Group:
    """Cases that share what they are made of; `make` takes a `Sotto` and gives a dictionary of name → bytes."""

    def __init__(self, name, make, *words):
        self.name, self.make, self.words = name, make, words

    def outcome(self, sotto):
        try:
            made = self.make(sotto, *self.words)
        except (Failed, OSError, ValueError, subprocess.TimeoutExpired) as failure:
            return failure if isinstance(failure, Failed) else Failed(str(failure))
        return {f"{self.name}: {name}": hashlib.sha256(data).hexdigest()[:32] for name, data in made.items()}


def groups():
    for model, name in itertools.product(MODELS, SAMPLES):
        yield Group(f"{model}/{name}/rates", rates, model, name)
    for model, name in itertools.product(MODELS, ("campfire", "strikes")):
        yield Group(f"{model}/{name}/transcript", transcript, model, name)
        yield Group(f"{model}/{name}/losses", losses, model, name)
        yield Group(f"{model}/{name}/live", live, model, name)
        yield Group(f"{model}/{name}/pauses", pauses, model, name)
    yield Group("both/model-change", model_change)
    for name in ("campfire", "strikes"):
        yield Group(f"sotto-16k-single/{name}", single, name)
    for name in ("campfire", "strikes", "zusammenhang"):
        yield Group(f"sotto-16k/{name}/by-word", by_word, name)


def rates(sotto, model, name):
    """Every number of codes, fixed and average, as file and as samples; all of them of one sample, some of the others."""
    made = {}
    every = name == "campfire"
    for count in FIXED if every else (1, 4, 8):
        tokens = sotto.encode(name, "--model", model, "--codes", count)
        made |= {f"fixed-{count}/tokens": tokens, f"fixed-{count}/samples": sotto.decode(tokens)}
    for count in AVERAGE if every else (2, 4):
        tokens = sotto.encode(name, "--model", model, "--codes", count, "--average")
        made |= {f"average-{count}/tokens": tokens, f"average-{count}/samples": sotto.decode(tokens)}
    eight = sotto.encode(name, "--model", model)
    made["prefix-2/samples"] = sotto.decode(eight, "--codes", 2)
    return made


def transcript(sotto, model, name):
    """With its transcript, another's and none, at one, two and an average of three codes."""
    made = {}
    text, other = (sotto.sample(f"{word}.txt") for word in (name, "sermons"))
    for key, options in (("1", ("--codes", 1)), ("2", ("--codes", 2)),
                         ("average-3", ("--codes", 3, "--average"))):
        tokens = sotto.encode(name, "--model", model, *options, "--text-file", text)
        made |= {
            f"{key}/tokens": tokens,
            f"{key}/right": sotto.decode(tokens),
            f"{key}/followed": sotto.decode(tokens, "--text-file", text),
            f"{key}/other": sotto.decode(tokens, "--text-file", other),
            f"{key}/none": sotto.decode(tokens, "--no-text"),
        }
        source = sotto.path("sotto")
        source.write_bytes(tokens)
        made[f"{key}/align"] = sotto.run("align", source)
    lines = sotto.path("txt")
    lines.write_bytes(b"0\t" + text.read_bytes().strip() + b"\n")
    packets = sotto.stream(name, "--model", model, "--codes", 2)
    made["live-2/right"] = sotto.play(packets, "--text-from", lines)
    return made


def single(sotto, name):
    """One code a frame: as a file, with its transcript, without frames, and live with lost packets and pauses."""
    options, text = ("--model", "sotto-16k-single"), sotto.sample(f"{name}.txt")
    plain, told = sotto.encode(name, *options), sotto.encode(name, *options, "--text-file", text)
    audio = formats.pcm(sotto.sample(f"{name}.flac"))
    packets = sotto.run("stream", "encode", "--dtx", "--fec", *options, input=audio + bytes(2 * 24000) + audio)
    draw = random.Random(17)
    hello, *rest = formats.packets(packets, bits=13)
    lossy = [packet for packet in rest if draw.random() >= 0.1]
    return {"tokens": plain, "samples": sotto.decode(plain), "transcript/tokens": told, "transcript/samples": sotto.decode(told),
            "lost/samples": sotto.decode(formats.without_frames(plain, {5, 6, 7, 20})), "packets": packets, "lossy": sotto.play(hello + b"".join(lossy))}


def losses(sotto, model, name):
    """Files that lack frames, in short and long runs, with a transcript and without."""
    made = {}
    text = sotto.sample(f"{name}.txt")
    plain = sotto.encode(name, "--model", model, "--codes", 4)
    told = sotto.encode(name, "--model", model, "--codes", 1, "--text-file", text)
    count = sum(payload[0] for kind, _, payload in formats.chunks(plain) if kind == b"F")
    draw = random.Random(7)
    patterns = {
        "tenth": {frame for frame in range(count) if draw.random() < 0.1},
        "third": {frame for frame in range(count) if draw.random() < 0.33},
        "run-of-3": set(range(10, 13)),
        "run-of-8": set(range(10, 18)),
        "first-4": set(range(4)),
        "last-4": set(range(count - 4, count)),
    }
    for key, lost in patterns.items():
        made[f"{key}/4"] = sotto.decode(formats.without_frames(plain, lost))
        made[f"{key}/1-transcript"] = sotto.decode(formats.without_frames(told, lost))
    return made


def live(sotto, model, name):
    """Packets whole, lost, late, twice, with redundancy, and heard from the middle on."""
    options = ("--model", model)
    plain, repeated = sotto.stream(name, *options), sotto.stream(name, *options, "--fec")
    variable = sotto.stream(name, *options, "--codes", 3, "--average")
    made = {"plain/packets": plain, "plain/samples": sotto.play(plain), "redundant/packets": repeated,
            "redundant/samples": sotto.play(repeated), "average-3/packets": variable,
            "average-3/samples": sotto.play(variable), "prefix-2/samples": sotto.play(plain, "--codes", 2)}
    draw = random.Random(11)
    for key, stream in (("plain", plain), ("redundant", repeated)):
        hello, *rest = formats.packets(stream)
        tenth = [packet for packet in rest if draw.random() >= 0.1]
        made[f"{key}/lossy"] = sotto.play(hello + b"".join(tenth))
        twice = [copy for packet in rest for copy in [packet] * (1 + (draw.random() < 0.1))]
        made[f"{key}/twice"] = sotto.play(hello + b"".join(twice))
    hello, *rest = formats.packets(plain)
    made["burst/samples"] = sotto.play(hello + b"".join(rest[:12] + rest[20:]))
    made["joined/samples"] = sotto.play(b"".join(rest[15:]), *options)
    return made


def pauses(sotto, model, name):
    """Two sentences with a second of silence between them, pauses sent as such, whole and with losses."""
    audio = formats.pcm(sotto.sample(f"{name}.flac"))
    spoken = audio + bytes(2 * 24000) + audio
    stream = sotto.run("stream", "encode", "--dtx", "--model", model, input=spoken)
    draw = random.Random(13)
    hello, *rest = formats.packets(stream)
    lossy = [packet for packet in rest if draw.random() >= 0.1]
    return {"packets": stream, "samples": sotto.play(stream), "lossy": sotto.play(hello + b"".join(lossy))}


def model_change(sotto):
    """A sender that goes on with the other model."""
    first, second = (sotto.stream("campfire", "--model", model) for model in MODELS)
    return {"samples": sotto.play(first + second + first)}


def by_word(sotto, name):
    """Its words by every number of codes, their times, and a file that has lost its codes."""
    made = {}
    for count in (0, 2, 4):
        tokens = sotto.encode(name, "--by-word", "--codes", count, "--text-file", sotto.sample(f"{name}.txt"))
        made |= {f"{count}/tokens": tokens, f"{count}/samples": sotto.decode(tokens)}
    source = sotto.path("sotto")
    source.write_bytes(tokens)
    kept = [chunk for chunk in formats.chunks(tokens) if chunk[0] != b"W"]
    cut = tokens[:formats.HEADER] + b"".join(formats.chunk(*chunk) for chunk in kept)
    return made | {"4/align": sotto.run("align", source), "4/without-codes": sotto.decode(cut)}
