# SPDX-License-Identifier: Apache-2.0
"""The module beside the command with the same FFT: SOTTO_COMMAND and SOTTO_LIBRARY name both. `make test-python` does."""

import os
import pickle
import subprocess
import unittest
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import sotto_codec

REPOSITORY = Path(__file__).parents[2]
WEIGHTS = {name: REPOSITORY / "Models" / f"{name}.safetensors" for name in ("sotto-16k", "sotto-16k-6hz")}


def sotto(*arguments):
    subprocess.run([os.environ["SOTTO_COMMAND"], *map(str, arguments)], check=True, stderr=subprocess.DEVNULL)


def speech() -> np.ndarray:
    state = np.random.default_rng(1)
    time = np.arange(40_000) / 16_000
    tones = sum(np.sin(2 * np.pi * 120 * k * time + k) / k for k in range(1, 20)) * np.sin(5 * time) ** 2
    return (8_000 * (tones / 3 + 0.01 * state.standard_normal(time.size))).astype(np.int16)


class CodecTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audio = speech()
        cls.models = {name: sotto_codec.load(path) for name, path in WEIGHTS.items()}
        cls.model = cls.models["sotto-16k"]

    def test_codes_and_samples_are_the_commands(self):
        with TemporaryDirectory() as folder:
            place = Path(folder)
            with wave.open(str(place / "in.wav"), "wb") as file:
                file.setparams((1, 2, 16_000, 0, "NONE", ""))
                file.writeframes(self.audio.tobytes())
            for name, codes, average in [("sotto-16k", 8, False), ("sotto-16k", 4, True), ("sotto-16k-6hz", 3, False)]:
                model = self.models[name]
                flags = ["--codes", codes, "--model", WEIGHTS[name], *(["--average"] if average else [])]
                sotto("encode", "--force", *flags, place / "in.wav", "-o", place / "a.sotto")
                sotto("export", "--force", place / "a.sotto", "-o", place / "a.npy")
                sotto("decode", "--force", "--float", "--model", WEIGHTS[name], place / "a.sotto", "-o", place / "a.wav")
                found = model.encode(self.audio, 16_000, codes, average)
                rows, counts = found if average else (found, None)
                expected = np.load(place / "a.npy")
                if average:
                    rows = np.where(np.arange(rows.shape[1]) < counts[:, None], rows, 65535)
                    self.assertGreater(len(set(counts.tolist())), 1)
                np.testing.assert_array_equal(rows, expected)
                decoded = model.decode(found[0] if average else found, counts, samples=self.audio.size)
                self.assertEqual(decoded.tobytes(), (place / "a.wav").read_bytes()[-4 * self.audio.size :])

    def test_pieces_of_any_size_give_the_same(self):
        whole = self.model.encode(self.audio, 16_000)
        encoder, decoder = self.model.encoder(), self.model.decoder(samples=self.audio.size)
        floats = self.audio.astype(np.float64) / 32768
        parts = [encoder.push(floats[start : start + 777]) for start in range(0, floats.size, 777)] + [encoder.finish()]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
        heard = [decoder.push(part.astype(np.int64)) for part in parts] + [decoder.finish()]
        np.testing.assert_array_equal(np.concatenate(heard), self.model.decode(whole, samples=self.audio.size))

    def test_losses(self):
        codes, decoder = self.model.encode(self.audio, 16_000), self.model.decoder()
        heard = [decoder.push(codes[:5]), decoder.push_lost(2)]
        self.assertEqual(heard[1].size, 0)
        heard += [decoder.conceal(), decoder.push(codes[7:]), decoder.finish()]
        self.assertEqual(heard[2].size, 2 * self.model.frame_size)
        self.assertEqual(sum(part.size for part in heard), len(codes) * self.model.frame_size - self.model.delay)
        counts = np.full(len(codes), 8)
        counts[5:7] = 0
        self.assertEqual(self.model.decode(codes, counts).size, len(codes) * self.model.frame_size - self.model.delay)

    def test_threads_share_a_model(self):
        expected = self.model.encode(self.audio, 16_000)
        with ThreadPoolExecutor(8) as pool:
            for codes in pool.map(lambda _: self.model.encode(self.audio, 16_000), range(8)):
                np.testing.assert_array_equal(codes, expected)

    def test_what_can_not_be_is_refused(self):
        m, codes = self.model, np.zeros((3, 8), np.uint16)
        refused = [
            lambda: m.encode(self.audio, 44_100),
            lambda: m.encode(self.audio.reshape(2, -1), 16_000),
            lambda: m.encode(self.audio.astype(np.int32), 16_000),
            lambda: m.encode(self.audio, 16_000, codes=9),
            lambda: m.encode(self.audio, 16_000, codes=-1),
            lambda: m.encode(self.audio, 16_000, codes=1 << 40),
            lambda: m.decode(codes[0]),
            lambda: m.decode(codes.astype(float)),
            lambda: m.decode(codes + 1024),
            lambda: m.decode(codes.astype(np.int64) - 1),
            lambda: m.decode(codes.astype(np.int64) + (1 << 32)),
            lambda: m.decode(np.zeros((3, 9), np.uint16)),
            lambda: m.decode(np.zeros((3, 0), np.uint16)),
            lambda: m.decode(codes, [8, 8]),
            lambda: m.decode(codes, [8, 8, 9]),
            lambda: m.decode(codes, [8, 8, 300]),
            lambda: m.decode(codes, samples=-1),
            lambda: m.decoder().push_lost(-1),
        ]
        for index, attempt in enumerate(refused):
            with self.subTest(index), self.assertRaises((sotto_codec.UsageError, sotto_codec.DataError)) as raised:
                attempt()
            self.assertGreater(len(str(raised.exception)), 10)
        with self.assertRaises(FileNotFoundError):
            sotto_codec.load("no-such-model")
        encoder = m.encoder()
        encoder.finish()
        with self.assertRaises(sotto_codec.UsageError):
            encoder.push(self.audio)

    def test_models_travel_by_name_and_streams_do_not(self):
        copy = pickle.loads(pickle.dumps(self.model))
        self.assertEqual((copy.id, copy.frame_rate), (self.model.id, 12.5))
        with self.assertRaises(TypeError):
            pickle.dumps(self.model.encoder())

    def test_nothing_gives_nothing(self):
        codes = self.model.encode(np.zeros(0, np.float32), 16_000)
        self.assertEqual(codes.shape, (0, 8))
        self.assertEqual(self.model.decode(codes).size, 0)


if __name__ == "__main__":
    unittest.main()
