"""The Python twin says what the shipped vectors say, which the Swift code is tested against."""

import torch
from conftest import ROOT
from safetensors.torch import load_file

from sotto_training.model.offline import decode, encode
from sotto_training.model.weights import load_exported


def test_the_shipped_model_gives_the_golden_vectors():
    golden = load_file(ROOT / "Tests/SottoTests/Fixtures/golden.safetensors")
    codec = load_exported(ROOT / "Models/sotto-16k.safetensors")
    audio = golden["audio"].numpy()
    stages = encode(codec, audio)
    torch.testing.assert_close(stages["features"], golden["features"], atol=0, rtol=2e-7)
    # What is rounded to 8 bits may fall to the other side of a half by an order of summation: then latents are off by what rounding costs.
    assert float((stages["latents"] - golden["latents"]).square().mean() / golden["latents"].square().mean()) < 1e-4
    assert torch.equal(stages["volume"].float(), golden["volume"])
    found = codec.quantizer.encode(golden["latents"], 8)
    assert torch.equal(found.float(), golden["codes.8"])
    # In double precision, as the golden ones: there the order hardly counts.
    decoded = decode(codec.double(), golden["codes.8"][:, :4].long(), len(audio), volume=golden["volume"])
    torch.testing.assert_close(torch.from_numpy(decoded.copy()).float(), golden["decoded.4"], atol=1e-3, rtol=0)


def test_the_small_model_of_a_level_gives_its_golden_vectors():
    fixtures = ROOT / "Tests/SottoTests/Fixtures"
    golden = load_file(fixtures / "level-golden.safetensors")
    codec = load_exported(fixtures / "level-model.safetensors")
    stages = encode(codec, golden["audio"].numpy())
    # In double precision, rounded once: at most a last bit differs between processors.
    torch.testing.assert_close(stages["features"], golden["features"], atol=0, rtol=2e-7)
    assert torch.equal(stages["codes"].float(), golden["codes"])
    assert torch.equal(stages["volume"].float(), golden["volume"])
