# SPDX-License-Identifier: Apache-2.0
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import sotto_codec
from sotto_codec import files, layouts
from support import model, speech


def random_codes(frames: int, codebooks: int = 8, seed: int = 3):
    state = np.random.default_rng(seed)
    codes = state.integers(0, 1024, (frames, codebooks))
    counts = state.integers(1, codebooks + 1, frames)
    return np.where(np.arange(codebooks) < counts[:, None], codes, 0), counts


class Layouts(unittest.TestCase):
    def test_codebooks_first(self):
        codes, _ = random_codes(5)
        turned = layouts.codebooks_first(codes)
        self.assertEqual(turned.shape, (8, 5))
        np.testing.assert_array_equal(turned[2], codes[:, 2])
        np.testing.assert_array_equal(layouts.frames_first(turned), codes)

    def test_batches(self):
        several = [random_codes(frames, seed=frames) for frames in (4, 0, 7)]
        batch, lengths = layouts.batched([codes for codes, _ in several], [counts for _, counts in several])
        self.assertEqual((batch.shape, batch.dtype), ((3, 8, 7), np.int64))
        self.assertEqual(lengths.tolist(), [4, 0, 7])
        self.assertEqual(batch[0, 0, 2], several[0][0][2, 0])
        self.assertTrue((batch[0, :, 4:] == -1).all())
        for known in (lengths, None):
            for (codes, counts), (back, amounts) in zip(several, layouts.unbatched(batch, known), strict=True):
                np.testing.assert_array_equal(back, codes)
                np.testing.assert_array_equal(amounts, counts)

    def test_flattened(self):
        codes, counts = random_codes(6)
        tokens = layouts.flattened(codes, counts, first=32_000)
        self.assertEqual(len(tokens), counts.sum())
        self.assertEqual(tokens[: counts[0]].tolist(), [32_000 + 1024 * k + codes[0, k] for k in range(counts[0])])
        back, amounts = layouts.unflattened(tokens, first=32_000)
        np.testing.assert_array_equal(back, codes)
        np.testing.assert_array_equal(amounts, counts)
        self.assertEqual(layouts.unflattened(layouts.flattened(codes[:0]))[0].shape, (0, 8))
        # A stream that ends in the middle of a frame.
        cut, amounts = layouts.unflattened(layouts.flattened(codes[:, :3])[:-2], 3)
        self.assertEqual((len(cut), amounts[-1]), (6, 1))

    def test_delayed(self):
        codes, counts = random_codes(6, 4)
        full = layouts.delayed(np.where(codes == 0, 1, codes))
        self.assertEqual(full.shape, (9, 4))
        self.assertEqual([full[t, k] for t, k in ((0, 0), (0, 1), (3, 3), (8, 3), (8, 0))],
                         [max(codes[0, 0], 1), 1024, max(codes[0, 3], 1), max(codes[5, 3], 1), 1024])  # fmt: skip
        for width in (1, 4):
            back, amounts = layouts.undelayed(layouts.delayed(codes[:, :width], np.minimum(counts, width)))
            np.testing.assert_array_equal(back, codes[:, :width])
            np.testing.assert_array_equal(amounts, np.minimum(counts, width))
        self.assertEqual(layouts.undelayed(layouts.delayed(codes[:0]))[0].shape, (0, 4))
        # While it is made: the last frames lack their last codes.
        back, amounts = layouts.undelayed(layouts.delayed(codes)[:6])
        self.assertEqual(amounts.tolist(), [4, 4, 4, 3, 2, 1])
        np.testing.assert_array_equal(back[:3], codes[:3])

    def test_what_comes_back_decodes(self):
        codes, counts = model().encode(speech(), 16_000, 3, average=True)
        expected = model().decode(codes, counts)
        ways = {
            "flattened": layouts.unflattened(layouts.flattened(codes, counts)),
            "delayed": layouts.undelayed(layouts.delayed(codes, counts)),
            "batched": layouts.unbatched(layouts.batched([codes], [counts])[0])[0],
            "padded": (layouts.frames_first(layouts.batched([codes], [counts])[0][0]),),
        }
        for name, way in ways.items():
            with self.subTest(name):
                np.testing.assert_array_equal(model().decode(*way), expected)

    def test_what_can_not_be_is_refused(self):
        codes, counts = random_codes(4)
        refused = {
            "axes": lambda: layouts.codebooks_first(codes[0]),
            "floats": lambda: layouts.frames_first(codes * 0.5),
            "no recordings": lambda: layouts.batched([]),
            "other codebooks": lambda: layouts.batched([codes, codes[:, :4]]),
            "other counts": lambda: layouts.batched([codes], [counts, counts]),
            "long counts": lambda: layouts.batched([codes], [np.append(counts, 1)]),
            "great counts": lambda: layouts.batched([codes], [counts + 9]),
            "lengths": lambda: layouts.unbatched(np.zeros((2, 8, 3), int), [1]),
            "long lengths": lambda: layouts.unbatched(np.zeros((1, 8, 3), int), [4]),
            "a gap": lambda: layouts.unbatched(np.array([[[-1], [3]]])),
            "a lost frame": lambda: layouts.flattened(codes, counts * 0),
            "a great code": lambda: layouts.flattened(codes + 1024),
            "a negative code": lambda: layouts.flattened(codes - 1025),
            "a word's token": lambda: layouts.unflattened([5], first=100),
            "a far token": lambda: layouts.unflattened([8192]),
            "a frame without a start": lambda: layouts.unflattened([1024]),
            "a code left out": lambda: layouts.unflattened([0, 1024, 3072]),
            "a code twice": lambda: layouts.unflattened([0, 1024, 1025]),
            "a pattern's gap": lambda: layouts.undelayed(np.array([[1024, 1024], [1024, 5]])),
            "a size": lambda: layouts.flattened(codes, codebook_size=0),
            "a broken pad": lambda: layouts.delayed(codes, pad=0.5),
        }
        for name, attempt in refused.items():
            with self.subTest(name), self.assertRaises((sotto_codec.UsageError, sotto_codec.DataError)) as raised:
                attempt()
            self.assertGreater(len(str(raised.exception)), 10)


