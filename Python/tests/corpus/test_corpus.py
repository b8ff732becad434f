# SPDX-License-Identifier: Apache-2.0
"""A corpus on one machine, and what it is read from."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile
import sotto_codec
from corpora import MODEL, clips, failed, held, shard_bytes
from sotto_codec import corpus
from support import REPOSITORY, level_model, model, speech, words


class CorpusTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def tokenize(self, manifest, out="out", workers=1, **others):
        return corpus.tokenize(manifest, self.folder / out, MODEL, workers=workers, **others)

    def test_rows_are_what_the_model_gives(self):
        source = clips(self.folder / "in", 11)
        made = self.tokenize(source, codes=3, shard_size=4)
        rows = held(self.folder / "out")
        self.assertEqual((made.recordings, made.failed, len(rows)), (11, 0, 11))
        self.assertEqual([row["id"] for row in rows], sorted(path.name for path in source.iterdir() if path.suffix != ".txt"))
        for row in rows:
            samples, rate = soundfile.read(source / row["id"], dtype="int16")
            codes, levels = model(MODEL).encode(
                samples, rate, 3, channel_axis=1 if samples.ndim == 2 else None, levels=True)
            np.testing.assert_array_equal(corpus.frames(row), codes)
            np.testing.assert_array_equal(row["levels"], levels)
            self.assertEqual((row["frames"], row["codebooks"]), codes.shape)
            self.assertEqual((row["seconds"], row["model"]), (len(samples) / rate, model(MODEL).id))
            self.assertEqual(row["text"], words() if row["id"].endswith(".flac") else None)
            back = corpus.decode(row, model(MODEL))
            np.testing.assert_array_equal(back, model(MODEL).decode(
                codes, samples=round(len(samples) / rate * 16_000), levels=levels))

    def test_levels_are_a_column_where_the_model_tells_them(self):
        source, m = clips(self.folder / "in", 3), level_model()
        corpus.tokenize(source, self.folder / "out", m.path, workers=1)
        rows = held(self.folder / "out")
        for row in rows:
            samples, rate = soundfile.read(source / row["id"], dtype="int16")
            codes, levels = m.encode(samples, rate, channel_axis=1 if samples.ndim == 2 else None, levels=True)
            np.testing.assert_array_equal(row["levels"], levels)
            expected = m.decode(codes, samples=round(len(samples) / rate * 16_000), levels=levels)
            np.testing.assert_array_equal(corpus.decode(row, m), expected)
        self.assertEqual(corpus.check(self.folder / "out", m).recordings, 3)
        self.assertNotIn("levels", self.row_of_a_model_without_levels())

    def row_of_a_model_without_levels(self) -> dict:
        path = REPOSITORY / "Tests" / "SottoTests" / "Fixtures" / "text-model.safetensors"
        corpus.tokenize(clips(self.folder / "one", 1), self.folder / "plain", path, workers=1)
        return held(self.folder / "plain")[0]

    def test_killed_ten_times_every_id_comes_once(self):
        source, out = clips(self.folder / "in", 200), self.folder / "out"
        command = [
            sys.executable, "-m", "sotto_codec.corpus", str(source), str(out), "--model", MODEL, "--workers", "2",
            "--shard-size", "2",
        ]  # fmt: skip
        moments = random.Random(21)
        for _ in range(10):
            before, wanted = len(shard_bytes(out)), moments.randrange(6)
            delay = moments.random() / (20 if wanted else 2)
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
            while len(list(out.glob("shard-*.parquet"))) < before + wanted:
                self.assertIsNone(process.poll(), "it ended before it was killed")
                time.sleep(0.001)
            time.sleep(delay)
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)
            # Those that it started end by themselves; the test would wait for ever if not.
            with suppress(ProcessLookupError):
                while True:
                    os.killpg(process.pid, 0)
                    time.sleep(0.01)
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.assertEqual([row["id"] for row in held(out)], [item.id for item in corpus.items(source)])
        self.assertEqual(failed(out), {})
        self.assertEqual(list(out.glob(".*")), [])
        self.tokenize(source, "whole", shard_size=2)
        self.assertEqual(shard_bytes(out), shard_bytes(self.folder / "whole"))

    def test_the_number_of_workers_changes_nothing(self):
        source = clips(self.folder / "in", 50)
        (source / "00007.wav").write_bytes(b"RIFF")
        for workers in (1, 2, 4):
            self.tokenize(source, f"out{workers}", workers, shard_size=20)
        one = shard_bytes(self.folder / "out1")
        self.assertEqual(len(one), 3)
        self.assertEqual(one, shard_bytes(self.folder / "out2"))
        self.assertEqual(one, shard_bytes(self.folder / "out4"))

    def test_broken_files_are_listed_and_all_others_made(self):
        source = clips(self.folder / "in", 300, 0.1)
        (source / "00001.wav").write_bytes(b"")
        whole = (source / "00110.flac").read_bytes()
        (source / "00110.flac").write_bytes(whole[: len(whole) // 2])
        soundfile.write(source / "00202.wav", np.zeros(0, np.int16), 16_000)
        made = self.tokenize(source, shard_size=100)
        self.assertEqual((made.recordings, made.failed), (297, 3))
        self.assertEqual(set(failed(self.folder / "out")), {"00001.wav", "00110.flac", "00202.wav"})
        self.assertEqual(failed(self.folder / "out")["00202.wav"], "it holds no samples")
        bad = failed(self.folder / "out").keys()
        self.assertEqual([row["id"] for row in held(self.folder / "out")], [i.id for i in corpus.items(source) if i.id not in bad])

    def test_recordings_in_object_stores(self):
        # Files by their addresses come the way that those of other stores do.
        source = clips(self.folder / "in", 2)
        (source / "00001.wav").rename(source / "a b%20c.wav")
        places = [f"file://{source}/00000.flac", f"file://{source}/a b%20c.wav", f"file://{source}/none.wav", "nowhere://a/b.wav"]
        (self.folder / "a.jsonl").write_text("\n".join(json.dumps({"audio": place}) for place in places))
        self.assertEqual(self.tokenize(self.folder / "a.jsonl").recordings, 2)
        self.tokenize(source, "plain")
        codes = [[row["codes"] for row in held(self.folder / out)] for out in ("out", "plain")]
        self.assertEqual(*codes)
        reasons = failed(self.folder / "out")
        self.assertEqual(list(reasons), places[2:])
        self.assertIn("none.wav", reasons[places[2]])
        self.assertIn("nowhere", reasons[places[3]])
        for manifest, out in (("s3://a/b.tsv", self.folder / "x"), (source, "s3://a/b")):
            with self.assertRaises(sotto_codec.UsageError):
                corpus.tokenize(manifest, out, MODEL)

    def test_tables(self):
        clips(self.folder / "in", 2)
        (self.folder / "a.tsv").write_text("id\tpath\ttext\tspeaker\none\tin/00000.flac\ta \"word\t7\ntwo\tin/00001.wav\t\t\n")
        lines = [{"id": "one", "audio": "in/00000.flac", "text": 'a "word', "speaker": 7}, {"audio": "in/00001.wav", "id": "two"}]
        (self.folder / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
        rows = list(corpus.items(self.folder / "a.tsv"))
        self.assertEqual(rows, list(corpus.items(self.folder / "a.jsonl")))
        self.assertEqual([(row.id, row.text, row.speaker) for row in rows], [("one", 'a "word', "7"), ("two", None, None)])
        self.assertEqual(self.tokenize(self.folder / "a.tsv").recordings, 2)

    def test_tars(self):
        source = self.folder / "in"
        source.mkdir()
        with tarfile.open(source / "a.tar", "w") as tar:
            for number in range(3):
                sound = io.BytesIO()
                soundfile.write(sound, speech()[: 8000 + number], 16_000, format="WAV")
                known = {"speaker": "s", "text": "from the object"}
                for kind, held_in in [("json", json.dumps(known).encode()), ("wav", sound.getvalue()), ("txt", b"said\n")]:
                    member = tarfile.TarInfo(f"x/{number}.{kind}")
                    member.size = len(held_in)
                    tar.addfile(member, io.BytesIO(held_in))
        self.tokenize(source, "whole")
        rows = held(self.folder / "whole")
        self.assertEqual([row["id"] for row in rows], ["a/x/0", "a/x/1", "a/x/2"])
        self.assertEqual({(row["text"], row["speaker"]) for row in rows}, {("said", "s")})
        np.testing.assert_array_equal(corpus.frames(rows[2]), model(MODEL).encode(speech()[:8002], 16_000))
        # Cut in the middle of a recording: what came before is made; this one and the rest of the tar are said to be missing.
        (source / "a.tar").write_bytes((source / "a.tar").read_bytes()[:25_000])
        self.tokenize(source, "cut")
        self.assertEqual(len(held(self.folder / "cut")), 1)
        self.assertEqual(set(failed(self.folder / "cut")), {"a/x/1", "a"})

    def test_words(self):
        source = self.folder / "in"
        source.mkdir()
        soundfile.write(source / "a.wav", speech(), 16_000)
        (source / "a.txt").write_text(words(), encoding="utf-8")
        corpus.tokenize(source, self.folder / "out", workers=1, alignment=True, by_frame=True)
        (row,) = corpus.read(self.folder / "out")
        found = model().align(model().encode(speech(), 16_000), words(), samples=len(speech()))
        self.assertEqual(row["words"], [word._asdict() for word in found.words])
        self.assertEqual(row["match"], found.match)
        self.assertEqual(len(row["codes"]), row["frames"])
        np.testing.assert_array_equal(corpus.frames(row), model().encode(speech(), 16_000))

    def test_what_was_begun_otherwise_is_refused(self):
        source = clips(self.folder / "in", 3)
        self.tokenize(source)
        for others in ({"codes": 2}, {"shard_size": 7}, {"by_frame": True}):
            with self.assertRaisesRegex(sotto_codec.UsageError, f"another {next(iter(others))}"):
                self.tokenize(source, **others)
        (source / "more.wav").write_bytes(b"")
        with self.assertRaisesRegex(sotto_codec.UsageError, "another recordings, manifest"):
            self.tokenize(source)
        # Nothing was touched.
        self.assertEqual(len(held(self.folder / "out")), 3)

    def test_manifests_that_can_not_be(self):
        out = self.folder / "out"
        cases = {
            "twice.tsv": ("audio\tid\na.wav\tx\nb.wav\tx\n", "the id 'x' comes twice"),
            "none.tsv": ("file\na.wav\n", "no 'audio' or 'path'"),
            "empty.jsonl": ("\n", "names no recordings"),
            "bad.jsonl": ('{"audio": "a"}\n{', "line 2"),
            "list.jsonl": ("[]", "line 1: no object"),
            "a.csv": ("audio\n", "neither a folder nor one of"),
        }
        for name, (text, said) in cases.items():
            (self.folder / name).write_text(text)
            with self.subTest(name), self.assertRaisesRegex(sotto_codec.SottoError, said):
                corpus.tokenize(self.folder / name, out, MODEL)
        with self.assertRaisesRegex(sotto_codec.NotFoundError, "isn't there"):
            corpus.tokenize(self.folder / "no.tsv", out, MODEL)
        self.assertFalse(out.exists())

    def test_check_and_the_model_at_hand(self):
        source = clips(self.folder / "in", 4, 1.1)
        (source / "again.wav").write_bytes((source / "00001.wav").read_bytes())
        (source / "bad.wav").write_bytes(b"")
        self.tokenize(source, shard_size=2)
        found = corpus.check(self.folder / "out", model(MODEL))
        self.assertEqual((found.recordings, found.failed, found.duplicates, found.same_codes), (5, 1, [], 1))
        self.assertAlmostEqual(found.hours, 5 * 1.1 / 3600)
        rows = held(self.folder / "out")
        used = len({int(code) for row in rows for code in corpus.frames(row)[:, 0]})
        self.assertEqual(found.use[0], used / model(MODEL).codebook_size)
        for call in (lambda: corpus.check(self.folder / "out", model()), lambda: corpus.decode(rows[0], model())):
            with self.assertRaisesRegex(sotto_codec.DataError, model(MODEL).id):
                call()

    def test_datasets_opens_it(self):
        try:
            import datasets
        except ImportError:
            self.skipTest("datasets isn't installed")
        source = clips(self.folder / "in", 5)
        (source / "00003.wav").write_bytes(b"")
        self.tokenize(source, shard_size=2)
        opened = datasets.load_dataset(
            "parquet", data_files=str(self.folder / "out" / "shard-*.parquet"), split="train", cache_dir=str(self.folder / "c")
        )
        self.assertEqual(list(opened), held(self.folder / "out"))

    def test_command_says_one_line(self):
        command = [sys.executable, "-m", "sotto_codec.corpus", str(self.folder / "none"), str(self.folder / "out")]
        ended = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stderr), (1, f"error: {self.folder / 'none'} isn't there\n"))

    def test_what_is_not_installed_is_named(self):
        program = "import sys; sys.modules['pyarrow'] = None; import sotto_codec.corpus"
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("corpora take pyarrow, which isn't installed: pip install 'sotto-codec[corpus]'", ended.stderr)


if __name__ == "__main__":
    unittest.main()
