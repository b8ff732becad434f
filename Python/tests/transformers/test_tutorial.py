# SPDX-License-Identifier: Apache-2.0
"""The tutorial, as it stands in the documents: its language model has to beat the frequencies of the tokens."""

import re
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

REPOSITORY = Path(__file__).parents[3]


class TutorialTests(unittest.TestCase):
    def test_language_model(self):
        with TemporaryDirectory() as folder:
            output = Path(folder) / "continuation.wav"
            script = REPOSITORY / "Docs" / "examples" / "Python" / "language_model.py"
            recordings = sorted((REPOSITORY / "Samples").glob("*.flac"))
            told = subprocess.run(
                [sys.executable, script, *recordings, "-o", output], check=True, capture_output=True, text=True
            ).stdout
            print(told)
            found = re.search(r"held out: ([0-9.]+) bits a frame by the language model, ([0-9.]+) by", told)
            by_model, by_frequency = map(float, found.groups())
            self.assertLess(by_model, by_frequency - 0.5)
            # 4 s that the model made up follow what was said.
            self.assertGreater(soundfile.info(output).frames, 16_000 * 4 + 16_000)


if __name__ == "__main__":
    unittest.main()
