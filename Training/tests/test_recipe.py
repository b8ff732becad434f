"""Recipes name commands that exist, with options that these have, and go on after the last stage that was done."""

import importlib
import sys
from contextlib import redirect_stdout
from io import StringIO

import pytest

from sotto_training.recipes import recipe

VALUES = {name: "x" for name in ("work", "audio", "train", "valid_audio", "valid", "root", "training", "noises")} | {
    "minutes": "60", "threads": "1", "jobs": "1"}


@pytest.mark.parametrize("name", ["decoder", "encoder", "scratch", "voice"])
def test_every_stage_is_a_command_with_options_that_it_has(name, monkeypatch):
    stages = recipe.stages_of(recipe.HERE / f"{name}.toml", VALUES)
    assert len({stage.name for stage in stages}) == len(stages)
    for stage in stages:
        try:
            module = importlib.import_module(f"sotto_training.{stage.module}")
        except ModuleNotFoundError as missing:
            # Only one stage needs it, and the tests do without.
            assert missing.name == "pocketsphinx"
            continue
        help_text = StringIO()
        # What the subcommand says of its options, if there is one.
        first = [stage.words[0]] if not stage.words[0].startswith("--") else []
        monkeypatch.setattr(sys, "argv", [stage.module, *first, "--help"])
        with redirect_stdout(help_text), pytest.raises(SystemExit):
            module.main()
        for word in stage.words:
            assert not word.startswith("--") or word in help_text.getvalue(), f"{stage.name}: {word}"


def test_a_recipe_goes_on_after_what_is_done(data, tmp_path, command, capsys):
    book = tmp_path / "book.toml"
    stage = """
[[stage]]
name = "{0}"
why = "to have it"
module = "data.prepare"
words = "--config {1}/config.json --audio {{audio}} --tsv {{train}} --jobs 1 --out {{work}}/{0}"
minutes = 2
"""
    book.write_text(stage.format("one", data) + stage.format("two", data))
    words = [book, "--work", tmp_path / "work", "--audio", data / "audio", "--train", data / "all.tsv",
             "--valid-audio", data / "audio", "--valid", data / "all.tsv"]
    command(recipe, *words, "--dry-run")
    assert "2 stages, 0 of them done; 4 minutes" in capsys.readouterr().out
    assert not (tmp_path / "work").exists()
    command(recipe, *words, "--until", "one")
    assert (tmp_path / "work/one/clips.json").exists() and not (tmp_path / "work/two").exists()
    capsys.readouterr()
    command(recipe, *words)
    assert "2 stages, 1 of them done; 2 minutes" in capsys.readouterr().out
    assert (tmp_path / "work/two/clips.json").exists()
