"""The prior: what is told of letters and words, that it doesn't see what is to come, and that a run goes on."""

import json

import numpy as np
import pytest
import torch

from sotto_training.data import codes
from sotto_training.data.words import collated, said, spans
from sotto_training.model.prior import AHEAD, NONE, TIMED, WHOLE, Prior, WordQuantizer
from sotto_training.model.text import SPACE, pace, symbols
from sotto_training.recipes import prior as recipe
from sotto_training.recipes.prior import asked, losses, moments
from sotto_training.release import by_word

TEXT = symbols("so it goes on")
# The steps in which the symbols begin and the text ends, with a long space before "goes".
BEGINS = [4, 6, 8, 9, 11, 13, 24, 26, 28, 30, 32, 33, 36, 40]


def told():
    return said(TEXT, pace(np.array(BEGINS), 12, 4), 4)


def test_letters_and_words_are_where_they_begin():
    told_ = told()
    assert list(told_.pauses) == [True, False, False, True, False, False, True]
    assert told_.place[5] == 0 and told_.place[3] == len(TEXT) and told_.place[47] == len(TEXT)
    # A short space belongs to the word before it.
    assert [TEXT[i] for i in sorted(set(told_.place[told_.segment == 4]))] == [*symbols("goes"), SPACE]
    # Spread evenly: no spaces, each letter about as long.
    letters = told_.even[told_.segment == 1]
    assert set(letters) == {0, 1} and SPACE not in {TEXT[i] for i in told_.even if i < len(TEXT)}
    assert (np.diff(told_.segment) >= 0).all() and told_.word.min() == 0


def test_spans():
    assert spans(np.array([5, 5, 5, 2])).tolist() == [[0, 2], [1, 1], [2, 0], [0, 0]]


def batch_of(clips: int, seed: int = 1):
    random = np.random.default_rng(seed)
    rows = [(random.standard_normal((12, 8)).astype(np.float32), random.standard_normal((12, 8)).astype(np.float32), told()) for _ in range(clips)]
    return collated(rows, 4)


@torch.no_grad()
def test_past_latents_tell_only_what_comes_after_them():
    torch.manual_seed(1)
    prior, batch = Prior(8, 4, channels=24), batch_of(1)
    ask = asked(1, NONE, 0, 1, 0)
    before, voices = prior(batch, ask)[0], torch.zeros(1, 16)
    changed = batch.past.clone()
    changed[:, 7] += 3
    before, after = (prior(batch._replace(past=past), ask, voices=voices)[0] for past in (batch.past, changed))
    same = (before == after).all(-1)[0]
    assert same[:8].all() and not same[8:].all()


@torch.no_grad()
def test_it_looks_ahead_no_farther_than_it_says():
    torch.manual_seed(1)
    prior = Prior(8, 4, channels=24)
    for block in prior.blocks:
        torch.nn.init.normal_(block.project.weight)
    x = torch.randn(1, 40, 24)
    changed = x.clone()
    changed[:, 30:] += 1
    within = torch.ones(1, 40)
    for block in prior.blocks:
        zeros = torch.zeros(1, 40, 5 * prior.words)
        x, changed = block(x, within, zeros), block(changed, within, zeros)
    assert torch.equal(x[:, : 30 - AHEAD], changed[:, : 30 - AHEAD]) and not torch.equal(x[:, 30 - AHEAD], changed[:, 30 - AHEAD])


@torch.no_grad()
def test_padding_changes_nothing():
    torch.manual_seed(1)
    prior = Prior(8, 4, channels=24).eval()
    alone = batch_of(1)
    longer = said(TEXT + [SPACE] + TEXT, pace(np.array(BEGINS + [b + 41 for b in BEGINS]), 24, 4), 4)
    other = (np.zeros((24, 8), np.float32), np.zeros((24, 8), np.float32), longer)
    both = collated([(alone.latents[0].numpy(), alone.past[0].numpy(), told()), other], 4)
    for codes_ in (0, WHOLE):
        found = prior(alone, asked(1, TIMED, codes_, 0, 0))[0][0]
        torch.testing.assert_close(found, prior(both, asked(2, TIMED, codes_, 0, 0))[0][0, :12], atol=1e-4, rtol=1e-4)


def test_codebooks_learn_what_there_is():
    torch.manual_seed(1)
    centres, quantizer = 5 * torch.randn(4, 3), WordQuantizer(2, 4, 3)
    for _ in range(200):
        x = centres[torch.randint(4, (64,))] + 0.01 * torch.randn(64, 3)
        total, found = quantizer(x, torch.full((64,), 2), True)
    assert float((total - x).square().mean()) < 0.1 * float(x.var())
    assert (quantizer(x, torch.ones(64), False)[1][:, 1] == -1).all()


def test_widening_rewards_variance():
    prior, batch = Prior(8, 4, channels=24), batch_of(2)
    wanted = prior.scaled(batch.latents)
    mean = wanted.mean(1, keepdim=True)
    half = mean + 0.5 * (wanted - mean)
    own, true, correlation = moments(half, wanted, batch.within)
    torch.testing.assert_close(own, 0.5 * true, atol=1e-3, rtol=1e-3)
    assert float(correlation.detach().min()) > 0.99
    assert float(losses(prior, batch, half, 1)[0]) > float(losses(prior, batch, wanted, 1)[0])


@pytest.fixture
def known(data, codec, tmp_path, command):
    """A codec, codes of its clips, and made-up paces."""
    start = tmp_path / "start.pt"
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, start)
    command(codes, "--data", data / "train", "--model", start, "--out", tmp_path / "codes")
    clips = json.loads((data / "train/clips.json").read_text())
    frames = [clip["samples"] // 1280 for clip in clips]
    begins = {i: np.linspace(2, 4 * n - 4, len(TEXT) + 1).astype(int) for i, n in enumerate(frames)}
    torch.save({"kept": {}, "lengths": dict(enumerate(frames)), "texts": {i: TEXT for i in begins}, "levels": [], "begins": begins}, tmp_path / "told.pt")
    return start


def test_a_run_goes_on_and_speaks(data, known, tmp_path, command, monkeypatch):
    monkeypatch.setattr(recipe, "EVERY_SPEAKER", 4)
    monkeypatch.setattr(recipe, "UNCODED", 4)
    words = ["--data", data, "--model", known, "--codes", tmp_path / "codes", "--told", tmp_path / "told.pt", "--out", tmp_path / "run",
             "--channels", 24, "--frames", 200, "--minutes", 9]
    command(recipe, *words, "--steps", 6, "--widen", 0)
    first = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    command(recipe, *words, "--steps", 10, "--widen", 0)
    second = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert (first["step"], second["step"]) == (6, 10) and set(second["wide"]) == set(recipe.MODES)
    assert all(torch.isfinite(x).all() for x in second["average"].values())
    command(by_word, "--data", data / "valid", "--model", known, "--prior", tmp_path / "run", "--codes", 1, "--out", tmp_path / "pairs")
    lines = (tmp_path / "pairs/pairs.tsv").read_text().splitlines()
    assert lines[0].split("\t")[-1] == "kbps" and any("timed-4-wide" in line for line in lines)
