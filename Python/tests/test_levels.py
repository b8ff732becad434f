# SPDX-License-Identifier: Apache-2.0
"""The speaker's level, by a small model that tells it apart from the codes."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import sotto_codec
from sotto_codec import files
from support import REPOSITORY, level_model, pieces, sotto, speech

NO_LEVELS = str(REPOSITORY / "Tests" / "SottoTests" / "Fixtures" / "text-model.safetensors")


def soft_and_loud() -> np.ndarray:
    """Speech whose first half is 18 dB softer than its second: samples float32 [n] at 16 kHz."""
    samples = speech().astype(np.float32) / 32768
    samples[: len(samples) // 2] /= 8
    return samples


class Levels(unittest.TestCase):
    def setUp(self):
        self.model = level_model()
        self.codes, self.levels = self.model.encode(soft_and_loud(), 16_000, levels=True)

    def test_what_a_model_is(self):
        m = self.model
        self.assertEqual((m.num_levels, m.nominal_level, m.level_step), (64, 40, 1.5))
        without = sotto_codec.load(NO_LEVELS)
        self.assertEqual(without.num_levels, 0)
        with self.assertRaisesRegex(sotto_codec.UsageError, "tells no levels"):
            without.encode(speech(), 16_000, levels=True)
        with self.assertRaisesRegex(sotto_codec.UsageError, "tells no levels"):
            without.decode([[1, 2]], levels=40)

    def test_levels_are_told_beside_the_same_codes(self):
        self.assertEqual((self.levels.shape, self.levels.dtype), (self.codes.shape[:1], np.uint8))
        np.testing.assert_array_equal(self.codes, self.model.encode(soft_and_loud(), 16_000))
        self.assertGreaterEqual(int(self.levels[-1]) - int(self.levels[len(self.levels) // 2 - 2]), 4)

    def test_beside_the_command(self):
        for name in ("level-model", "level-model-6hz"):
            with self.subTest(name), TemporaryDirectory() as holder:
                folder, m = Path(holder), level_model(name)
                soundfile.write(folder / "a.wav", soft_and_loud(), 16_000, subtype="FLOAT")
                codes, levels = m.encode(soft_and_loud(), 16_000, levels=True)
                sotto("encode", folder / "a.wav", "--model", m.path, "-o", folder / "a.sotto")
                sotto("export", folder / "a.sotto", "-o", folder / "codes.npy")
                sotto("export", folder / "a.sotto", "--levels", "-o", folder / "levels.npy")
                sotto("decode", folder / "a.sotto", "--model", m.path, "--float", "-o", folder / "heard.wav")
                np.testing.assert_array_equal(codes, np.load(folder / "codes.npy"))
                np.testing.assert_array_equal(levels[:, None], np.load(folder / "levels.npy"))
                heard = soundfile.read(folder / "heard.wav", dtype="float32")[0]
                for given in (levels, np.load(folder / "levels.npy"), levels.tolist()):
                    audio = m.decode(codes, samples=len(soft_and_loud()), levels=given)
                    np.testing.assert_array_equal(audio, heard)

    def test_codes_alone_are_spoken_at_the_nominal_level(self):
        alone = self.model.decode(self.codes)
        np.testing.assert_array_equal(alone, self.model.decode(self.codes, levels=self.model.nominal_level))
        self.assertFalse(np.array_equal(alone, self.model.decode(self.codes, levels=self.levels)))

    def test_a_level_that_is_not_known_is_the_one_before(self):
        told = self.levels.astype(int)
        changes = np.append(True, told[1:] != told[:-1])
        expected = self.model.decode(self.codes, levels=self.levels)
        for unknown in (-1, 65535):
            np.testing.assert_array_equal(self.model.decode(self.codes, levels=np.where(changes, told, unknown)), expected)

    def test_pieces(self):
        for average in (False, True):
            with self.subTest(average=average):
                codes = 2 if average else None
                expected = self.model.encode(soft_and_loud(), 16_000, codes, average, levels=True)
                encoder, decoder = self.model.encoder(codes, average, levels=True), self.model.decoder()
                parts = [encoder.push(piece) for piece in pieces(soft_and_loud())] + [encoder.finish()]
                for whole, part in zip(expected, map(np.concatenate, zip(*parts)), strict=True):
                    np.testing.assert_array_equal(part, whole)
                heard = [decoder.push(part[0], part[1] if average else None, part[-1]) for part in parts]
                counts = expected[1] if average else None
                audio = self.model.decode(expected[0], counts, levels=expected[-1])
                np.testing.assert_array_equal(np.concatenate([*heard, decoder.finish()]), audio)

    def test_batches(self):
        recordings = [soft_and_loud(), speech("strikes")]
        coded = self.model.encode_batch(recordings, 16_000, threads=2, levels=True)
        audio = self.model.decode_batch([codes for codes, _ in coded], levels=[levels for _, levels in coded])
        for samples, (codes, levels), heard in zip(recordings, coded, audio, strict=True):
            np.testing.assert_array_equal(levels, self.model.encode(samples, 16_000, levels=True)[1])
            np.testing.assert_array_equal(heard, self.model.decode(codes, levels=levels))

    def test_latents(self):
        books, sums = self.model.codebooks, 0
        for k in range(self.codes.shape[1]):
            sums = sums + books[k, self.codes[:, k]]
        expected, decoder = self.model.decode(self.codes, levels=self.levels), self.model.decoder()
        np.testing.assert_array_equal(self.model.decode_latents(sums, levels=self.levels), expected)
        heard = [decoder.push_latents(sums[:7], self.levels[:7]), decoder.push_latents(sums[7:], self.levels[7:])]
        np.testing.assert_array_equal(np.concatenate([*heard, decoder.finish()]), expected)

    def test_refused_frames_are_not_taken(self):
        decoder, expected = self.model.decoder(), self.model.decode(self.codes, levels=self.levels)
        heard = [decoder.push(self.codes[:9], levels=self.levels[:9])]
        codes = self.codes[9:].astype(int)
        codes[-1] = self.model.codebook_size
        refused = {
            "code": (codes, self.levels[9:]),
            "number": (self.codes[9:], self.levels[9:] + np.arange(len(codes)) // (len(codes) - 1) * 64),
            "length": (self.codes[9:], self.levels),
            "turned": (self.codes[9:], self.levels[None, 9:]),
            "broken": (self.codes[9:], self.levels[9:] / 2),
            "one": (self.codes[9:], 64),
            "word": (self.codes[9:], "loud"),
        }
        for name, (rows, levels) in refused.items():
            with self.subTest(name), self.assertRaises(sotto_codec.SottoError):
                decoder.push(rows, levels=levels)
        with self.assertRaises(sotto_codec.UsageError):
            self.model.decode_batch([self.codes], levels=[])
        heard += [decoder.push(self.codes[9:], levels=self.levels[9:]), decoder.finish()]
        np.testing.assert_array_equal(np.concatenate(heard), expected)

    def test_files(self):
        with TemporaryDirectory() as holder:
            folder = Path(holder)
            files.write(folder / "a.npz", self.codes, levels=self.levels)
            files.write_jsonl(folder / "a.jsonl", [files.Recording(self.codes, np.full(len(self.codes), 2), levels=self.levels)])
            for held in (files.read(folder / "a.npz"), *files.read_jsonl(folder / "a.jsonl")):
                np.testing.assert_array_equal(held.codes, self.codes)
                np.testing.assert_array_equal(held.levels, self.levels)
            with self.assertRaises(sotto_codec.UsageError):
                files.write(folder / "a.npy", self.codes, levels=self.levels)
            (folder / "b.jsonl").write_text('{"codes": [[1]], "levels": [1, 2]}')
            with self.assertRaises(sotto_codec.DataError):
                list(files.read_jsonl(folder / "b.jsonl"))
        self.assertIsNone(files.Recording(self.codes, None).levels)


if __name__ == "__main__":
    unittest.main()
