"""A tiny model and a few seconds of made-up speech, which all tests share."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

# Compiling takes longer than all tests together; what is compiled is the same code.
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")

ROOT = Path(__file__).parents[2]


def smaller(config: dict) -> dict:
    """The configuration of the shipped model with few channels and codes; of 16 bits, with which most of its learning is done."""
    config["name"] = "tiny"
    del config["bits"]
    config["encoder"] |= {"channels": 16, "blocks": 1, "trunk_channels": 24, "trunk_blocks": 1}
    config["quantizer"] |= {"codebooks": 4, "codes": 16, "dimensions": 8, "coarse": 4}
    config["decoder"] |= {"channels": 24, "blocks": 2, "trunk_channels": 32, "trunk_blocks": 1}
    config["text"] |= {"channels": 12, "blocks": 1, "weights": [1, 0.5, 0.5, 0.5]}
    config["text"]["listener"] |= {"channels": 16, "blocks": 1}
    return config


@pytest.fixture(scope="session")
def config() -> dict:
    return smaller(json.loads((ROOT / "Configs/sotto-16k.json").read_text()))


@pytest.fixture
def codec(config):
    """With codebooks, as if they were fitted."""
    from sotto_training.model.codec import Codec
    torch.manual_seed(1)
    codec = Codec(config)
    codec.quantizer.codebooks.normal_()
    # In half precision, as they are exported.
    codec.quantizer.codebooks.copy_(codec.quantizer.codebooks.half())
    codec.quantizer.fitted.fill_(True)
    return codec


def voice(samples: int, pitch: float, seed: int) -> np.ndarray:
    """Harmonics that come and go, and some noise: [samples] of about the level of speech."""
    random, time = np.random.default_rng(seed), np.arange(samples) / 16000
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * 1.5 * time))) / 16000
    harmonics = sum(np.cos(k * phase + random.uniform(0, 6)) / k for k in range(1, 20))
    loudness = 0.05 * (1 + np.sin(2 * np.pi * 3 * time))
    return (loudness * harmonics + 0.003 * random.standard_normal(samples)).astype(np.float32)


@pytest.fixture(scope="session")
def data(tmp_path_factory, config) -> Path:
    """Prepared folders train/ and valid/ of a few clips, made by the commands themselves."""
    import soundfile
    folder = tmp_path_factory.mktemp("data")
    (folder / "audio").mkdir()
    rows = ["id\tcorpus\tspeaker\tlang\ttext"]
    for number in range(6):
        soundfile.write(folder / f"audio/clip{number}.wav", voice(16000 * 5, 90 + 30 * number, number), 16000)
        rows.append(f"clip{number}\tlibrispeech\tspeaker{number}\ten\tthe same words")
    (folder / "all.tsv").write_text("\n".join(rows) + "\n")
    (folder / "heldout.tsv").write_text("\n".join([rows[0], *rows[-2:]]) + "\n")
    (folder / "config.json").write_text(json.dumps(config))
    from sotto_training.data import prepare
    for part, option in (("train", "--without"), ("valid", "--only")):
        run(prepare, "--config", folder / "config.json", "--audio", folder / "audio", "--tsv", folder / "all.tsv",
            option, folder / "heldout.tsv", "--jobs", 1, "--out", folder / part)
    return folder


def run(module, *words):
    """A command of the package, with these arguments."""
    import sys
    before, sys.argv = sys.argv, [module.__name__, *map(str, words)]
    try:
        module.main()
    finally:
        sys.argv = before


@pytest.fixture
def command():
    return run
