"""Kinds of codebooks: all of them are vectors that add up, with the structure that their names promise."""

import json

import pytest
import torch

from sotto_training.model.quantizer import search
from sotto_training.model.weights import trained
from sotto_training.recipes import fit
from sotto_training.recipes.kinds import KINDS, spread


@pytest.fixture
def latents():
    """Of which a few dimensions, turned, have most of the variance, [4000, 12]."""
    torch.manual_seed(1)
    turn = torch.linalg.qr(torch.randn(12, 12))[0]
    return torch.randn(4000, 12) * torch.exp(-torch.arange(12) / 4) @ turn + 0.3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_codebook_leaves_less(kind, latents):
    books = KINDS[kind](latents[:3000], 4, 16, 5)
    others = latents[3000:]
    left = [float((others - sum(book[code] for book, code in zip(books, codes.T))).square().sum(1).mean())
            for codes in search(others, books, 8)]
    whole = float(others.var(0).sum())
    assert whole > left[0] > left[1] > left[2] > left[3] and left[3] < 0.4 * whole
    assert all(len(codes.unique()) > 8 for codes in search(others, books, 8)[-1].T)


def test_products_have_dimensions_of_their_own(latents):
    books = KINDS["product"](latents, 4, 16, 5)
    planes = [book - book.mean(0) for book in books]
    for i, one in enumerate(planes):
        for other in planes[i + 1:]:
            assert float((one @ other.T).abs().max()) < 1e-3 * float(one.norm() * other.norm())


def test_corners_of_cubes_are_equally_far(latents):
    for book in KINDS["binary"](latents, 2, 16, 0):
        lengths = (book - book.mean(0)).norm(dim=1)
        torch.testing.assert_close(lengths, lengths.mean().expand(16))


def test_values_go_where_the_variance_is():
    assert spread([1.0, 1e-9, 1e-9], 16) == [16, 1, 1]
    assert spread([1.0, 1.0], 16) == [4, 4]


@pytest.mark.parametrize("kind", ["residual", "product"])
def test_codebooks_are_made_for_a_run(kind, data, codec, tmp_path, command):
    start = tmp_path / "start.pt"
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 7}, start)
    command(fit, "--data", data, "--run", start, "--kind", kind, "--frames", 2000, "--rounds", 2, "--refining", 1, "--same",
            "--out", tmp_path / "fitted.pt")
    fitted = trained(tmp_path / "fitted.pt")
    assert fitted["average"]["quantizer.fitted"] and fitted["step"] == 7
    assert not torch.equal(fitted["average"]["quantizer.codebooks"], codec.quantizer.codebooks)
    # One large codebook in place of the four.
    single = codec.config | {"name": "single", "quantizer": codec.config["quantizer"] | {"codebooks": 1, "codes": 64}}
    (tmp_path / "single.json").write_text(json.dumps(single))
    command(fit, "--data", data, "--run", tmp_path / "fitted.pt", "--config", tmp_path / "single.json", "--frames", 2000, "--rounds", 2,
            "--refining", 0, "--out", tmp_path / "single.pt")
    one = trained(tmp_path / "single.pt")
    assert one["average"]["quantizer.codebooks"].shape == (1, 64, 8) and one["config"]["name"] == "single"
    assert torch.equal(one["average"]["encoder.output.weight"], codec.state_dict()["encoder.output.weight"])
