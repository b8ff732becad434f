# SPDX-License-Identifier: Apache-2.0
"""The model as `transformers` loads it, without a network."""

import os
import socket
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

# Code that comes with a model is copied there before it is imported.
HOME = TemporaryDirectory()
os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=HOME.name)
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import sotto_codec
import torch
from sotto_codec.transformers import write_folder
from support import REPOSITORY, level_model, model, speech
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel


class AdapterTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = HOME
        cls.addClassCleanup(HOME.cleanup)
        refused = mock.patch.object(socket.socket, "connect", side_effect=OSError("there is no network"))
        refused.start()
        cls.addClassCleanup(refused.stop)
        cls.folder = Path(cls.home.name) / "sotto"
        write_folder(cls.folder)
        cls.model = AutoModel.from_pretrained(cls.folder, trust_remote_code=True)
        cls.samples = [speech(name).astype(np.float32) / 32768 for name in ("campfire", "strikes")]

    def test_one_recording(self):
        values = torch.from_numpy(self.samples[0])[None, None]
        codes = self.model.encode(values).audio_codes
        self.assertEqual(codes.dtype, torch.int64)
        expected = model().encode(self.samples[0], 16_000)
        np.testing.assert_array_equal(codes[0].T, expected)
        audio = self.model.decode(codes).audio_values
        self.assertEqual((audio.shape[:2], audio.dtype), ((1, 1), torch.float32))
        np.testing.assert_array_equal(audio[0, 0], model().decode(expected))
        self.assertIs(type(self.model.encode(values[:, 0], return_dict=False)), tuple)

    def test_fewer_codes(self):
        values = torch.from_numpy(self.samples[0])[None, None]
        coded = self.model.encode(values, num_quantizers=2)
        self.assertEqual(coded.audio_codes.shape[1], 2)
        coded = self.model.encode(values, num_quantizers=4, average=True)
        codes, counts = model().encode(self.samples[0], 16_000, 4, average=True)
        np.testing.assert_array_equal(coded.audio_codes_mask[0].sum(dim=0), counts)
        audio = self.model.decode(coded.audio_codes, coded.audio_codes_mask).audio_values
        np.testing.assert_array_equal(audio[0, 0], model().decode(codes, counts))

    def test_a_padded_batch(self):
        extractor = AutoFeatureExtractor.from_pretrained(self.folder)
        inputs = extractor(raw_audio=self.samples, sampling_rate=extractor.sampling_rate, return_tensors="pt")
        output = self.model(inputs["input_values"], inputs["padding_mask"])
        for row, samples in enumerate(self.samples):
            codes, levels = model().encode(samples, 16_000, levels=True)
            np.testing.assert_array_equal(output.audio_codes[row, :, : len(codes)].T, codes)
            self.assertFalse(output.audio_codes_mask[row, :, len(codes) :].any())
            audio = model().decode(codes, samples=len(samples), levels=levels)
            np.testing.assert_array_equal(output.audio_values[row, 0, : len(samples)], audio)
            self.assertFalse(output.audio_values[row, 0, len(samples) :].any())

    def test_levels(self):
        m, folder = level_model(), Path(self.home.name) / "levels"
        write_folder(folder, m.path)
        loaded = AutoModel.from_pretrained(folder, trust_remote_code=True)
        samples = [self.samples[0] / 4, self.samples[1]]
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        inputs = extractor(raw_audio=samples, sampling_rate=extractor.sampling_rate, return_tensors="pt")
        output = loaded(inputs["input_values"], inputs["padding_mask"])
        for row, one in enumerate(samples):
            codes, levels = m.encode(one, 16_000, levels=True)
            np.testing.assert_array_equal(output.audio_levels[row, : len(levels)], levels)
            self.assertTrue((output.audio_levels[row, len(levels) :] == -1).all())
            expected = m.decode(codes, samples=len(one), levels=levels)
            np.testing.assert_array_equal(output.audio_values[row, 0, : len(one)], expected)
            nominal = loaded.decode(output.audio_codes, output.audio_codes_mask, inputs["padding_mask"]).audio_values
            np.testing.assert_array_equal(nominal[row, 0, : len(one)], m.decode(codes, samples=len(one)))
        write_folder(folder.with_name("without"), REPOSITORY / "Tests" / "SottoTests" / "Fixtures" / "text-model.safetensors")
        without = AutoModel.from_pretrained(folder.with_name("without"), trust_remote_code=True)
        self.assertIsNone(without(inputs["input_values"]).audio_levels)
        with self.assertRaises(sotto_codec.UsageError):
            loaded.decode(output.audio_codes, audio_levels=output.audio_levels[:, 1:])

    def test_configuration(self):
        config = AutoConfig.from_pretrained(self.folder, trust_remote_code=True)
        self.assertEqual((config.sampling_rate, config.frame_rate, config.num_quantizers), (16_000, 12.5, 8))
        self.assertEqual(self.model.codebooks.shape, (8, 1024, config.codebook_dim))
        self.assertEqual(list(self.model.parameters()), [])
        self.assertFalse(self.model.training)

    def test_other_models_and_a_copy(self):
        for name, given in (("slow", "sotto-16k-6hz"), ("own", REPOSITORY / "Models" / "sotto-16k.safetensors")):
            with self.subTest(name):
                folder = Path(self.home.name) / name
                write_folder(folder, given)
                loaded = AutoModel.from_pretrained(folder, trust_remote_code=True)
                self.assertEqual(loaded.codec.id, sotto_codec.load(given).id)
                loaded.save_pretrained(folder.with_name(f"{name}-copy"))
                copy = AutoModel.from_pretrained(folder.with_name(f"{name}-copy"), trust_remote_code=True)
                self.assertEqual(copy.codec.id, loaded.codec.id)

    def test_what_can_not_be_is_refused(self):
        values, codes = torch.zeros(2, 1, 4000), torch.zeros(1, 8, 3, dtype=torch.int64)
        before = torch.ones(2, 4000)
        before[0, 0] = 0
        refused = {
            "stereo": lambda: self.model.encode(torch.zeros(1, 2, 4000)),
            "one axis": lambda: self.model.encode(torch.zeros(4000)),
            "number": lambda: self.model.encode(values, num_quantizers=9),
            "mask": lambda: self.model.encode(values, torch.ones(1, 4000)),
            "long mask": lambda: self.model.encode(values, torch.ones(2, 4001)),
            "padding before": lambda: self.model.encode(values, before),
            "code": lambda: self.model.decode(codes + 1024),
            "floats": lambda: self.model.decode(codes.float()),
            "turned": lambda: self.model.decode(torch.zeros(1, 30, 8, dtype=torch.int64)),
            "mask of codes": lambda: self.model.decode(codes, torch.ones(1, 8, 4)),
        }
        for name, attempt in refused.items():
            with self.subTest(name), self.assertRaises(sotto_codec.SottoError):
                attempt()


if __name__ == "__main__":
    unittest.main()
