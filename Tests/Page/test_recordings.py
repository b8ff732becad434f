# SPDX-License-Identifier: Apache-2.0
"""Recordings in the page: versions, words, blind comparison, tokens as text; and how the page looks and is reached."""

import base64
import subprocess
import tempfile
import unittest
from pathlib import Path

from browser import CONTRAST, Browser
from product import ROOT, SAMPLES, Server, read_wav, sotto

class Opened(unittest.TestCase):
    """The page with recordings, of a server with options."""

    options = ()

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = self.enterContext(Server(*self.options))
        self.browser = self.enterContext(Browser(f"http://localhost:{self.server.port}/#files", self.folder))

    def open_sample(self, versions=5):
        self.browser.click("#samples button", "campfire")
        self.is_done(versions)

    def is_done(self, versions):
        self.browser.wait(lambda: len(self.browser.all("#versions button")) == versions and self.browser.text("files-status") == "")

    def labels(self):
        return self.browser.run("return [...document.querySelectorAll('#versions button')].map((button) => button.firstChild.textContent)")

    def command(self, *options):
        path = self.folder / "expected.sotto"
        sotto("encode", SAMPLES / "campfire.flac", "-o", path, "--force", *options)
        return path


class OtherModelTests(Opened):
    """A model with a speaker's level, two codebooks and codes of 4 bits: the page says nothing that only holds for those that ship."""

    model = ROOT / "Tests/SottoTests/Fixtures/level-model.safetensors"
    options = ("--model", model)

    def test_the_page_goes_by_what_the_model_is(self):
        self.open_sample(versions=3)
        self.assertEqual(self.labels(), ["Original", "100 bit/s", "50 bit/s"])
        self.browser.all("#versions button")[1].click()
        self.browser.id("keep-tokens").click()
        self.assertEqual(self.browser.downloaded("campfire-100.sotto").read_bytes(), self.command("--model", self.model).read_bytes())
        self.assertEqual(self.browser.run("return document.getElementById('file-grid').rows"), 2)
        self.browser.id("tab-live").click()
        self.assertEqual(self.browser.text("codes-value"), "2: 100 bit/s")
        self.browser.settings(codes=1)
        self.assertEqual(self.browser.text("codes-value"), "1: 50 bit/s")


