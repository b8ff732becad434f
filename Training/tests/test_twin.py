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
    torch.testing.assert_close(stages["features"], golden["features"], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(stages["latents"], golden["latents"], atol=1e-3, rtol=1e-3)
    assert torch.equal(stages["codes"].float(), golden["codes.8"])
    decoded = torch.from_numpy(decode(codec, stages["codes"][:, :4], len(audio)).copy())
    torch.testing.assert_close(decoded, golden["decoded.4"], atol=1e-3, rtol=0)


def test_the_small_model_of_a_level_gives_its_golden_vectors():
    fixtures = ROOT / "Tests/SottoTests/Fixtures"
    golden = load_file(fixtures / "level-golden.safetensors")
    codec = load_exported(fixtures / "level-model.safetensors")
    stages = encode(codec, golden["audio"].numpy())
    # In double precision, rounded once: at most a last bit differs between processors.
    torch.testing.assert_close(stages["features"], golden["features"], atol=0, rtol=2e-7)
    assert torch.equal(stages["codes"].float(), golden["codes"])
    assert torch.equal(stages["volume"].float(), golden["volume"])
