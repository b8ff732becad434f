"""Phones for `sotto bench --join`."""

import csv
import json

import numpy as np
import pytest
import soundfile

pytest.importorskip("pocketsphinx")
from sotto_training.recognition.listener import UNKNOWN  # noqa: E402
from sotto_training.recognition.phones import PHONES  # noqa: E402
from sotto_training.release import phone_times  # noqa: E402


def test_phones_have_their_times_and_silence_is_none():
    a, b, silence = (PHONES.index(name) for name in ("AA", "B", "SIL"))
    found = phone_times.timed(np.array([silence] * 10 + [a] * 5 + [b] * 3 + [UNKNOWN] * 2 + [b] * 2))
    assert found == [{"phone": "AA", "start": 0.1, "end": 0.15}, {"phone": "B", "start": 0.15, "end": 0.18},
                     {"phone": "B", "start": 0.2, "end": 0.22}]


def test_each_recording_is_heard_once(command, tmp_path):
    sample = phone_times.Path(__file__).parents[2] / "Samples/campfire.flac"
    audio, rate = soundfile.read(sample, dtype="int16")
    soundfile.write(tmp_path / "campfire.flac", audio, rate)
    text = sample.with_suffix(".txt").read_text().strip()
    with open(tmp_path / "pairs.tsv", "w", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        writer.writerow(["ref", "deg", "text", "system", "speaker"])
        for system in ("a", "b"):
            writer.writerow(["campfire.flac", f"{system}.flac", text, system, ""])
    command(phone_times, tmp_path / "pairs.tsv", "--out", tmp_path / "phones.json")
    phones = json.loads((tmp_path / "phones.json").read_text())["phones"]
    assert list(phones) == ["campfire"] and len(phones["campfire"]) > 20
    assert all(0 <= a["start"] < a["end"] <= b["start"] + 1e-9 for a, b in zip(phones["campfire"], phones["campfire"][1:]))