class Files(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_arrays(self):
        codes, counts = random_codes(9)
        counts[4] = 0
        codes[4] = 0
        for ending in ("npy", "npz"):
            with self.subTest(ending):
                path = self.folder / f"codes.{ending}"
                files.write(path, codes, counts)
                held = files.read(path)
                np.testing.assert_array_equal(held.codes, codes)
                np.testing.assert_array_equal(held.counts, counts)
        self.assertEqual(np.load(self.folder / "codes.npz")["codes"][4, 0], 65535)

    def test_any_array_of_numpy(self):
        codes, _ = random_codes(9)
        for kind in ("<u2", ">u2", "<i4", ">i8", "<u8"):
            for order in "CF":
                np.save(self.folder / "codes.npy", codes.astype(kind, order=order))
                np.testing.assert_array_equal(files.read(self.folder / "codes.npy").codes, codes)

    def test_lines(self):
        codes, counts = random_codes(9)
        counts[4] = 0
        codes[4] = 0
        held = [
            files.Recording(codes, counts, "a", "a.flac", "Größe\n"),
            files.Recording(codes[:0], counts[:0], "b"),
            files.Recording(codes[:, :2], np.minimum(counts, 2)),
        ]
        path = self.folder / "codes.jsonl"
        files.write_jsonl(path, held)
        self.assertEqual(len(path.read_text().splitlines()), 3)
        for back, one in zip(files.read_jsonl(path), held, strict=True):
            np.testing.assert_array_equal(back.codes[:, : one.codes.shape[1]], one.codes[:, : back.codes.shape[1]])
            np.testing.assert_array_equal(back.counts, one.counts)
            self.assertEqual(back[2:], one[2:])

    def test_what_can_not_be_is_refused(self):
        codes, counts = random_codes(3)
        path = self.folder / "some"
        np.savez(self.folder / "other.npz", values=codes)
        files.write(self.folder / "cut.npz", codes, counts)
        (self.folder / "cut.npz").write_bytes((self.folder / "cut.npz").read_bytes()[:300])
        (self.folder / "text.npy").write_text("no array")
        np.save(self.folder / "objects.npy", np.array([{}]))
        refused = {
            "ending": lambda: files.write(path, codes),
            "counts": lambda: files.write(self.folder / "a.npy", codes, counts + 8),
            "missing": lambda: files.read(path),
            "missing lines": lambda: list(files.read_jsonl(path)),
            **{name: lambda name=name: files.read(self.folder / name)
               for name in ("other.npz", "cut.npz", "text.npy", "objects.npy")},
        }  # fmt: skip
        lines = ["{}", "[]", "5", "{", '{"codes": 5}', '{"codes": [[1.5]]}', '{"codes": [[true]]}', '{"codes": ["ab"]}',
                 '{"codes": [[70000]]}', '{"codes": [[-1, 2]]}', "[" * 100_000]  # fmt: skip
        for index, line in enumerate(lines):
            (self.folder / f"{index}.jsonl").write_text(line)
            refused[line[:20]] = lambda index=index: list(files.read_jsonl(self.folder / f"{index}.jsonl"))
        for name, attempt in refused.items():
            with self.subTest(name), self.assertRaises(sotto_codec.SottoError) as raised:
                attempt()
            self.assertGreater(len(str(raised.exception)), 10)


if __name__ == "__main__":
    unittest.main()
