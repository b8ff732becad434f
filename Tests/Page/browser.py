# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, with a recording for its microphone."""

import base64
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SHOTS = Path(__file__).resolve().parent / "shots"
PATIENCE = 180
# What is harder to read than 4.5 : 1, as a script.
CONTRAST = """
const channels = (colour) => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.fillStyle = colour; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
const poor = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility() || element.closest(':disabled, .check:has(:disabled)') || element.matches('option, .unseen')) continue;
  let behind = element;
  while (behind && channels(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [a, b] = [light(channels(getComputedStyle(element).color)), light(channels(getComputedStyle(behind ?? document.body).backgroundColor))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${element.tagName} ${element.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return poor;
"""


class Browser:
    """One at an address, which ends with the block; whatever the page complained of is then an error.

    `script` runs before those of the page; the page is ready when the element `ready` says something."""

    def __init__(self, address, downloads, microphone=None, script=None, ready="version"):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
        ):
            options.add_argument(argument)
        if microphone:
            options.add_argument(f"--use-file-for-fake-audio-capture={microphone}%noloop")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.downloads = Path(downloads)
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        self.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite", "audioCapture"])
        self.looks(1280, 900)
        if script:
            self.command("Page.addScriptToEvaluateOnNewDocument", source=script)
        self.driver.get(address)
        self.wait(lambda: self.text(ready))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        complaints = self.complaints() if kind is None else []
        self.driver.quit()
        if complaints:
            raise AssertionError(complaints)

    def complaints(self):
        """Of the page, so far. That the server can't read a file (422) is told to the person."""
        told = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [message for message in told if "status of 422" not in message]

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def looks(self, width, height, dark=False):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])

    def shot(self, name):
        SHOTS.mkdir(exist_ok=True)
        picture = self.command("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(picture))

    def id(self, name):
        return self.driver.find_element(By.ID, name)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, name):
        return self.id(name).text

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script, *arguments):
        """A script of promises, whose last value comes back."""
        self.driver.set_script_timeout(PATIENCE)
        return self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, (e) => done(`failed: ${{e}}`))", *arguments)

    def bytes(self, script):
        """Likewise, of a script whose value is bytes in base64."""
        return base64.b64decode(self.run_async(f"return await (async () => {{ {script} }})();"))

    def wait(self, condition):
        return WebDriverWait(self.driver, PATIENCE, 0.1).until(lambda _: condition())

    def settings(self, **values):
        """Sliders to numbers, boxes to True; all at once."""
        self.run("""
            for (const [name, value] of arguments[0]) {
              const element = document.getElementById(name);
              if (value === true) { element.click(); continue; }
              element.value = value;
              element.dispatchEvent(new Event("input", { bubbles: true }));
            }""", list(values.items()))

    def click(self, selector, text=None):
        for element in self.all(selector):
            if text is None or element.text.split("\n")[0] == text:
                element.click()
                return
        raise LookupError(f"there is no {selector} with {text!r}")

    def downloaded(self, name):
        path = self.downloads / name
        self.wait(path.exists)
        return path
