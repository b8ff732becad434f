# SPDX-License-Identifier: Apache-2.0
import multiprocessing
import pickle
import unittest
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import sotto_codec
from support import model, pieces, speech


def encoded_elsewhere(shared: sotto_codec.Model) -> tuple[str, bytes]:
    return shared.id, shared.encode(speech("sermons"), 16_000).tobytes()


class Streams(unittest.TestCase):
    def test_pieces(self):
        for name in ("sotto-16k", "sotto-16k-6hz"):
            for average in (False, True):
                with self.subTest(name, average=average):
                    self.check_pieces(model(name), average)

    def check_pieces(self, m, average):
        expected = m.encode(speech(), 16_000, 4, average)
        encoder, decoder = m.encoder(4, average), m.decoder(samples=len(speech()))
        parts = [encoder.push(piece) for piece in pieces(speech())] + [encoder.finish()]
        if average:
            for part, whole in zip(map(np.concatenate, zip(*parts)), expected, strict=True):
                np.testing.assert_array_equal(part, whole)
            heard = [decoder.push(codes, counts) for codes, counts in parts] + [decoder.finish()]
            audio = m.decode(*expected, samples=len(speech()))
        else:
            np.testing.assert_array_equal(np.concatenate(parts), expected)
            heard = [decoder.push(codes.astype(">i8")) for codes in parts] + [decoder.finish()]
            audio = m.decode(expected, samples=len(speech()))
        np.testing.assert_array_equal(np.concatenate(heard), audio)
        self.assertEqual(len(audio), len(speech()))

    def test_pieces_to_latents(self):
        encoder = model().latent_encoder()
        parts = [encoder.push(piece) for piece in pieces(speech())] + [encoder.finish()]
        np.testing.assert_array_equal(np.concatenate(parts), model().latents(speech(), 16_000))

    def test_frames_come_as_soon_as_they_are_whole(self):
        encoder, decoder = model().encoder(), model().decoder()
        self.assertEqual(len(encoder.push(speech()[:1279])), 0)
        codes = encoder.push(speech()[1279:1280])
        self.assertEqual(codes.shape, (1, 8))
        self.assertEqual(decoder.push(codes).size, 1280 - model().delay)

    def test_copies_and_fresh_starts(self):
        half = len(speech()) // 2
        for make in (model().encoder, model().latent_encoder):
            with self.subTest(make.__name__):
                encoder = make()
                begin = encoder.push(speech()[:half])
                other = encoder.copy()
                ends = [np.concatenate([one.push(speech()[half:]), one.finish()]) for one in (encoder, other)]
                np.testing.assert_array_equal(*ends)
                encoder.reset()
                np.testing.assert_array_equal(encoder.push(speech()[:half]), begin)
        codes, decoder = model().encode(speech(), 16_000), model().decoder(samples=len(speech()))
        begin = decoder.push(codes[:9])
        other = decoder.copy()
        self.assertEqual(other.samples, len(speech()))
        ends = [np.concatenate([one.push(codes[9:]), one.finish()]) for one in (decoder, other)]
        np.testing.assert_array_equal(*ends)
        np.testing.assert_array_equal(np.concatenate([begin, ends[0]]), model().decode(codes, samples=len(speech())))
        decoder.reset()
        np.testing.assert_array_equal(decoder.push(codes[:9]), begin)

    def test_losses(self):
        codes, decoder = model().encode(speech(), 16_000), model().decoder()
        heard = [decoder.push(codes[:5]), decoder.push_lost(2)]
        self.assertEqual(heard[1].size, 0)
        heard += [decoder.conceal(), decoder.push(codes[7:]), decoder.finish()]
        self.assertEqual(heard[2].size, 2 * model().frame_size)
        size = len(codes) * model().frame_size - model().delay
        self.assertEqual(sum(part.size for part in heard), size)
        counts = np.full(len(codes), 8)
        counts[5:7] = 0
        by_counts = model().decode(codes, counts)
        self.assertEqual(by_counts.size, size)
        missing = codes.astype(int)
        missing[5:7] = -1
        np.testing.assert_array_equal(model().decode(missing), by_counts)
        exported = codes.copy()
        exported[5:7] = 65535
        np.testing.assert_array_equal(model().decode(exported), by_counts)

    def test_streams_outlive_their_models(self):
        own = sotto_codec.load("sotto-16k")
        encoder = own.encoder()
        encoder.model = None
        del own
        np.testing.assert_array_equal(
            np.concatenate([encoder.push(speech()), encoder.finish()]), model().encode(speech(), 16_000)
        )


class Processes(unittest.TestCase):
    def test_eight_threads_share_a_model(self):
        expected = model().encode(speech(), 16_000)
        audio = model().decode(expected)
        with ThreadPoolExecutor(8) as pool:
            for codes in pool.map(lambda _: model().encode(speech(), 16_000), range(16)):
                np.testing.assert_array_equal(codes, expected)
            for samples in pool.map(lambda _: model().decode(expected), range(16)):
                np.testing.assert_array_equal(samples, audio)

    def test_other_processes(self):
        expected = (model().id, model().encode(speech("sermons"), 16_000).tobytes())
        for method in ("fork", "spawn"):
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                with ProcessPoolExecutor(2, mp_context=context) as pool:
                    self.assertEqual(list(pool.map(encoded_elsewhere, [model()] * 3)), [expected] * 3)

    def test_models_travel_by_name_and_streams_do_not(self):
        data = pickle.dumps(model("sotto-16k-6hz"))
        self.assertLess(len(data), 200)
        copy = pickle.loads(data)
        self.assertEqual((copy.id, copy.frame_rate), (model("sotto-16k-6hz").id, 6.25))
        for stream in (model().encoder(), model().decoder(), model().latent_encoder()):
            with self.assertRaises(TypeError):
                pickle.dumps(stream)


if __name__ == "__main__":
    unittest.main()
