# SPDX-License-Identifier: Apache-2.0
"""The page of `sotto bench`, opened from the disk."""

import json
import re
import tempfile
import unittest
from pathlib import Path

from browser import CONTRAST, Browser
from product import SAMPLES, sotto

CLIPS = ("campfire", "sermons", "zusammenhang")
SYSTEMS = ["Original", "sotto-1", "sotto-8", "copy"]
COPY = {"name": "copy", "sampleRate": 16000, "format": "wav", "encode": ["cp", "{in}", "{out}"], "decode": ["cp", "{in}", "{out}"], "payload": "file"}
EDGES = """return [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`)"""


class ReportTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        rows = [f"{SAMPLES / name}.flac\t{(SAMPLES / name).with_suffix('.txt').read_text().strip()}\tspeaker {i}" for i, name in enumerate(CLIPS)]
        (cls.folder / "clips.tsv").write_text("\n".join(["path\ttext\tspeaker", *rows]) + "\n")
        (cls.folder / "copy.json").write_text(json.dumps(COPY))
        judged = [{"ref": f"{name}.flac", "system": system, "pesq_wb": value} for name in CLIPS for system, value in (("sotto-1", 1.2), ("sotto-8", 2), ("copy", 4.6))]
        (cls.folder / "judge.json").write_text(json.dumps({"files": judged}))
        sotto("bench", cls.folder / "clips.tsv", "--codes", "1,8", "--against", cls.folder / "copy.json", "--join", cls.folder / "judge.json", "-o", cls.folder / "report")
        cls.report = json.loads((cls.folder / "report/report.json").read_text())

    def open(self, name="report.html"):
        browser = self.enterContext(Browser((self.folder / "report" / name).as_uri(), self.folder, ready="facts"))
        browser.wait(lambda: len(browser.all("#pictures figure")) == 4 and browser.text("sound-status") == "")
        return browser

    def test_it_opens_with_what_was_found_and_sound(self):
        browser = self.open()
        self.assertEqual([section.get_attribute("id") for section in browser.all("main > section")][:3], ["headline", "listen", "figures"])
        self.assertEqual(browser.all("#headline h2")[0].text, self.report["headline"]["sentences"][0])
        stoi = next(system for system in self.report["systems"] if system["name"] == "copy")["figures"]["stoi"]["mean"]
        self.assertIn(f"STOI {stoi:.3f}", browser.all("#headline h2")[0].text)
        fetched = browser.run("return performance.getEntriesByType('resource').map(({ name }) => name)")
        self.assertEqual([name for name in fetched if not name.startswith("data:")], [])
        told = browser.text("tokens")
        self.assertRegex(told, r"perplexity.*: 10,240 frames, 14 min of speech")
        self.assertNotIn("never used", browser.all("#tokens table")[0].text)

    def test_systems_play_in_step(self):
        browser = self.open()
        labels = "return [...document.querySelectorAll('#versions button')].map((button) => button.firstChild.textContent)"
        self.assertEqual(browser.run(labels), SYSTEMS)
        pictures = browser.run("return [...document.querySelectorAll('#pictures canvas')].map((canvas) => canvas.toDataURL())")
        self.assertEqual(len(set(pictures[:3])), 3)
        browser.id("play").click()
        browser.wait(lambda: browser.text("clock") > "0:00.3")
        before = browser.text("clock")
        browser.all("#versions button")[2].click()
        self.assertGreaterEqual(browser.text("clock"), before)
        self.assertEqual(browser.text("play"), "Pause")
        self.assertEqual(browser.run("return document.querySelector('#pictures .heard').dataset.system"), "sotto-8")
        browser.wait(lambda: browser.text("play") == "Play")
        self.assertEqual(browser.text("clock"), "0:04.7 of 0:04.7")
        # Another clip, and the words under it.
        browser.run("const s = document.getElementById('clip'); s.value = 'sermons'; s.dispatchEvent(new Event('change'))")
        browser.wait(lambda: "sermons" in browser.text("said") and browser.text("sound-status") == "")
        self.assertEqual(browser.text("clock")[:11], "0:00.0 of 0")
        self.assertEqual([word.text for word in browser.all("#words button")][:2], ["Moral", "sermons"])

    def test_sounds_beside_the_page_are_found(self):
        page = (self.folder / "report/report.html").read_text()
        without = re.sub(r'"sounds":\{"campfire":\{.*?\}\}', '"sounds":{}', page)
        self.assertLess(len(without), len(page) / 2)
        (self.folder / "report/without.html").write_text(without)
        browser = self.open("without.html")
        browser.id("play").click()
        browser.wait(lambda: browser.text("clock") > "0:00.3")

    def test_names_tell_what_they_mean(self):
        browser = self.open()
        name = browser.all("#figures .term")[1]
        meaning = browser.run("return document.querySelector(`${arguments[0].getAttribute('href')} dd`).textContent", name)
        self.assertFalse(browser.id("tip").is_displayed())
        browser.run("arguments[0].focus()", name)
        self.assertTrue(browser.id("tip").is_displayed())
        self.assertEqual(browser.text("tip"), f"{name.text}\n{meaning}")
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys
        name.send_keys(Keys.ESCAPE)
        self.assertFalse(browser.id("tip").is_displayed())
        ActionChains(browser.driver).move_to_element(browser.all("#figures .term")[2]).perform()
        browser.wait(lambda: browser.id("tip").is_displayed())
        # Every heading of the figures has one.
        bare = browser.run("return [...document.querySelectorAll('#figures thead th + th, #tokens thead th + th, #cost thead th + th')].filter((th) => !th.querySelector('a.term')).map((th) => th.textContent)")
        self.assertEqual(bare, [])

    def test_what_breaks_first_is_a_picture_and_a_table(self):
        browser = self.open()
        groups = [group["kind"] for group in self.report["breakdown"]["groups"]]
        self.assertEqual(groups, ["class of sound", "voicing", "band", "pitch", "level under the loudest", "speaker"])
        self.assertEqual(len(browser.all("#breaks figure svg")), len(groups))
        self.assertIn(self.report["breakdown"]["sentences"][0], browser.text("breaks"))
        shown = browser.run("return [...document.querySelectorAll('#breaks tbody tr')].map((row) => [...row.children].map((cell) => cell.firstChild?.textContent ?? ''))")
        for group in self.report["breakdown"]["groups"]:
            for row in group["rows"]:
                cells = next(cells for cells in shown if cells[0] == row["name"])
                self.assertEqual(cells[2:], [f"{row['errors'][system]['mean']:.3f}" for system in SYSTEMS[1:]])

    def test_it_fits_every_screen(self):
        browser = self.open()
        for width in (1280, 390, 320):
            for dark in (False, True):
                browser.looks(width, 900, dark)
                browser.run_async("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)")
                browser.shot(f"report-{width}-{'dark' if dark else 'light'}")
                self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), width)
                if width == 1280:
                    self.assertEqual(browser.run(EDGES), [])
                    self.assertEqual(browser.run("return [...document.querySelectorAll('.wide')].filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.textContent.slice(0, 40))"), [])
                self.assertEqual(browser.run(CONTRAST), [], (width, dark))
        named = browser.command("Accessibility.getFullAXTree")["nodes"]
        for node in named:
            if not node.get("ignored") and node["role"]["value"] in ("button", "slider", "radio", "combobox", "link", "img", "image"):
                self.assertTrue(node.get("name", {}).get("value"), node)
