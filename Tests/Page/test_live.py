# SPDX-License-Identifier: Apache-2.0
"""Speaking into the page: what arrives, what is coded, and what is heard.

How often sound comes too late depends on what else the machine does. So what is said, coded and decoded is compared where the server
keeps it, all of it; and what the page plays is compared with that, wherever it says that it plays.
"""

import json
import math
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy
from pystoi import stoi
from scipy.signal import correlate, resample_poly

from browser import Browser
from product import RATE, Server, codes, read_wav, sample, sotto, write_wav

LOW = 16_000
FRAMES = 12.5
QUIET = 2

# What the page's player tells of each block that it plays, and a recorder where the loudspeaker is.
LISTEN = """
window.played = [];
window.AudioWorkletNode = class extends AudioWorkletNode {
  constructor(context, name, options) {
    super(context, name, options);
    if (name !== "player") return;
    this.port.addEventListener("message", ({ data: { stream, position, samples } }) => {
      if (stream !== undefined) window.played.push([stream, position ?? null, samples.length]);
    });
  }
};
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination) {
    window.ear ??= new MediaStreamAudioDestinationNode(this.context, { channelCount: 1 });
    if (!window.recorder) {
      window.recording = [];
      window.recorder = new MediaRecorder(window.ear.stream);
      window.recorder.ondataavailable = ({ data }) => window.recording.push(data);
      window.recorder.start();
    }
    connect.call(this, window.ear);
  }
  return connect.call(this, target, ...rest);
};
"""
RECORDING = """
if (recorder.state !== "inactive") await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
const reader = new FileReader();
await new Promise((done) => { reader.onload = done; reader.readAsDataURL(new Blob(recording)); });
return reader.result.split(",")[1];
"""


