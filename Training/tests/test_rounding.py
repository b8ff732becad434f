"""Products at 8 bits: integers as they are defined, files that say the same again, and learning through the rounding."""

import copy
import json

import numpy as np
import pytest
import torch
from torch import nn

from sotto_training.data.clips import TrainingClips
from sotto_training.model.codec import Codec
from sotto_training.model.rounding import RoundedGRU, RoundedLinear, from_blocks, rounded_linear, rounded_names, rounded_weight, to_blocks
from sotto_training.model.weights import codes_identity, exported, load_exported
from sotto_training.recipes import train
from sotto_training.recipes.step import Batch, Judges, losses
from sotto_training.release import export


@pytest.fixture
def rounded(codec):
    """The tiny codec, at 8 bits."""
    result = Codec(codec.config | {"bits": 8})
    result.load_state_dict(codec.state_dict())
    return result


def test_products_are_of_integers():
    torch.manual_seed(1)
    x, weight, bias = 3 * torch.randn(5, 37), torch.randn(19, 37), torch.randn(19)
    x[1], x[2], weight[3] = 0, 1e-38, 0
    with torch.no_grad():
        found = rounded_linear(x, weight, bias).numpy()
    integers, scales = (part.numpy() for part in rounded_weight(weight))
    assert np.abs(integers).max(1).tolist() == [127] * 3 + [0] + [127] * 15
    for row, values in enumerate(x.numpy()):
        largest = np.abs(values).max()
        factor = np.float32(127) / largest if largest >= 2.0**-100 else np.float32(0)
        sums = integers.astype(np.int64) @ np.rint(values * factor).astype(np.int64)
        wanted = sums.astype(np.float32) * (largest / np.float32(127) if factor else np.float32(0)) * scales[:, 0] + bias.numpy()
        np.testing.assert_allclose(found[row], wanted, rtol=1e-6, atol=1e-6)


def test_rounded_weights_round_to_themselves():
    torch.manual_seed(1)
    weight = torch.randn(1000, 33) * torch.randn(1000, 1).exp()
    integers, scale = rounded_weight(weight)
    again, other = rounded_weight(integers * scale)
    assert torch.equal(again, integers) and torch.equal(other, scale)
    assert float(((integers * scale - weight).abs() / scale).max()) < 0.505
    blocks = to_blocks(integers)
    assert blocks.shape == (63, 9, 16, 4) and int(blocks[2, 3, 5, 1]) == int(integers[37, 13])
    assert torch.equal(from_blocks(blocks, 1000, 33), integers.to(torch.int8))


def test_a_rounded_gru_is_near_the_real_one():
    torch.manual_seed(1)
    real = nn.GRU(20, 28, batch_first=True)
    rounded = copy.deepcopy(real)
    rounded.__class__ = RoundedGRU
    x = torch.randn(2, 30, 20)
    with torch.no_grad():
        wanted, found = real(x)[0], rounded(x)[0]
    off = float((found - wanted).square().mean() / wanted.square().mean())
    assert 0 < off < 1e-4


def test_all_products_but_the_edges_are_rounded(rounded, codec):
    names = rounded_names(rounded)
    assert {"encoder.down.weight", "decoder.trunk.gru.weight_hh_l0", "decoder.filters.weight", "encoder.blocks.0.expand.weight"} <= names
    assert not any(name.startswith(("quantizer", "decoder.pitch", "encoder.input", "decoder.input", "encoder.output")) for name in names)
    assert all(x.dim() == 2 for name, x in rounded.state_dict().items() if name in names) and not rounded_names(codec)


def test_exported_files_say_the_same_again(codec, tmp_path, command):
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, tmp_path / "start.pt")
    paths = [tmp_path / f"{name}.safetensors" for name in ("one", "two", "wide")]
    command(export, "--run", tmp_path / "start.pt", "--bits", 8, "--out", paths[0])
    command(export, "--run", paths[0], "--out", paths[1])
    command(export, "--run", tmp_path / "start.pt", "--out", paths[2])
    (metadata, tensors), (again, same) = exported(paths[0]), exported(paths[1])
    assert again == metadata and all(torch.equal(tensors[name], same[name]) for name in tensors | same)
    assert json.loads(metadata["config"])["bits"] == 8
    assert tensors["decoder.up.weight"].dtype == torch.int8 and tensors["decoder.up.weight_scale"].dtype == torch.float32
    assert tensors["quantizer.codebooks"].dtype == tensors["decoder.up.bias"].dtype == torch.float16
    assert codes_identity(load_exported(paths[0])) == metadata["codes_sha256"] != exported(paths[2])[0]["codes_sha256"]
    # Blocks begin where a processor likes them.
    file = paths[0].read_bytes()
    length = int.from_bytes(file[:8], "little")
    starts = [8 + length + entry["data_offsets"][0] for entry in json.loads(file[8: 8 + length]).values() if entry.get("dtype") == "I8"]
    assert len(starts) == len(rounded_names(load_exported(paths[0]))) and not any(start % 64 for start in starts)


def test_rounding_is_heard_little_and_learned_through(rounded, codec, config, data):
    (heard, log_f0, voiced, audio), _, _ = TrainingClips(data / "train", config, 1).batch(3, 192)
    batch = Batch(audio, log_f0, voiced, torch.tensor([4, 2, 1]), heard)
    judges, spectral = Judges.of(config["sample_rate"], "cpu"), []
    for model in (codec, rounded):
        torch.manual_seed(5)
        total, parts, _ = losses(model, judges, batch, np.random.default_rng(1), torch.float32)
        total.backward()
        spectral.append(float(parts["spectral"].detach()))
    assert spectral[0] != spectral[1] and abs(spectral[1] - spectral[0]) < 0.02 * spectral[0]
    for name in ("decoder.up.weight", "decoder.trunk.gru.weight_hh_l0", "decoder.blocks.0.conv.weight"):
        a, b = (dict(model.named_parameters())[name].grad.flatten() for model in (codec, rounded))
        assert float(torch.cosine_similarity(a, b, 0)) > 0.9, name


def test_rows_of_zeros_learn():
    layer = RoundedLinear(8, 4, bias=False)
    nn.init.zeros_(layer.weight)
    x = torch.randn(3, 8)
    layer(x).sum().backward()
    torch.testing.assert_close(layer.weight.grad, x.sum(0).expand(4, 8), atol=0.1, rtol=0.1)


def test_a_run_learns_at_8_bits(data, codec, tmp_path, command):
    start = tmp_path / "start.pt"
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, start)
    command(train, "--config", data / "config.json", "--data", data, "--out", tmp_path / "run", "--batch", 2, "--frames", 160,
            "--threads", 1, "--start", start, "--bits", 8, "--minutes", 9, "--steps", 4, "--device", "cpu")
    command(export, "--run", tmp_path / "run", "--out", tmp_path / "tiny.safetensors")
    assert exported(tmp_path / "tiny.safetensors")[1]["decoder.up.weight"].dtype == torch.int8
