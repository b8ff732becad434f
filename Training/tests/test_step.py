"""A step's losses are what they are defined to be, and learning by them lowers them."""

import numpy as np
import pytest
import reference
import torch
from torch import nn

from sotto_training.data.clips import TrainingClips
from sotto_training.model.codec import Codec
from sotto_training.recipes.critics import CRITICS, critic_loss, decoder_losses, phase_planes
from sotto_training.recipes.step import WEIGHTS, Batch, Judges, losses
from sotto_training.recipes.train import pass_on
from sotto_training.recipes.transforms import Spectra, Waveform


@pytest.fixture
def batch(data, config) -> Batch:
    (heard, log_f0, voiced, audio), _, _ = TrainingClips(data / "train", config, 1).batch(3, 192)
    return Batch(audio, log_f0, voiced, torch.tensor([4, 2, 1]), heard)


def test_losses_and_gradients_are_those_of_the_definition(codec, config, batch):
    judges, found = Judges.of(config["sample_rate"], "cpu"), []
    learning = list(codec.decoder.blocks.parameters()) + list(codec.decoder.filters.parameters())
    torch.manual_seed(5)
    total, parts, _ = losses(codec, judges, batch, np.random.default_rng(1), torch.float32)
    found.append(torch.autograd.grad(total, learning))
    torch.manual_seed(5)
    wanted = reference.losses(codec, judges, batch)
    found.append(torch.autograd.grad(sum(WEIGHTS[name] * value for name, value in wanted.items()), learning))
    for name, value in wanted.items():
        assert float(parts[name].detach()) == pytest.approx(float(value.detach()), abs=1e-5, rel=1e-5), name
    for ours, theirs in zip(*found):
        torch.testing.assert_close(ours, theirs, atol=1e-4 * float(theirs.abs().max()), rtol=1e-3)


@pytest.mark.parametrize("size, hop", [(512, 128), (480, 160)])
def test_transforms_have_the_gradients_that_they_should(size, hop):
    torch.manual_seed(1)
    window = torch.hann_window(size, dtype=torch.double)
    x = torch.randn(2, 5 * hop + size + 7, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: Spectra.apply(x, window, hop), x, fast_mode=True)
    real, imaginary = torch.randn(2, 1, 4, size // 2 + 1, dtype=torch.double)
    real.requires_grad_()
    imaginary.requires_grad_()

    def waveform(real, imaginary):
        return Waveform.apply(real, imaginary, window, hop)

    # The first and last bin of a real signal have no imaginary part.
    inner = torch.zeros_like(real)
    inner[..., 1:-1] = 1
    assert torch.autograd.gradcheck(lambda a, b: waveform(a, b * inner), (real, imaginary), fast_mode=True)


@pytest.mark.parametrize("name", sorted(CRITICS))
def test_one_pass_of_a_critic_serves_both_turns(name, codec, config, batch):
    torch.manual_seed(2)
    critic = CRITICS[name]()
    # Only the critic's own losses count, so that theirs is all of the gradient.
    weights = dict.fromkeys(WEIGHTS, 0.0) | {"adversarial": 0.1, "matching": 1.0}
    judges = Judges.of(config["sample_rate"], "cpu", critic=critic, critic_rows=2, weights=weights)
    torch.manual_seed(5)
    total, _, own = losses(codec, judges, batch, np.random.default_rng(1), torch.float32)
    total.backward()
    assert all(p.grad is None for p in critic.parameters())
    decoders = codec.decoder.filters.weight.grad.clone()
    own.backward()
    assert torch.equal(decoders, codec.decoder.filters.weight.grad)
    assert all(p.grad is not None for p in critic.parameters())


@pytest.mark.parametrize("name", sorted(CRITICS))
def test_a_critic_learns_to_tell_noise_from_tones(name):
    torch.manual_seed(1)
    critic = CRITICS[name]()
    optimizer = torch.optim.AdamW(critic.parameters(), lr=2e-3, betas=(0.5, 0.9))
    time = torch.arange(4096) / 16000
    first = None
    for _ in range(15):
        tones = 0.1 * torch.cos(2 * torch.pi * (200 + 600 * torch.rand(4, 1)) * time)
        noise = 0.05 * torch.randn(4, 4096)
        real, fake = ([Spectra.apply(x, torch.hann_window(size), size // 4) for size in critic.sizes] for x in (tones, noise))
        judged = critic(real), critic(fake)
        loss = critic_loss(*judged)
        first = first or float(loss.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.7 * first
    assert all(torch.isfinite(x) for x in decoder_losses(*judged))


@pytest.mark.parametrize("critic", [None, "phase"])
def test_steps_lower_the_loss(critic, codec, config, batch):
    judges = Judges.of(config["sample_rate"], "cpu", critic=critic and CRITICS[critic]())
    optimizer = torch.optim.AdamW([p for p in codec.decoder.parameters() if p.requires_grad], lr=3e-3)
    values = []
    for _ in range(12):
        torch.manual_seed(5)
        total, parts, _ = losses(codec, judges, batch, np.random.default_rng(1), torch.float32)
        optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(codec.decoder.parameters(), 1.0)
        optimizer.step()
        values.append(float(parts["spectral"].detach()))
    assert values[-1] < values[0]


def test_planes_of_a_steady_tone_say_that_it_is_steady():
    size, time = 512, torch.arange(4096) / 16000
    z = Spectra.apply(0.3 * torch.cos(2 * torch.pi * 1000 * time)[None], torch.hann_window(size), size // 4)
    turn = 2 * torch.pi / 4 * torch.arange(1, size // 2 + 1)
    planes = phase_planes(*z.unbind(-1), turn.cos(), turn.sin())
    assert planes.shape == (1, z.shape[1] - 1, size // 2, 5)
    # 1000 Hz is the middle of bin 32, the 31st of those that have a lower one.
    assert torch.allclose(planes[..., 31, 3], torch.ones(()), atol=0.01)
    assert torch.allclose(planes[..., 31, 4], torch.zeros(()), atol=0.01)


def test_a_larger_decoder_begins_as_good_as_the_smaller(codec, config):
    known = codec.state_dict()
    larger = Codec(config | {"decoder": config["decoder"] | {"blocks": config["decoder"]["blocks"] + 2}})
    larger.load_state_dict(known, strict=False)
    state = torch.randn(1, 3, config["decoder"]["trunk_channels"])
    assert not torch.allclose(larger.decoder.frames(state), codec.decoder.frames(state), atol=1e-3)
    pass_on(larger.decoder, known)
    torch.testing.assert_close(larger.decoder.frames(state), codec.decoder.frames(state))
    # And the new blocks learn.
    larger.decoder.frames(state).square().sum().backward()
    assert float(larger.decoder.blocks[-1].project.weight.grad.abs().max()) > 0
