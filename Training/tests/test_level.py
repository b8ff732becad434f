"""The speaker's level: the same codes at any loudness, however the audio comes in parts, and the few numbers that tell it."""

import json

import numpy as np
import pytest
import torch
from conftest import ROOT, smaller, voice

from sotto_training.data import levels
from sotto_training.data.clips import TrainingClips
from sotto_training.model.codec import Codec
from sotto_training.model.features import Features
from sotto_training.model.level import gain
from sotto_training.model.offline import decode, encode


@pytest.fixture(scope="module")
def told_apart() -> dict:
    return smaller(json.loads((ROOT / "Configs/sotto-16k.json").read_text()))


@pytest.fixture
def heard(told_apart):
    """Features, magnitudes and voicing of speech after silence, [1, 400 frames]."""
    features = Features(told_apart)
    audio = np.concatenate([np.zeros(16000, np.float32), voice(16000 * 3, 120, 1)])
    voiced = torch.arange(400)[None] > 110
    return features, features.magnitudes(torch.from_numpy(audio)[None]), voiced


def test_twice_as_loud_is_six_decibels_and_the_same_features(heard):
    features, mel, voiced = heard
    soft, loud = (features.level(mel * factor, voiced) for factor in (2.0, 4.0))
    first = 110 // 8
    assert torch.equal(soft[:, :first], torch.zeros(1, first))
    torch.testing.assert_close(loud[:, first + 1:] - soft[:, first + 1:], torch.full((1, 50 - first - 1), 6.0206), atol=2e-3, rtol=0)
    one, other = (features.scaled(mel * factor, level)[:, 8 * (first + 1):] for factor, level in ((2.0, soft), (4.0, loud)))
    spoken = one > (np.log(2e-5) - features.mel["mean"]) / features.mel["scale"]
    torch.testing.assert_close(one[spoken], other[spoken], atol=1e-3, rtol=0)


def test_speech_in_parts_has_the_level_of_the_whole(heard):
    features, mel, voiced = heard
    level = features.level
    whole = level.sums(level.power(mel), voiced)
    before, parts = torch.zeros(1, 2), []
    for first, last in ((0, 8), (8, 120), (120, 121), (121, 400)):
        parts.append(level.sums(level.power(mel[:, first: last]), voiced[:, first: last], before))
        before = parts[-1][:, -1]
    torch.testing.assert_close(torch.cat(parts, 1), whole, rtol=1e-9, atol=0)
    # As it is defined, frame by frame.
    sums = torch.zeros(2, dtype=torch.double)
    for power, speaks in zip(level.power(mel)[0].double(), voiced[0]):
        if speaks and power > 10 ** ((level.nominal + level.silence) / 10):
            sums = sums * level.keep + torch.stack([power, power**2])
    torch.testing.assert_close(whole[0, -1], sums, rtol=1e-9, atol=0)


def test_what_has_no_voice_and_what_cannot_be_heard_change_nothing(heard):
    features, mel, voiced = heard
    level = features.level(mel, voiced)
    louder = torch.where(voiced[..., None], mel, mel + 0.02)
    assert torch.equal(features.level(louder, voiced), level)
    assert torch.equal(features.level(mel * 1e-6, voiced), torch.zeros_like(level))


def test_what_begins_loudly_is_never_far_over_the_level(heard):
    features, mel, _ = heard
    unvoiced = torch.zeros(1, 400, dtype=torch.bool)
    level = features.level(mel * 100, unvoiced)
    loudest = 10 * torch.log10(features.level.power(mel * 100).view(1, 50, 8).amax(-1).clamp(min=1e-30))
    over = loudest - features.level.nominal - level
    assert float(over.max()) <= features.level.headroom + 1e-3 and float(level[:, :12].abs().max()) == 0 and float(level.max()) > 10


def test_a_number_changes_only_when_the_level_is_off_by_more_than_the_slack(told_apart):
    level = Features(told_apart).level
    numbers = level.told(torch.tensor([0.0, 0.9, 1.1, 1.6, 0.6, 0.4, -70.0, 70.0]))
    assert numbers == [40, 40, 41, 41, 41, 40, 0, 63]


def test_a_decoder_speaks_at_the_level_that_it_is_told(told_apart):
    torch.manual_seed(1)
    codec = Codec(told_apart).eval()
    codec.quantizer.codebooks.normal_()
    audio = voice(16000, 150, 2)
    stages = encode(codec, audio)
    middle = codec.features.level.middle
    nominal, plain, louder = (decode(codec, stages["codes"], len(audio), volume=volume) for volume in (
        torch.full((len(stages["codes"]),), middle), None, torch.full((len(stages["codes"]),), middle + 4)))
    assert np.array_equal(nominal, plain)
    np.testing.assert_allclose(louder, nominal * float(gain(torch.tensor(6.0))), rtol=1e-4, atol=1e-6)
    assert len(stages["volume"]) == len(stages["codes"])


def test_double_precision_rounds_once(told_apart):
    torch.manual_seed(1)
    codec = Codec(told_apart).eval()
    audio = voice(16000, 150, 2)
    assert told_apart["features"]["precision"] == "double"
    exact = encode(codec, audio)["features"]
    single = json.loads(json.dumps(told_apart))
    del single["features"]["precision"]
    codec.config = single
    near = encode(codec, audio)["features"]
    assert exact.dtype == near.dtype == torch.float32 and not torch.equal(exact, near)
    spoken = exact > exact.min() + 1
    torch.testing.assert_close(exact[spoken], near[spoken], atol=2e-3, rtol=0)


def test_crops_begin_from_what_was_heard_before(data, told_apart, tmp_path, command):
    (tmp_path / "config.json").write_text(json.dumps(told_apart))
    command(levels, "--config", tmp_path / "config.json", "--data", data / "train")
    clips = TrainingClips(data / "train", told_apart, 1)
    features, gain_of_crop = Features(told_apart), 3.0
    audio, _, voiced = clips.crop(clips.clips[1], 0, 400)
    whole = features.level(features.magnitudes(torch.from_numpy(audio)[None]) * 10 ** (gain_of_crop / 20), torch.from_numpy(voiced[:400])[None])
    befores = clips.before([(1, 160)] * 40, [gain_of_crop] * 40)
    crop, _, voiced = clips.crop(clips.clips[1], 160, 240)
    mel = features.magnitudes(torch.from_numpy(crop)[None]) * 10 ** (gain_of_crop / 20)
    found = features.level(mel.expand(40, -1, -1), torch.from_numpy(voiced[:240])[None].expand(40, -1), befores)
    off = (found[:, 1:] - whole[:, 21:]).abs().amax(1)
    # Some are as if they were a clip's beginning, some come after louder or quieter speech, and most go on.
    assert (befores.sum(1) == 0).any() and (off < 0.05).sum() > 15 and (off > 0.3).any()
    assert torch.equal(clips.before([(1, 0)], [0.0]), torch.zeros(1, 2))
