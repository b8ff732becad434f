"""A prior as the product has it: what a file of it holds, and what is read from it."""

import numpy as np
import pytest
import torch
from safetensors import safe_open

from sotto_training.data.words import collated, said
from sotto_training.model.prior import TIMED, Prior
from sotto_training.model.text import pace, symbols
from sotto_training.model.words import LEFT_OUT, configuration, file_of, load_words, merged, to_export
from sotto_training.recipes.prior import asked

TEXT = symbols("so it goes on")


@pytest.fixture
def prior():
    torch.manual_seed(1)
    prior = Prior(8, 4, channels=24).eval()
    for parameter in prior.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    prior.quantizer.vectors.normal_()
    return prior


@pytest.fixture
def file(prior, tmp_path):
    path = tmp_path / "a-words.safetensors"
    path.write_bytes(file_of(configuration(prior, "a-words", "0" * 64), to_export(prior)))
    return path


@pytest.fixture
def batch():
    random = np.random.default_rng(1)
    latents = random.standard_normal((12, 8)).astype(np.float32)
    return collated([(latents, latents, said(TEXT, pace(np.linspace(2, 44, len(TEXT) + 1).astype(int), 12, 4), 4))], 4)


@torch.no_grad()
def test_what_biases_take_in_changes_nothing(prior, batch):
    other = Prior(8, 4, channels=24).eval()
    other.load_state_dict(merged(prior), strict=False)
    other.kind.weight.zero_()
    other.unknown.zero_()
    for n in (0, 2, 4):
        ask = asked(1, TIMED, n, 0, 0)
        torch.testing.assert_close(other(batch, ask)[0], prior(batch, ask)[0], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_file_is_the_prior_but_for_rounding(prior, file, batch):
    read, config = load_words(file)
    assert config["counts"] == [0, 2, 4] and config["base_codes_sha256"] == "0" * 64
    ask = asked(1, TIMED, 0, 0, 0)
    found, wanted = read(batch, ask)[0], prior(batch, ask)[0]
    assert float((found - wanted).square().mean()) < 0.02 * float(wanted.var())
    assert not torch.equal(found, wanted)


def test_a_file_has_only_what_speaking_needs(prior, file):
    with safe_open(file, "pt") as tensors:
        names = {name.partition(".")[2] for name in tensors.keys()}
    assert not [name for name in names if name.startswith(LEFT_OUT)]
    assert all(name.startswith(("words.", "prior.")) for name in safe_open(file, "pt").keys())


def test_damage_is_seen(file):
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(data)
    with pytest.raises(ValueError, match="damaged"):
        load_words(file)
