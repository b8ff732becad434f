"""Changed versions of clips are in step with them, and latents that agree on both are what the encoder learns."""

import json

import numpy as np
import pytest
import soundfile
import torch
from conftest import ROOT, smaller, voice

from sotto_training.data import changed, levels
from sotto_training.data.changed import ChangedClips, in_room, telephone, with_noise
from sotto_training.data.clips import TrainingClips
from sotto_training.model.channel import RateChannel
from sotto_training.model.codec import Codec
from sotto_training.recipes import train
from sotto_training.recipes.step import Batch, Judges, disagreement, losses


@pytest.fixture(scope="module")
def folders(data, tmp_path_factory):
    """A configuration with levels, and changed versions of the clips; without a coder, so that FFmpeg isn't needed."""
    from conftest import run
    folder = tmp_path_factory.mktemp("changed")
    config = smaller(json.loads((ROOT / "Configs/sotto-16k.json").read_text()))
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "noises").mkdir()
    soundfile.write(folder / "noises/hiss.wav", 0.1 * np.random.default_rng(1).standard_normal(32000), 16000)
    kinds = {"noise": 0.5, "steady": 0.1, "telephone": 0.3, "room": 0.1}
    before, changed.KINDS = changed.KINDS, kinds
    run(levels, "--config", folder / "config.json", "--data", data / "train")
    run(changed, "--config", folder / "config.json", "--data", data / "train", "--noises", folder / "noises", "--out", folder / "1")
    changed.KINDS = before
    return config, folder


def test_changes_do_what_they_say():
    speech = voice(16000, 200, 1)
    noisy = with_noise(speech, np.random.default_rng(1).standard_normal(16000).astype(np.float32), 10)
    assert np.mean((noisy - speech) ** 2) / np.mean(speech**2) == pytest.approx(0.1, rel=1e-4)
    narrow = np.abs(np.fft.rfft(telephone(speech, 16000)))
    wide = np.abs(np.fft.rfft(speech))
    assert narrow[:250].max() < 1e-3 * wide.max() and narrow[3800:].max() < 1e-3 * wide.max()
    np.testing.assert_allclose(narrow[400:3000], wide[400:3000], rtol=1e-2, atol=1e-3)
    click = np.zeros(8000, np.float32)
    click[100] = 1
    heard = in_room(click, 16000, np.random.default_rng(1), 0.2, 6)
    assert heard[100] == pytest.approx(1, abs=1e-5) and np.sum(heard[101:] ** 2) == pytest.approx(10**-0.6, rel=1e-3)
    assert not np.abs(heard[101:160]).max() > 1e-5


def test_changed_crops_are_in_step_and_their_level_is_known(data, folders):
    config, folder = folders
    clips = TrainingClips(data / "train", config, 1)
    versions = ChangedClips([folder / "1"], clips, config)
    (heard, log_f0, voiced, audio), places, gains = clips.batch(4, 192)
    before = clips.before(places, gains)
    rows, louder, other, other_f0, other_voiced, other_before = versions.batch(places, gains, before, 192)
    assert rows.tolist() == [0, 1] and other.shape == audio[:2].shape and other_f0.shape == log_f0[:2].shape
    for row in range(2):
        lined_up = np.fft.irfft(np.fft.rfft(audio[row]) * np.conj(np.fft.rfft(other[row])))
        assert min(int(np.argmax(lined_up)), len(lined_up) - int(np.argmax(lined_up))) <= 2
    torch.testing.assert_close(other_before[:, 0], before[:2, 0] * 10 ** (louder / 10))
    torch.testing.assert_close(other_before[:, 1], before[:2, 1] * 10 ** (louder / 5))


def test_disagreement_is_what_a_code_would_tell_of_it():
    torch.manual_seed(1)
    scale = torch.tensor([3.0, 2.0, 1.0, 1e-3])
    latent, audio = torch.randn(2, 500, 4) * scale, torch.randn(2, 500 * 16)
    channel = RateChannel(4)
    channel(latent, torch.tensor([10, 10]))

    def off(other):
        return float(disagreement(channel, 10, latent, other, audio, latent))

    near = off(latent + 0.01 * torch.randn(2, 500, 4) * scale)
    far = off(latent + 0.1 * torch.randn(2, 500, 4) * scale)
    # Squares while it is little, then ever less: another speaker's words are at most so far off.
    assert 0 < near < far / 20 and off(-latent) < 10
    # A dimension that the code doesn't tell doesn't count, nor does what isn't spoken.
    other = latent.clone()
    other[..., 3] *= -1
    assert off(other) < 0.01 * near
    audio[:, 4000:] *= 1e-3
    assert off(torch.cat([latent[:, :250], -latent[:, 250:]], 1)) == 0
    # Nor does the scale: to say all of it more loudly, or less, is no way out.
    size = torch.ones((), requires_grad=True)
    channel.shares(size * 0.1 * latent[0], size * latent[0], 10).mean().backward()
    assert abs(float(size.grad)) < 1e-4


def test_learning_to_agree_lowers_the_disagreement(data, folders):
    config, folder = folders
    torch.manual_seed(1)
    codec, clips = Codec(config), TrainingClips(data / "train", config, 1)
    versions = ChangedClips([folder / "1"], clips, config)
    (heard, log_f0, voiced, audio), places, gains = clips.batch(3, 192)
    before = clips.before(places, gains)
    batch = Batch(audio, log_f0, voiced, torch.tensor([4, 2, 1]), heard, before=before, changed=versions.batch(places, gains, before, 192))
    judges, values = Judges.of(config["sample_rate"], "cpu"), []
    judges.weights["agreement"] = 1.0
    optimizer = torch.optim.AdamW(codec.parameters(), lr=3e-3)
    for _ in range(12):
        torch.manual_seed(5)
        total, parts, _ = losses(codec, judges, batch, np.random.default_rng(1), torch.float32)
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        optimizer.step()
        values.append((float(parts["agreement"].detach()), float(parts["spectral"].detach())))
    assert values[-1][0] < values[0][0] and values[-1][1] < values[0][1]


def test_an_encoder_learns_anew_from_a_model_that_has_codebooks(data, folders, codec, tmp_path, command):
    _, folder = folders
    start = tmp_path / "start.pt"
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, start)
    command(train, "--config", folder / "config.json", "--data", data, "--out", tmp_path / "run", "--batch", 2, "--frames", 160,
            "--threads", 1, "--start", start, "--channel", "--changed", folder / "1", "--minutes", 9, "--steps", 4, "--device", "cpu")
    state = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert not state["average"]["quantizer.fitted"] and state["average"]["quantizer.channel.ready"]
    assert not torch.equal(state["average"]["encoder.output.weight"], codec.state_dict()["encoder.output.weight"])
