# SPDX-License-Identifier: Apache-2.0
"""The page that `make demo` ends with, opened from the disk."""

import json
import tempfile
import unittest
from pathlib import Path

from browser import Browser
from product import ROOT, SAMPLES, sotto

DEMO = ROOT / "demo"


class DemoTests(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = Path(folder)
        self.browser = self.enterContext(Browser((DEMO / "index.html").as_uri(), folder, ready="sentence"))
        self.browser.wait(lambda: len(self.browser.all("code-grid")) == 4)

    def test_all_is_in_the_page(self):
        self.assertEqual(self.browser.text("sentence"), f"“{(SAMPLES / 'campfire.txt').read_text().strip()}”")
        fetched = self.browser.run("return performance.getEntriesByType('resource').map(({ name }) => name)")
        self.assertEqual([name for name in fetched if not name.startswith("data:")], [])
        for rate, shown in zip((1000, 500, 250, 125), self.browser.run("return [...document.querySelectorAll('code-grid')].map(({ frames }) => frames)")):
            array = self.folder / f"{rate}.json"
            sotto("export", DEMO / f"campfire-{rate}.sotto", "-o", array)
            self.assertEqual([frame["codes"] for frame in shown], json.loads(array.read_text()))
        pictures = self.browser.run("return [...document.querySelectorAll('.spectrogram')].map((canvas) => canvas.toDataURL())")
        self.assertEqual(len(set(pictures)), 5)
        self.assertIn("make live", self.browser.driver.page_source)

    def test_versions_play_in_step(self):
        self.browser.id("play").click()
        self.browser.wait(lambda: self.browser.text("clock") > "0:00.3")
        self.browser.all("#versions button")[3].click()
        self.assertEqual(self.browser.all("#versions [aria-checked=true]")[0].text.split("\n")[0][:3], "250")
        # To the end, whichever is heard.
        self.browser.wait(lambda: self.browser.text("play") == "Play")
        self.assertEqual(self.browser.text("clock"), "0:04.7 of 0:04.7")

    def test_it_fits_every_screen(self):
        for width in (1280, 390, 320):
            for dark in (False, True):
                self.browser.looks(width, 900, dark)
                self.browser.run_async("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)")
                self.browser.shot(f"demo-{width}-{'dark' if dark else 'light'}")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
