# SPDX-License-Identifier: Apache-2.0
"""What can't be is raised, with a text that says what; nothing of it ends the process."""

import unittest

import numpy as np
import sotto_codec
from support import model, speech


class Refusals(unittest.TestCase):
    def refuse(self, kind, **attempts):
        for name, attempt in attempts.items():
            with self.subTest(name):
                with self.assertRaises(kind) as raised:
                    attempt()
                self.assertIsInstance(raised.exception, sotto_codec.SottoError)
                self.assertGreater(len(str(raised.exception)), 10)

    def test_audio(self):
        m, samples = model(), speech()
        self.refuse(
            sotto_codec.UsageError,
            stereo=lambda: m.encode(np.zeros((100, 2), np.float32), 16_000),
            column=lambda: m.encode(samples[:, None], 16_000),
            scalar=lambda: m.encode(np.float32(1), 16_000),
            none=lambda: m.encode(None, 16_000),
            words=lambda: m.encode("speech.wav", 16_000),
            ragged=lambda: m.encode([[1.0], [1.0, 2.0]], 16_000),
            wide=lambda: m.encode(samples.astype(np.int32), 16_000),
            complex=lambda: m.encode(samples.astype(complex), 16_000),
            no_rate=lambda: m.encode(samples, None),
            zero_rate=lambda: m.encode(samples, 0),
            negative_rate=lambda: m.encode(samples, -16_000),
            great_rate=lambda: m.encode(samples, 1 << 70),
            broken_rate=lambda: m.encode(samples, 16_000.5),
            endless_rate=lambda: m.encode(samples, float("inf")),
            no_number=lambda: m.encode(samples, float("nan")),
            low_rate=lambda: m.encode(samples, 1),
            no_axis=lambda: m.encode(samples, 16_000, channel_axis=0),
            far_axis=lambda: m.encode(np.zeros((9, 2), np.float32), 16_000, channel_axis=2),
            named_axis=lambda: m.encode(np.zeros((9, 2), np.float32), 16_000, channel_axis="last"),
            empty_axis=lambda: m.encode(np.zeros((9, 0), np.float32), 16_000, channel_axis=1),
            pushed=lambda: m.encoder().push(np.zeros((2, 2))),
            latents=lambda: m.latents(samples, "16000"),
        )
        with self.assertRaises(TypeError):
            m.encode(samples)

    def test_numbers_of_codes(self):
        m = model()
        numbers = (0, -1, 9, 1 << 40, 2.0, "2", float("nan"))
        self.refuse(
            sotto_codec.UsageError,
            **{f"codes {number}": lambda number=number: m.encoder(number) for number in numbers},
            average=lambda: m.encode(speech(), 16_000, average=True),
        )

    def test_odd_samples_are_heard_as_what_they_may_be(self):
        odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 5, -5] * 500)
        for rate in (16_000, 44_100):
            codes = model().encode(odd, rate)
            self.assertTrue(np.isfinite(model().decode(codes)).all())

    def test_codes(self):
        m, codes = model(), np.zeros((3, 8), np.int64)
        gap, hole = codes.copy(), codes.astype(np.uint16)
        gap[1, 3], hole[2, 0] = -1, 65535
        self.refuse(
            (sotto_codec.UsageError, sotto_codec.DataError),
            one_axis=lambda: m.decode(codes[0]),
            batch=lambda: m.decode(codes[None]),
            floats=lambda: m.decode(codes.astype(float)),
            flags=lambda: m.decode(codes.astype(bool)),
            words=lambda: m.decode([["a"]]),
            none=lambda: m.decode(None),
            too_great=lambda: m.decode(codes + 1024),
            far_too_great=lambda: m.decode(codes + (1 << 32)),
            greatest=lambda: m.decode(np.full((1, 1), (1 << 64) - 1, np.uint64)),
            wide=lambda: m.decode(np.zeros((3, 9), np.uint16)),
            no_columns=lambda: m.decode(np.zeros((3, 0), np.uint16)),
            very_wide=lambda: m.decode(np.zeros((3, 300), np.uint16)),
            turned=lambda: m.decode(np.zeros((8, 100), np.uint16)),
            turned_and_missing=lambda: m.decode(np.full((8, 300), -1)),
            gap=lambda: m.decode(gap),
            hole=lambda: m.decode(hole),
            few_counts=lambda: m.decode(codes, [8, 8]),
            great_counts=lambda: m.decode(codes, [8, 8, 9]),
            greater_counts=lambda: m.decode(codes, [8, 8, 300]),
            negative_counts=lambda: m.decode(codes, [8, 8, -1]),
            broken_counts=lambda: m.decode(codes, [8.0, 8, 8]),
            pushed=lambda: m.decoder().push(codes + 5000),
            batches=lambda: m.decode_batch([codes], counts=[]),
            lengths=lambda: m.decode_batch([codes], samples=[1, 2]),
            no_threads=lambda: m.decode_batch([codes], threads=0),
            one_of_a_batch=lambda: m.decode_batch([codes, codes + 1024]),
        )

    def test_lengths(self):
        m, codes = model(), np.zeros((3, 8), np.uint16)
        self.refuse(
            sotto_codec.UsageError,
            negative=lambda: m.decode(codes, samples=-1),
            endless=lambda: m.decode(codes, samples=1 << 63),
            broken=lambda: m.decode(codes, samples=1.5),
            rate=lambda: m.decode(codes, sample_rate=-8000),
            lost=lambda: m.decoder().push_lost(-1),
            many_lost=lambda: m.decoder().push_lost(1 << 31),
            half_lost=lambda: m.decoder().push_lost(0.5),
        )

    def test_latents(self):
        m, z = model(), np.zeros((3, 33), np.float32)
        bad = [z.copy() for _ in range(3)]
        bad[0][1, 2], bad[1][0, 0], bad[2][2, 32] = np.nan, np.inf, 1e5
        self.refuse(
            (sotto_codec.UsageError, sotto_codec.DataError),
            turned=lambda: m.decode_latents(z.T),
            flat=lambda: m.decode_latents(z[0]),
            whole=lambda: m.decode_latents(z.astype(int)),
            great=lambda: m.decode_latents(z.astype(float) + 1e300),
            **{f"value {index}": lambda z=z: m.decode_latents(z) for index, z in enumerate(bad)},
        )

    def test_texts(self):
        m, codes = model(), np.zeros((3, 8), np.uint16)
        self.refuse(
            sotto_codec.UsageError,
            bytes=lambda: m.align(codes, b"hello"),
            zero=lambda: m.align(codes, "a\0b"),
            surrogate=lambda: m.align(codes, "\ud800"),
            none=lambda: m.align(codes, None),
            length=lambda: m.align(codes, "a", samples=-3),
        )
        self.refuse(sotto_codec.DataError, codes=lambda: m.align(codes + 2000, "hello"))

    def test_after_the_end(self):
        for stream, argument in (
            (model().encoder(), speech()), (model().latent_encoder(), speech()), (model().decoder(), [[1, 2]])
        ):  # fmt: skip
            stream.finish()
            self.refuse(
                sotto_codec.UsageError, push=lambda: stream.push(argument), finish=lambda: stream.finish()
            )
            stream.reset()
            stream.push(argument)


if __name__ == "__main__":
    unittest.main()
