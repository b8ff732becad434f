"""The commands, on tiny data: what one writes the next reads, and a run that was stopped goes on."""

import json

import numpy as np
import torch

from sotto_training.data import codes
from sotto_training.model.weights import codes_identity, exported, trained
from sotto_training.recipes import train
from sotto_training.release import export


def test_speakers_held_out_are_not_trained_on(data):
    speakers = [{clip["speaker"] for clip in json.loads((data / part / "clips.json").read_text())} for part in ("train", "valid")]
    assert speakers == [{f"speaker{n}" for n in range(4)}, {"speaker4", "speaker5"}]


def test_a_run_from_codes_goes_on_where_it_was_and_exports(data, codec, tmp_path, command):
    start = tmp_path / "start.pt"
    with torch.no_grad():
        # Averaging would make it 0.0, and codes are known by the very bits.
        codec.encoder.output.weight[0, 0] = -0.0
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, start)
    command(codes, "--data", data / "train", "--model", start, "--out", tmp_path / "codes")
    words = ["--config", data / "config.json", "--data", data, "--out", tmp_path / "run", "--batch", 2, "--frames", 160,
             "--threads", 1, "--start", start, "--codes", tmp_path / "codes", "--critic", "phase", "--critic-rows", 1,
             "--weights", '{"spectral": 0.5}', "--wrong", 0.03, "--device", "cpu"]
    command(train, *words, "--minutes", 9, "--steps", 8)
    first = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    command(train, *words, "--minutes", 9, "--steps", 12)
    second = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert (first["step"], second["step"]) == (8, 12)
    # Only the decoder learned.
    average = trained(tmp_path / "run")["average"]
    assert torch.equal(average["encoder.output.weight"], codec.state_dict()["encoder.output.weight"])
    assert not torch.equal(average["decoder.filters.weight"], codec.state_dict()["decoder.filters.weight"])
    command(export, "--run", tmp_path / "run", "--out", tmp_path / "tiny.safetensors", "--critic", tmp_path / "critic.safetensors")
    assert exported(tmp_path / "tiny.safetensors")[0]["codes_sha256"] == codes_identity(codec)
    # Another run goes on from both files.
    words[words.index(start)] = tmp_path / "tiny.safetensors"
    words[words.index("--out") + 1] = tmp_path / "other"
    command(train, *words, "--critic-start", tmp_path / "critic.safetensors", "--minutes", 9, "--steps", 4)
    assert (tmp_path / "other/checkpoint.pt").exists()


def test_transcripts_are_told_by_their_pace(data, codec, tmp_path, command):
    from sotto_training.data.transcripts import ToldClips
    from sotto_training.recognition import hearing, letters, listener
    start, made = tmp_path / "start.pt", {name: tmp_path / f"{name}.pt" for name in ("codes", "letters", "told", "ear")}
    torch.save({"average": codec.state_dict(), "config": codec.config, "step": 0}, start)
    command(codes, "--data", data / "train", "--model", start, "--out", tmp_path / "coded")
    command(listener, "cache", "--data", data, "--start", start, "--coded", tmp_path / "coded", "--out", made["codes"])
    command(letters, "--codes", made["codes"], "--listener", start, "--out", made["letters"])
    command(listener, "follow", "--codes", made["codes"], "--letters", made["letters"], "--out", made["told"], "--levels")
    told = ToldClips(made["told"], codec.config)
    text, states, shares = told.batch([(0, 0)] * 8, [4] * 8, 160, np.random.default_rng(1))
    assert states.shape == shares.shape == (8, 160 * codec.config["text"]["rate"] // 8, 3)
    assert int(states.max()) < 2 * text.shape[1] + 1 and float(shares.max()) == 1
    command(hearing, "--data", data, "--codes", made["codes"], "--letters", made["letters"], "--minutes", 0.01, "--out", made["ear"])
    command(train, "--config", data / "config.json", "--data", data, "--out", tmp_path / "run", "--batch", 2, "--frames", 160,
            "--threads", 1, "--start", start, "--told", made["told"], "--ears", made["ear"], "--minutes", 9, "--steps", 4)
