# SPDX-License-Identifier: Apache-2.0
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import soxr
from support import REPOSITORY, SPEECH, model, sotto, speech, words

import sotto_codec


class BesideTheCommand(unittest.TestCase):
    """Codes and samples are, bit for bit, those of the command with the same FFT."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def exported(self, recording, *arguments) -> np.ndarray:
        tokens = self.folder / "tokens.sotto"
        sotto("encode", "--force", recording, "-o", tokens, *arguments)
        sotto("export", "--force", tokens, "-o", self.folder / "codes.npy")
        return np.load(self.folder / "codes.npy")

    def heard(self) -> np.ndarray:
        """What the command makes of these tokens, before it is rounded to 16 bits."""
        sotto("decode", "--force", "--float", self.folder / "tokens.sotto", "-o", self.folder / "heard.wav")
        return soundfile.read(self.folder / "heard.wav", dtype="float32")[0]

    def test_numbers_of_codes(self):
        cases = [
            ("sotto-16k", None, False), ("sotto-16k", 2, False), ("sotto-16k", 4, True), ("sotto-16k", 2, True),
            ("sotto-16k-6hz", None, False), ("sotto-16k-6hz", 3, True),
        ]  # fmt: skip
        for path in SPEECH:
            samples = speech(path.stem)
            for name, number, average in cases:
                with self.subTest(path.stem, model=name, codes=number, average=average):
                    arguments = ["--model", name] + ["--average"] * average
                    expected = self.exported(path, *arguments, *(["--codes", number] if number else []))
                    codes, *counts, levels = model(name).encode(samples, 16_000, number, average, levels=True)
                    if average:
                        (counts,) = counts
                        self.assertEqual(counts.dtype, np.uint8)
                        np.testing.assert_array_equal(counts, (expected != 65535).sum(axis=1))
                        np.testing.assert_array_equal(codes, np.where(expected == 65535, 0, expected))
                        self.assertGreater(len(set(counts.tolist())), 1)
                    else:
                        counts = None
                        np.testing.assert_array_equal(codes, expected)
                    self.assertEqual(codes.dtype, np.uint16)
                    audio = model(name).decode(codes, counts, samples=len(samples), levels=levels)
                    np.testing.assert_array_equal(audio, self.heard())
                    again = model(name).decode(expected, samples=len(samples), levels=levels)
                    np.testing.assert_array_equal(again, audio)

    def test_sample_rates(self):
        for rate in (8_000, 22_050, 24_000, 44_100, 48_000):
            with self.subTest(rate):
                samples = soxr.resample(speech("sermons").astype(np.float32) / 32768, 16_000, rate).clip(-1, 1)
                soundfile.write(self.folder / "speech.wav", samples, rate, subtype="FLOAT")
                codes, levels = model().encode(samples, rate, levels=True)
                np.testing.assert_array_equal(codes, self.exported(self.folder / "speech.wav"))
                audio = model().decode(codes, samples=len(samples), sample_rate=rate, levels=levels)
                expected = self.heard()
                self.assertEqual(audio.shape, expected.shape)
                # The command converts in parts, soxr in Python all at once.
                np.testing.assert_allclose(audio, expected, atol=1e-5)

    def test_integers_are_what_floats_are(self):
        floats = speech().astype(np.float64) / 32768
        np.testing.assert_array_equal(model().encode(floats, 16_000), model().encode(speech(), 16_000))
        swapped = speech().astype(">i2")
        np.testing.assert_array_equal(model().encode(swapped, 16_000.0), model().encode(speech(), 16_000))

    def test_channels(self):
        one = speech("strikes").astype(np.float32) / 32768
        stereo = np.stack([one, np.zeros_like(one)])
        expected = model().encode(one / 2, 16_000)
        np.testing.assert_array_equal(model().encode(stereo, 16_000, channel_axis=0), expected)
        np.testing.assert_array_equal(model().encode(stereo.T, 16_000, channel_axis=-1), expected)
        soundfile.write(self.folder / "stereo.wav", stereo.T, 16_000, subtype="FLOAT")
        np.testing.assert_array_equal(expected, self.exported(self.folder / "stereo.wav"))

    def test_batches(self):
        recordings = [speech(path.stem) for path in SPEECH]
        codes = model().encode_batch(recordings, 16_000, threads=3)
        for samples, one in zip(recordings, codes, strict=True):
            np.testing.assert_array_equal(one, model().encode(samples, 16_000))
        lengths = [len(samples) for samples in recordings]
        audio = model().decode_batch(codes, samples=lengths)
        for one, rows, length in zip(audio, codes, lengths, strict=True):
            np.testing.assert_array_equal(one, model().decode(rows, samples=length))
        pairs = model().encode_batch(recordings[:2], 16_000, 3, average=True)
        audio = model().decode_batch([one for one, _ in pairs], [counts for _, counts in pairs], threads=1)
        np.testing.assert_array_equal(audio[1], model().decode(*pairs[1]))

    def test_alignment(self):
        codes = model().encode(speech(), 16_000)
        alignment = model().align(codes, words() + " — ¡!", samples=len(speech()))
        self.assertEqual([word.word for word in alignment.words], words().split())
        self.assertGreater(alignment.match, 0.5)
        starts = [word.start for word in alignment.words]
        self.assertEqual(starts, sorted(starts))
        self.assertLessEqual(alignment.words[-1].end, len(speech()) / 16_000)
        unsaid = model().align(codes, words() + " Zusammenhang")
        self.assertIsNone(unsaid.words[-1].start)
        few, counts = model().encode(speech(), 16_000, 2, average=True)
        self.assertEqual(len(model().align(few, words(), counts).words), len(alignment.words))
        self.assertEqual(model().align(codes[:0], "").words, [])

    def test_nothing_gives_nothing(self):
        codes = model().encode(np.zeros(0, np.float32), 16_000)
        self.assertEqual(codes.shape, (0, 8))
        self.assertEqual(model().decode(codes).size, 0)
        self.assertEqual(model().latents(np.zeros(0, np.int16), 8_000).shape, (0, 33))
        self.assertEqual(model().decode(codes, samples=0, sample_rate=8_000).size, 0)


class Latents(unittest.TestCase):
    def test_codes_are_near_to_their_latents(self):
        for name in ("sotto-16k", "sotto-16k-6hz", "sotto-16k-single"):
            with self.subTest(name):
                m = model(name)
                latents, books = m.latents(speech(), 16_000), m.codebooks
                self.assertEqual(books.shape, (m.num_codebooks, m.codebook_size, m.latent_size))
                # With one code a frame, it is the nearest vector; with more, all of them together are nearer still.
                distances = ((latents[:, None] - books[0]) ** 2).sum(axis=-1)
                one = m.encode(speech(), 16_000, 1)
                np.testing.assert_array_equal(distances.argmin(axis=1), one[:, 0])
                left = distances.min(axis=1).mean()
                for number in [n for n in (2, 4, 8) if n <= m.num_codebooks]:
                    codes = m.encode(speech(), 16_000, number)
                    closer = ((latents - self.sums(m, codes)) ** 2).sum(axis=1).mean()
                    self.assertLess(closer, left)
                    left = closer

    def test_latents_of_codes_decode_as_these(self):
        for name in ("sotto-16k", "sotto-16k-6hz", "sotto-16k-single"):
            with self.subTest(name):
                codes = model(name).encode(speech(), 16_000)
                expected = model(name).decode(codes, samples=len(speech()))
                audio = model(name).decode_latents(self.sums(model(name), codes), samples=len(speech()))
                np.testing.assert_array_equal(audio, expected)

    def test_losses_between_latents(self):
        codes = model().encode(speech(), 16_000)
        by_codes, by_latents = model().decoder(), model().decoder()
        for start, lost in ((0, 2), (7, 3), (20, 6), (30, 0)):
            some = codes[start : start + 5]
            expected = by_codes.push(some), by_codes.push_lost(lost)
            heard = by_latents.push_latents(self.sums(model(), some)), by_latents.push_lost(lost)
            np.testing.assert_array_equal(np.concatenate(heard), np.concatenate(expected))
        np.testing.assert_array_equal(by_latents.finish(), by_codes.finish())

    @staticmethod
    def sums(m, codes) -> np.ndarray:
        """The vectors of codes, added in the order of the codebooks."""
        sums = np.zeros((len(codes), m.latent_size), np.float32)
        for k in range(codes.shape[1]):
            sums += m.codebooks[k, codes[:, k]]
        return sums


class Models(unittest.TestCase):
    def test_what_a_model_is(self):
        fast, slow = model(), model("sotto-16k-6hz")
        self.assertEqual((fast.name, fast.sample_rate, fast.frame_rate, fast.frame_size), ("sotto-16k", 16_000, 12.5, 1280))
        self.assertEqual((fast.num_codebooks, fast.codebook_size, fast.latent_size), (8, 1024, 33))
        self.assertEqual((slow.frame_rate, slow.frame_size, slow.latent_size), (6.25, 2560, 66))
        self.assertEqual((fast.delay, fast.reads_text), (320, True))
        self.assertNotEqual(fast.id, slow.id)
        self.assertIn("12.5 Hz", repr(fast))
        self.assertFalse(fast.codebooks.flags.writeable)

    def test_the_package_is_the_installed_one(self):
        self.assertIn("site-packages", sotto_codec.__file__)
        self.assertEqual(sotto_codec.__version__.count("."), 2)
        for name in sotto_codec.__all__:
            self.assertTrue(getattr(sotto_codec, name).__doc__, name)

    def test_models_are_loaded_from_files_and_folders(self):
        file = REPOSITORY / "Models" / "sotto-16k.safetensors"
        self.assertEqual(sotto_codec.load(file).id, model().id)
        self.assertEqual(sotto_codec.Model.from_pretrained("sotto-16k-6hz").id, model("sotto-16k-6hz").id)
        with TemporaryDirectory() as folder:
            with self.assertRaises(sotto_codec.NotFoundError):
                sotto_codec.load(folder)
            (Path(folder) / "mine.safetensors").symlink_to(file)
            self.assertEqual(sotto_codec.from_pretrained(folder).id, model().id)
        for name in ("no-such-model", "/no/such/file", "", "a\0b", b"\xff\xfe", "../models/sotto-16k"):
            with self.subTest(name), self.assertRaises((sotto_codec.NotFoundError, sotto_codec.UsageError)):
                sotto_codec.load(name)
        with self.assertRaises(sotto_codec.DataError):
            sotto_codec.load(__file__)
        with self.assertRaises(FileNotFoundError) as raised:
            sotto_codec.load("sotto-16")
        self.assertIn("sotto-16k-6hz", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
