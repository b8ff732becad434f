"""What is exported is what was trained, and codes keep their meaning while only the decoder learns."""

import copy
import json

import torch

from sotto_training.model.codec import Listener
from sotto_training.model.weights import codes_identity, exported, load_exported, trained
from sotto_training.release.export import write


def saved(codec, path):
    tensors = {name: x.half().contiguous() for name, x in codec.state_dict().items()
               if not name.startswith(("decoder.auxiliary.", "quantizer.channel", "quantizer.fitted"))}
    write(codec.config, tensors, path)
    return path


def test_a_model_comes_back_as_it_was_written(codec, tmp_path):
    path = saved(codec, tmp_path / "tiny.safetensors")
    again = load_exported(path)
    for name, tensor in again.state_dict().items():
        if not name.startswith(("decoder.auxiliary.", "quantizer.channel", "quantizer.fitted")):
            assert torch.equal(tensor, codec.state_dict()[name].half().float()), name
    assert bool(trained(path)["average"]["quantizer.fitted"])


def test_codes_keep_their_identity_while_the_decoder_learns(codec, tmp_path):
    before = codes_identity(codec)
    assert exported(saved(codec, tmp_path / "a.safetensors"))[0]["codes_sha256"] == before
    with torch.no_grad():
        codec.decoder.input.weight.add_(0.1)
    assert codes_identity(codec) == before
    with torch.no_grad():
        codec.encoder.output.bias.add_(0.1)
    assert codes_identity(codec) != before


def test_a_model_that_builds_on_another_holds_only_what_differs(codec, tmp_path):
    base = saved(codec, tmp_path / "base.safetensors")
    tensors = {name: x.clone() for name, x in exported(base)[1].items()}
    tensors["quantizer.codebooks"] += 1
    write(codec.config, tensors, tmp_path / "other.safetensors", base)
    metadata, read = exported(tmp_path / "other.safetensors")
    assert metadata["base"] == "base.safetensors"
    assert torch.equal(read["quantizer.codebooks"], tensors["quantizer.codebooks"])
    assert torch.equal(read["decoder.input.weight"], tensors["decoder.input.weight"])


def test_decoders_are_compared_on_the_same_codes(codec, data, tmp_path, command):
    import csv

    from sotto_training.release import compare
    one = saved(codec, tmp_path / "one.safetensors")
    with torch.no_grad():
        codec.decoder.filters.bias.add_(0.1)
    two = saved(codec, tmp_path / "two.safetensors")
    command(compare, "--data", data / "valid", "--decoders", f"one={one}", f"two={two}@-3", "--codes", 4, 1, "--texts", 1, "--wrong", 50,
            "--out", tmp_path / "pairs")
    rows = list(csv.DictReader(open(tmp_path / "pairs/pairs.tsv", encoding="utf-8"), delimiter="\t"))
    assert [row["system"] for row in rows[:12]] == [
        f"{name}-{kind}{ending}" for kind in ("4", "1", "1-text") for ending in ("", "-wrong50") for name in ("one", "two")]
    assert len(rows) == 24 and all((tmp_path / "pairs" / row["deg"]).exists() for row in rows)


def test_a_mixture_lies_between_two_models_that_share_an_encoder(codec, tmp_path, command):
    from sotto_training.recipes import mix
    with torch.no_grad():
        codec.encoder.output.weight[0, 0] = -0.0
    one, identity = saved(codec, tmp_path / "one.safetensors"), codes_identity(codec)
    with torch.no_grad():
        codec.decoder.input.weight.add_(1)
    two = saved(codec, tmp_path / "two.safetensors")
    command(mix, "--runs", one, two, "--share", 0.25, "--out", tmp_path / "mixed")
    mixed = trained(tmp_path / "mixed")["average"]
    wanted = codec.state_dict()["decoder.input.weight"] - 0.75
    torch.testing.assert_close(mixed["decoder.input.weight"], wanted, atol=2e-3, rtol=0)
    codec.load_state_dict(mixed)
    assert codes_identity(codec) == identity


def test_a_new_decoder_comes_behind_the_codebooks_of_pairs(codec, tmp_path, command):
    from sotto_training.release import export
    old, tensors = saved(codec, tmp_path / "old.safetensors"), {}
    tensors = {name: x.clone() for name, x in exported(old)[1].items()}
    tensors["quantizer.codebooks"] += 1
    write(codec.config, tensors, tmp_path / "pairs.safetensors", old)
    with torch.no_grad():
        codec.decoder.input.weight.add_(1)
    (tmp_path / "new").mkdir()
    new = saved(codec, tmp_path / "new/old.safetensors")
    command(export, "--run", tmp_path / "pairs.safetensors", "--decoder", new, "--base", new, "--out", tmp_path / "new/pairs.safetensors")
    before, after = (exported(path / "pairs.safetensors") for path in (tmp_path, tmp_path / "new"))
    assert before[0]["codes_sha256"] == after[0]["codes_sha256"]
    assert torch.equal(after[1]["decoder.input.weight"], exported(new)[1]["decoder.input.weight"])
    assert torch.equal(after[1]["quantizer.codebooks"], tensors["quantizer.codebooks"])


def test_so_many_codes_are_wrong():
    from sotto_training.data.codes import with_wrong
    torch.manual_seed(1)
    codes = torch.full((2000, 8), 5, dtype=torch.short)
    codes[:, 7] = -1
    wrong = with_wrong(codes, 0.03, 1024)
    assert wrong.dtype == torch.short and int(wrong.min()) == -1 and int(wrong.max()) < 1024
    assert 0.02 < float((wrong != codes)[:, :7].float().mean()) < 0.04 and bool((wrong[:, 7] == -1).all())
    assert torch.equal(with_wrong(codes, 0.0, 1024), codes)


def test_a_file_has_the_configuration_that_it_is_to_have(codec, tmp_path, command):
    from sotto_training.release import export
    config = copy.deepcopy(codec.config)
    del config["features"]["precision"]
    torch.save({"average": codec.state_dict(), "config": config, "step": 0}, tmp_path / "run.pt")
    (tmp_path / "config.json").write_text(json.dumps(codec.config | {"name": "other"}))
    command(export, "--run", tmp_path / "run.pt", "--out", tmp_path / "as-it-was.safetensors")
    command(export, "--run", tmp_path / "run.pt", "--config", tmp_path / "config.json", "--out", tmp_path / "other.safetensors")
    assert load_exported(tmp_path / "as-it-was.safetensors").config == config
    assert load_exported(tmp_path / "other.safetensors").config == codec.config | {"name": "other"}
    # The precision of the features is part of what names the codes.
    assert len({exported(tmp_path / f"{name}.safetensors")[0]["codes_sha256"] for name in ("as-it-was", "other")}) == 2


def test_a_listener_joins_the_model_as_it_is(codec, tmp_path, command):
    from sotto_training.release import export
    path = saved(codec, tmp_path / "tiny.safetensors")
    torch.manual_seed(2)
    listener = Listener(codec.config)
    torch.save({"average": listener.state_dict(), "config": codec.config}, tmp_path / "listener.pt")
    command(export, "--run", path, "--listener", tmp_path / "listener.pt", "--out", tmp_path / "joined.safetensors")
    (before, old), (after, new) = exported(path), exported(tmp_path / "joined.safetensors")
    assert before["codes_sha256"] == after["codes_sha256"]
    for name, tensor in new.items():
        wanted = listener.state_dict()[name.removeprefix("decoder.listener.")].half() if "listener" in name else old[name]
        assert torch.equal(tensor, wanted), name
