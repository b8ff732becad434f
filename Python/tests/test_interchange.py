# SPDX-License-Identifier: Apache-2.0
"""Files of codes between the command and the module, both ways."""

import os
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sotto_codec import files, layouts
from support import REPOSITORY, model, sotto, speech, words


class Interchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        cls.folder = Path(home.name)
        sotto("encode", REPOSITORY / "Samples" / "campfire.flac", "-o", cls.folder / "campfire.sotto", "--average", "--codes", 4,
              "--text-file", REPOSITORY / "Samples" / "campfire.txt")  # fmt: skip
        cls.codes, cls.counts = model().encode(speech(), 16_000, 4, average=True)

    def heard(self, name: str, *arguments) -> bytes:
        """What the command makes of a file of codes."""
        sotto("decode", "--force", self.folder / name, "-o", self.folder / "heard.wav", *arguments)
        return (self.folder / "heard.wav").read_bytes()

    def exported(self, name: str, *arguments) -> Path:
        sotto("export", "--force", self.folder / "campfire.sotto", "-o", self.folder / name, *arguments)
        return self.folder / name

    def test_what_the_command_writes(self):
        line = list(files.read_jsonl(self.exported("codes.jsonl")))
        self.assertEqual(len(line), 1)
        self.assertEqual((line[0].id, line[0].text), ("campfire", words()))
        for held in (files.read(self.exported("codes.npy")), files.read(self.exported("codes.npz")), line[0]):
            # As many columns as there are codes in a line, or in the file.
            width = held.codes.shape[1]
            np.testing.assert_array_equal(held.codes, self.codes[:, :width])
            self.assertFalse(self.codes[:, width:].any())
            np.testing.assert_array_equal(held.counts, self.counts)
        for ending in ("npy", "npz"):
            turned = np.load(self.exported(f"turned.{ending}", "--codebooks-first"))
            turned = turned["codes"] if ending == "npz" else turned
            self.assertEqual(turned.shape, self.codes.T.shape)
            np.testing.assert_array_equal(layouts.frames_first(turned), np.load(self.exported("codes.npy")))

    def test_what_the_command_reads(self):
        codes, counts = self.codes.copy(), self.counts.copy()
        counts[5] = 0
        files.write(self.folder / "a.npy", codes, counts)
        expected = self.heard("a.npy")
        files.write(self.folder / "b.npz", codes, counts)
        np.savez(self.folder / "c.npz", text=np.zeros(3), codes=codes.astype(">i8"), counts=counts.astype(int))
        np.savez_compressed(self.folder / "d.npz", codes=np.load(self.folder / "a.npy"))
        files.write_jsonl(self.folder / "e.jsonl", [files.Recording(codes, counts, "e", "e.flac", "{said}")])
        for name in ("b.npz", "c.npz", "d.npz", "e.jsonl"):
            with self.subTest(name):
                self.assertEqual(self.heard(name), expected)
        np.save(self.folder / "f.npy", np.load(self.folder / "a.npy").T)
        np.savez(self.folder / "g.npz", codes=layouts.codebooks_first(codes), counts=counts)
        for name in ("f.npy", "g.npz"):
            with self.subTest(name):
                self.assertEqual(self.heard(name, "--codebooks-first"), expected)

    def test_layouts_that_the_command_reads(self):
        files.write(self.folder / "rows.npz", self.codes, self.counts)
        expected = self.heard("rows.npz")
        flat = layouts.flattened(self.codes, self.counts)
        np.save(self.folder / "flat.npy", flat)
        self.assertEqual(self.heard("flat.npy", "--flat"), expected)
        np.testing.assert_array_equal(np.load(self.exported("flat-too.npy", "--flat")), flat)
        some = [(self.codes, self.counts), (self.codes[:9], self.counts[:9])]
        batch, _ = layouts.batched(*zip(*some))
        np.save(self.folder / "batch.npy", batch)
        lines = [files.Recording(*one, id=str(number)) for number, one in enumerate(some)]
        files.write_jsonl(self.folder / "lines-too.jsonl", lines)
        files.write(self.folder / "few.npy", *some[1])
        for name in ("batch.npy", "lines-too.jsonl"):
            sotto("decode", self.folder / name, "-o", f"{self.folder}/speech/")
            made = [(self.folder / "speech" / Path(name).stem / f"{number}.wav").read_bytes() for number in (0, 1)]
            self.assertEqual(made, [expected, self.heard("few.npy")])

    def test_batches_of_the_command(self):
        tokens = self.folder / "tokens"
        (tokens / "in").mkdir(parents=True)
        # Of different lengths.
        samples = {"a": "campfire", "in/b": "strikes"}
        for name, sample in samples.items():
            sotto("encode", REPOSITORY / "Samples" / f"{sample}.flac", "-o", tokens / f"{name}.sotto", "--average", "--codes", 4)
        recordings = [model().encode(speech(sample), 16_000, 4, average=True) for sample in samples.values()]
        expected, lengths = layouts.batched(*zip(*recordings))
        sotto("export", tokens, "--batch", "-o", self.folder / "all.npy")
        # As many codebooks as there are codes in a frame.
        codes = np.load(self.folder / "all.npy")
        np.testing.assert_array_equal(codes, expected[:, : codes.shape[1]])
        self.assertTrue((expected[:, codes.shape[1] :] == -1).all())
        sotto("export", tokens, "--batch", "-o", self.folder / "all.npz")
        with np.load(self.folder / "all.npz") as held:
            np.testing.assert_array_equal(held["codes"], codes)
            np.testing.assert_array_equal(held["lengths"], lengths)
            self.assertEqual(held["ids"].tolist(), ["a", "in/b"])
            self.assertEqual(held["levels"].shape, (2, codes.shape[2]))
            back = layouts.unbatched(held["codes"], held["lengths"])
            np.savez_compressed(self.folder / "again.npz", **{name: held[name] for name in held.files})
        for (codes, counts), (own, own_counts) in zip(back, recordings):
            np.testing.assert_array_equal(codes, own[:, : codes.shape[1]])
            np.testing.assert_array_equal(counts, own_counts)
        for name in ("all", "again"):
            sotto("decode", self.folder / f"{name}.npz", "-o", f"{self.folder}/speech/")
        for name in ("a", "in_b"):
            self.assertEqual(
                (self.folder / "speech" / "all" / f"{name}.wav").read_bytes(),
                (self.folder / "speech" / "again" / f"{name}.wav").read_bytes(),
            )
        # Lengths keep what is lost at an end.
        np.savez(self.folder / "lost.npz", codes=np.int64([[[1, -1]], [[2, 3]]]), lengths=[2, 2])
        sotto("decode", self.folder / "lost.npz", "-o", f"{self.folder}/speech/")
        sizes = {(self.folder / "speech" / "lost" / f"{number}.wav").stat().st_size for number in (0, 1)}
        self.assertEqual(len(sizes), 1)

    def test_what_the_command_refuses(self):
        np.savez(self.folder / "other.npz", values=self.codes)
        np.savez(self.folder / "few.npz", codes=self.codes, counts=self.counts[1:])
        np.savez(self.folder / "many.npz", codes=self.codes, counts=self.counts + 9)
        np.savez(self.folder / "floats.npz", codes=self.codes * 0.5)
        batch = np.ones((2, 1, 3), int)
        np.savez(self.folder / "short.npz", codes=batch, lengths=[3])
        np.savez(self.folder / "long.npz", codes=batch, lengths=[3, 4])
        np.savez(self.folder / "ids.npz", codes=batch, ids=["a"])
        np.savez(self.folder / "numbers.npz", codes=batch, ids=[1, 2])
        np.savez(self.folder / "levels.npz", codes=batch, levels=np.ones((2, 2), int))
        whole = (self.folder / "other.npz").read_bytes()
        (self.folder / "cut.npz").write_bytes(whole[:-30])
        (self.folder / "lines.jsonl").write_text('{"codes": [[1]]}\n{"codes": 2}\n')
        (self.folder / "word.jsonl").write_text('{"codes": "none"}')
        refused = {"other.npz": "codes", "few.npz": "counts", "many.npz": "counts", "floats.npz": "f8", "cut.npz": "damaged",
                   "short.npz": "lengths.npy", "long.npz": "4 frames", "ids.npz": "ids", "numbers.npz": "ids", "levels.npz": "levels.npy",
                   "lines.jsonl": "line 2", "word.jsonl": "codes"}  # fmt: skip
        for name, said in refused.items():
            with self.subTest(name):
                self.assertIn(said, self.refusal(name))
        with self.assertRaises(subprocess.CalledProcessError):
            self.exported("codes.csv", "--codebooks-first")

    def test_damage_is_refused_and_nothing_traps(self):
        np.savez_compressed(self.folder / "whole.npz", codes=self.codes[:3].repeat(50, axis=0), counts=np.full(150, 2))
        whole, state = (self.folder / "whole.npz").read_bytes(), np.random.default_rng(5)
        ends = [whole.find(b"PK\1\2"), len(whole)]
        for index in range(150):
            bytes_ = bytearray(whole)
            # Half of them in the directory at the end, which says where all else is.
            first = ends[0] if index % 2 else 0
            for _ in range(1 + index % 3):
                bytes_[state.integers(first, ends[1])] = state.choice([0, 1, 127, 128, 255, state.integers(256)])
            (self.folder / "bent.npz").write_bytes(bytes_[: len(bytes_) if index % 5 else int(state.integers(len(bytes_)))])
            self.refusal("bent.npz")

    def refusal(self, name: str) -> str:
        told = subprocess.run(
            [os.environ["SOTTO_COMMAND"], "decode", "--force", self.folder / name, "-o", self.folder / "heard.wav"],
            capture_output=True, text=True,
        )  # fmt: skip
        # Damage where it does no harm is none.
        self.assertIn(told.returncode, (0, 65), told.stderr)
        return told.stderr


if __name__ == "__main__":
    unittest.main()