class RecordingTests(Opened):
    def test_versions_are_those_of_the_commands(self):
        self.open_sample()
        self.assertEqual(self.labels(), ["Original", "1000 bit/s", "500 bit/s", "250 bit/s", "125 bit/s"])
        self.browser.all("#versions button")[3].click()
        self.browser.id("keep-tokens").click()
        tokens = self.browser.downloaded("campfire-250.sotto")
        expected = self.command("--codes", "2")
        self.assertEqual(tokens.read_bytes(), expected.read_bytes())
        self.browser.id("keep-wav").click()
        speech, rate = read_wav(self.browser.downloaded("campfire-250.wav"))
        (self.folder / "expected.wav").write_bytes(sotto("decode", expected, "-o", "-"))
        wanted, wanted_rate = read_wav(self.folder / "expected.wav")
        self.assertEqual(rate, wanted_rate)
        self.assertTrue((speech == wanted).all())

    def test_a_transcript_gives_words_and_clearer_versions(self):
        self.open_sample()
        self.browser.click("#transcript-form button")
        self.is_done(7)
        self.assertIn("250 bit/s and text", self.labels())
        self.assertIn("125 bit/s and text", self.labels())
        words = [button.text for button in self.browser.all("#words button")]
        self.assertEqual(words, (SAMPLES / "campfire.txt").read_text().split())
        self.browser.all("#words button")[3].click()
        self.assertFalse(self.browser.text("clock").startswith("0:00.0"))
        self.assertIn("%", self.browser.text("transcript-status"))

    def test_versions_play_in_step_without_a_gap(self):
        self.browser.run("""
            window.heard = [];
            const connect = AudioNode.prototype.connect;
            AudioNode.prototype.connect = function (target, ...rest) {
              if (target === this.context.destination && !this.isTap) {
                const tap = this.context.tap ??= (() => {
                  const node = this.context.createScriptProcessor(1024, 1, 1);
                  node.isTap = true;
                  node.onaudioprocess = ({ inputBuffer }) => window.heard.push(...inputBuffer.getChannelData(0));
                  connect.call(node, node.context.destination);
                  return node;
                })();
                connect.call(this, tap);
              }
              return connect.call(this, target, ...rest);
            };""")
        noise = self.folder / "noise.wav"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=r=16000:d=60:a=0.3:seed=1", noise], check=True)
        self.browser.id("file").send_keys(str(noise))
        self.is_done(5)
        self.browser.id("play").click()
        for number in (1, 4, 2, 0, 3, 1):
            before = self.browser.text("clock")
            self.browser.wait(lambda: self.browser.text("clock") > before)
            self.browser.all("#versions button")[number].click()
        before = self.browser.text("clock")
        self.browser.wait(lambda: self.browser.text("clock") > before)
        self.assertEqual(self.browser.text("play"), "Pause")
        self.browser.id("play").click()
        longest = self.browser.run("""
            const loud = heard.map((x) => Math.abs(x) > 1e-5), first = loud.indexOf(true), last = loud.lastIndexOf(true);
            let longest = 0, run = 0;
            for (let i = first; i < last; i++) { run = loud[i] ? 0 : run + 1; longest = Math.max(longest, run); }
            return [last - first, longest];""")
        self.assertGreater(longest[0], 10_000)
        self.assertLess(longest[1], 64)

    def test_tokens_travel_as_text(self):
        self.open_sample()
        self.browser.all("#versions button")[2].click()
        self.browser.id("copy-tokens").click()
        self.browser.wait(lambda: self.browser.text("copied") == "Copied")
        text = self.browser.run_async("return navigator.clipboard.readText()")
        self.assertEqual(base64.b64decode(text), self.command("--codes", "4").read_bytes())
        self.browser.click("summary")
        self.browser.id("pasted").send_keys("> " + text[:100] + "\n> " + text[100:])
        self.browser.id("open-pasted").click()
        self.browser.wait(lambda: self.browser.text("recording-name") == "pasted.sotto")
        self.is_done(3)
        self.assertEqual(self.labels(), ["All codes", "First 2 codes", "First code"])
        self.browser.id("pasted").clear()
        self.browser.id("pasted").send_keys("not tokens!")
        self.browser.id("open-pasted").click()
        self.browser.wait(lambda: "not tokens as text" in self.browser.text("files-status"))

    def test_files_of_many_kinds_are_opened(self):
        for ending, options in {"mp3": [], "ogg": ["-c:a", "libopus"], "aiff": [], "m4a": [], "webm": []}.items():
            path = self.folder / f"said.{ending}"
            subprocess.run(["ffmpeg", "-loglevel", "error", "-i", SAMPLES / "strikes.flac", "-ar", "48000", *options, path], check=True)
            self.browser.id("file").send_keys(str(path))
            self.browser.wait(lambda: self.browser.text("recording-name") == path.name)
            self.is_done(5)
        self.browser.id("file").send_keys(str(Path(__file__)))
        self.browser.wait(lambda: "can't be read as audio" in self.browser.text("files-status"))
        with_text = self.command("--codes", "1", "--text-file", str(SAMPLES / "campfire.txt"))
        self.browser.run("""
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0))], "dropped.sotto"));
            document.getElementById("files").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));""",
            base64.b64encode(with_text.read_bytes()).decode())
        self.browser.wait(lambda: self.browser.text("recording-name") == "dropped.sotto")
        self.is_done(2)
        self.assertEqual(self.labels(), ["All codes and text", "All codes"])
        times = [line.split() for line in sotto("align", with_text).decode().splitlines()]
        said = [word for start, _, word in times if start != "-"]
        self.assertEqual([button.text for button in self.browser.all("#words button")], said)

    def test_blind_comparison_counts_and_tells_chance(self):
        self.open_sample()
        pictures = self.browser.run("return document.getElementById('version-spectrogram').toDataURL()")
        self.browser.click("#abx-heard button", "Play X")
        self.assertEqual(self.browser.all("#versions [aria-checked=true]"), [])
        self.assertEqual(self.browser.run("return document.getElementById('version-spectrogram').toDataURL()"), pictures)
        for _ in range(8):
            self.browser.id("abx-is-a").click()
        tally = self.browser.text("abx-tally")
        self.assertRegex(tally, r"(Right|Wrong)\. \d of 8\.")
        told = self.browser.run_async("const { chance } = await import('/js/abx.js'); return [chance(0, 0), chance(8, 8), chance(7, 10), chance(0, 9)]")
        self.assertEqual(told, [1, 1 / 256, 176 / 1024, 1])
        self.browser.id("abx-again").click()
        self.assertEqual(self.browser.text("abx-tally"), "No answers yet.")

    def test_it_can_be_read_and_reached(self):
        self.open_sample()
        self.browser.click("#transcript-form button")
        self.is_done(7)
        for tab in ("files", "live"):
            self.browser.id(f"tab-{tab}").click()
            for width, height in ((1280, 900), (390, 844), (320, 640)):
                for dark in (False, True):
                    self.browser.looks(width, height, dark)
                    self.browser.run_async("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)")
                    self.browser.shot(f"{tab}-{width}-{'dark' if dark else 'light'}")
                    self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width, (tab, width))
                    self.assertEqual(self.browser.run(CONTRAST), [], (tab, dark))
            named = self.browser.command("Accessibility.getFullAXTree")["nodes"]
            for node in named:
                if not node.get("ignored") and node["role"]["value"] in ("button", "slider", "checkbox", "radio", "combobox", "textbox", "tab", "img", "image"):
                    self.assertTrue(node.get("name", {}).get("value"), node["role"]["value"])

    def test_keys_are_enough(self):
        from selenium.webdriver.common.keys import Keys
        self.browser.id("tab-files").send_keys(Keys.ARROW_LEFT)
        self.assertTrue(self.browser.id("live").is_displayed())
        self.browser.id("tab-live").send_keys(Keys.ARROW_RIGHT)
        self.open_sample()
        self.browser.all("#versions button")[0].send_keys(Keys.ARROW_RIGHT)
        self.assertEqual(self.browser.all("#versions [aria-checked=true]")[0].text.split("\n")[0][:4], "1000")
        grid = self.browser.all("#file-grid canvas")[0]
        grid.send_keys(Keys.ARROW_LEFT, Keys.ARROW_DOWN)
        self.assertRegex(self.browser.text("file-code"), r"Frame 59, codebook 2: code \d+, bits [01]{10}")
        waveform = self.browser.id("waveform")
        waveform.send_keys(Keys.ARROW_RIGHT)
        self.assertEqual(waveform.get_attribute("aria-valuenow"), "1.0")