def resampled(samples, rate, to=LOW):
    divisor = math.gcd(rate, to)
    return samples if rate == to else resample_poly(samples, to // divisor, rate // divisor)


def likeness(samples, within):
    """How like `samples` a longer recording is where it is most like them, 1 being equal."""
    at = int(correlate(within, samples, "valid", "fft").argmax())
    return numpy.corrcoef(samples, within[at:at + len(samples)])[0, 1]


def likenesses(samples, within):
    """Likewise, of each half second of them."""
    half = LOW // 2
    return [likeness(samples[at:at + half], within) for at in range(0, len(samples) - half, half)]


class LiveTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.server = cls.enterClassContext(Server("--streams", "2", keeps=True))
        quiet = numpy.zeros(RATE * QUIET)
        spoken = sample("campfire")
        cls.seconds = QUIET + len(spoken) / RATE
        write_wav(cls.folder / "microphone.wav", numpy.concatenate([quiet, spoken, quiet]))

    def speak(self, later={}, **settings):
        """Says the sample with settings of the page, with others in the middle of it, and keeps what is to be seen of it."""
        address = f"http://localhost:{self.server.port}/"
        with Browser(address, self.folder, self.folder / "microphone.wav", script=LISTEN) as browser:
            browser.settings(**settings)
            browser.id("talk").click()
            browser.wait(lambda: browser.text("talk") == "Stop")
            self.wait_for_frames(browser, QUIET + 2)
            browser.shot("live-speaking" + "".join(f"-{name}" for name in {**settings, **later}))
            if later:
                ended = self.streams()
                browser.settings(**later)
                browser.wait(lambda: self.streams() != ended)
                self.wait_for_frames(browser, 3)
            else:
                self.wait_for_frames(browser, self.seconds)
            seen = {name: browser.text(name) for name in ("codes-rate", "packets-rate", "delay", "encoder-cpu", "lost", "delay-parts")}
            browser.id("talk").click()
            takes = 2 if later else 1
            browser.wait(lambda: len(browser.all("#takes li")) == takes and browser.text("talk") == "Start speaking")
            browser.shot("live-spoken" + "".join(f"-{name}" for name in {**settings, **later}))
            seen["frames"] = browser.run("return document.getElementById('live-grid').frames")
            seen["played"] = browser.run("return window.played")
            for label in ("Tokens (.sotto)", "Voice (wav)", "Original (wav)"):
                browser.click("#takes button", label)
            seen["tokens"] = browser.downloaded(f"take-{takes}.sotto").read_bytes()
            seen["voice"] = read_wav(browser.downloaded(f"take-{takes}-voice.wav"))
            seen["original"] = read_wav(browser.downloaded(f"take-{takes}-original.wav"))
            seen["ear"] = browser.bytes(RECORDING)
        for path in self.folder.glob("take-*"):
            path.unlink()
        number = self.streams()
        seen["received"] = self.server.kept / f"{number}.wav"
        seen["sent"] = read_wav(self.server.kept / f"{number}-voice.wav")
        seen["codes"] = json.loads((self.server.kept / f"{number}.json").read_text())
        return seen

    def streams(self):
        """How many have ended."""
        return len(list(self.server.kept.glob("*.json")))

    def frames(self, browser):
        return browser.run("return document.getElementById('live-grid').frames.length")

    def wait_for_frames(self, browser, seconds):
        browser.wait(lambda: self.frames(browser) >= seconds * FRAMES)

    def assert_received(self, seen):
        """The server has all that the page took from the microphone, bit for bit."""
        received, rate = read_wav(seen["received"])
        self.assertEqual(seen["original"][1], rate)
        self.assertTrue(numpy.array_equal(seen["original"][0], received))
        return received, rate

    def assert_played(self, seen):
        """What the page plays is the voice that was sent, at the place that the page tells; nearly all of it is played."""
        (sent, low), (played, rate) = seen["sent"], seen["voice"]
        stream = max(block[0] for block in seen["played"])
        blocks = [(place, length) for number, place, length in seen["played"] if number == stream]
        expected, finer = resampled(sent, low, 4 * rate), 4 * rate / low
        at, checked, wrong = 0, 0, 0
        for before, (place, length), after in zip([(None, 0)] + blocks, blocks, blocks[1:]):
            block, at = played[at:at + length], at + length
            step = length * low / rate
            # Beside a gap, and where it catches up, it fades.
            steps = [b - a for a, b in ((before[0], place), (place, after[0])) if None not in (a, b)]
            if len(steps) < 2 or any(abs(s - step) > 0.01 for s in steps):
                continue
            wanted = numpy.interp(place * finer + 4 * numpy.arange(length), numpy.arange(len(expected)), expected)
            checked += length
            wrong += length * bool(numpy.sqrt(((block - wanted) ** 2).mean()) > 0.05 * numpy.sqrt((wanted ** 2).mean()) + 1e-3)
        self.assertLess(wrong, 0.01 * checked)
        gaps = sum(place is None for place, _ in blocks)
        share = checked / (len(sent) * rate / low)
        print(f"{share:.0%} of the voice compared; {gaps * 10} ms of silence in between; {seen['delay-parts']}")
        self.assertGreater(share, 0.5)

    def assert_heard(self, seen):
        """What comes out where the loudspeaker is, is what the player plays."""
        path = self.folder / "ear.webm"
        path.write_bytes(seen["ear"])
        raw = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", path, "-f", "f32le", "-ar", str(LOW), "-ac", "1", "-"], check=True, capture_output=True).stdout
        heard, played = numpy.frombuffer(raw, "<f4").astype(float), resampled(*seen["voice"])
        # On a machine that is too busy, pieces of the recording may be missing.
        self.assertGreater(max(likenesses(played[QUIET * LOW:], heard)), 0.9)

    def test_what_is_spoken_is_coded_whole_and_heard(self):
        seen = self.speak()
        received, rate = self.assert_received(seen)
        # The sample is in it: all of it, unless the browser's microphone drops some as the machine is too busy.
        low = resampled(received, rate)
        self.assertGreater(numpy.median(likenesses(sample("campfire", LOW), low)), 0.97)
        # All of its tokens are those of the command: on the line, on the page and in the take.
        expected = codes(seen["received"])
        self.assertEqual(seen["codes"], expected)
        self.assertEqual([frame["codes"] for frame in seen["frames"]], expected)
        path = self.folder / "take.sotto"
        sotto("encode", "--force", seen["received"], "-o", path)
        self.assertEqual(seen["tokens"], path.read_bytes())
        # So is its voice, sample for sample, which is aligned with what was said, and understood.
        sent, _ = seen["sent"]
        packets = sotto("stream", "encode", "--format", "f32le", "--rate", rate, input=received.astype("<f4").tobytes())
        self.assertTrue(numpy.array_equal(sent, numpy.frombuffer(sotto("stream", "decode", "--format", "f32le", input=packets), "<f4")))
        figure = stoi(low[:len(sent)], sent[:len(low)], LOW)
        print(f"STOI {figure:.3f}")
        self.assertGreater(figure, 0.85)
        self.assert_played(seen)
        self.assert_heard(seen)
        self.assertEqual((seen["codes-rate"], seen["lost"]), ("1000", "0"))
        self.assertTrue(1400 <= int(seen["packets-rate"]) < 1600)
        self.assertGreater(int(seen["delay"]), 100)
        self.assertGreater(float(seen["encoder-cpu"]), 0)

    def test_what_is_lost_is_concealed(self):
        seen = self.speak(loss=10, burst=1)
        frames = seen["frames"]
        lost = [i for i, frame in enumerate(frames) if frame.get("lost")]
        self.assertTrue(0 < len(lost) / len(frames) < 0.3, len(lost))
        self.assertGreater(int(seen["lost"]), 0)
        # Codes are what they would be without a loss, time goes on, and it is still understood.
        received, rate = self.assert_received(seen)
        self.assertEqual(seen["codes"], codes(seen["received"]))
        low, sent = resampled(received, rate), seen["sent"][0]
        figure = stoi(low[:len(sent)], sent[:len(low)], LOW)
        print(f"STOI {figure:.3f} with {len(lost)} of {len(frames)} frames lost")
        self.assertGreater(len(sent), len(low) - 4 * 1280)
        self.assertGreater(figure, 0.6)
        self.assert_played(seen)

    def test_settings_begin_a_stream_of_their_own(self):
        seen = self.speak(later={"codes": 4, "average": True, "redundancy": True})
        self.assert_received(seen)
        self.assertEqual(seen["codes"], codes(seen["received"], "--codes", "4", "--average"))
        self.assertEqual([frame["codes"] for frame in seen["frames"]], seen["codes"])
        self.assertGreater(len({len(frame) for frame in seen["codes"]}), 1)
        # The figures are those of this stream.
        self.assertLess(int(seen["codes-rate"]), 900)
        self.assertGreater(int(seen["packets-rate"]), int(seen["codes-rate"]))
