#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU time of a minute of speech through the ONNX graphs on one thread, and through the command, by turns.

    make build test-training
    (cd Training && .venv/bin/python -m sotto_training.release onnx --model ../Models/sotto-16k.safetensors --out FOLDER)
    Training/.venv/bin/python Benchmarks/onnx_cpu.py FOLDER
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
import soundfile

ROOT = Path(__file__).parents[1]
COMMAND = ROOT / ".build" / "release" / "sotto"
SECONDS, ROUNDS = 60, 5


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def of_command(*words) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([COMMAND, *map(str, words), "--force", "--jobs", "1"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_graph(graph, batch: int, frames: int, total: int, **inputs) -> float:
    """CPU time of `total` token frames in steps of so many, for each row of a batch."""
    state, begin = np.zeros((batch, graph.get_inputs()[-1].shape[1])), time.process_time()
    for start in range(0, total // batch, frames):
        step = {}
        for name, x in inputs.items():
            step[name] = np.repeat(x if x.ndim == 1 else x[:, start * x.shape[1] // total: (start + frames) * x.shape[1] // total], batch, 0)
        *_, state = graph.run(None, step | {"state": state})
    return time.process_time() - begin


def main(folder: Path):
    encoder, decoder = (session(folder / f"{name}.onnx") for name in ("encoder", "decoder"))
    recordings = [soundfile.read(path, dtype="float32")[0] for path in sorted((ROOT / "Samples").glob("*.flac"))]
    pcm = np.resize(np.concatenate(recordings), SECONDS * 16_000)[None]
    total = pcm.shape[1] // 1280 // 16 * 16
    pcm, counts = pcm[:, : total * 1280], np.array([8])
    codes, levels, _ = encoder.run(None, {"pcm": pcm, "counts": counts, "state": np.zeros((1, encoder.get_inputs()[-1].shape[1]))})
    shapes = {"command": None, "1 frame a step": (1, 1), "16 frames a step": (1, 16), "1 frame a step of 16 streams": (16, 1)}
    times = {}
    with TemporaryDirectory() as name:
        speech, tokens, heard = (Path(name) / file for file in ("a.wav", "a.sotto", "b.wav"))
        soundfile.write(speech, pcm[0], 16_000, subtype="PCM_16")
        for _ in range(ROUNDS):
            for what, shape in shapes.items():
                if shape is None:
                    pair = of_command("encode", speech, "-o", tokens), of_command("decode", tokens, "-o", heard)
                else:
                    pair = (of_graph(encoder, *shape, total, pcm=pcm, counts=counts),
                            of_graph(decoder, *shape, total, codes=codes, levels=levels))
                times.setdefault(what, []).append(pair)
    least = {what: np.min(pairs, 0) for what, pairs in times.items()}
    for what, (encode, decode) in least.items():
        print(f"{what}: encode {encode / total * 1e3:.2f} ms a frame (× {encode / least['command'][0]:.1f}), "
              f"decode {decode / total * 1e3:.2f} ms (× {decode / least['command'][1]:.1f})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
