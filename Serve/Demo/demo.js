// SPDX-License-Identifier: Apache-2.0
// The page of `make demo`: a recording and its versions, which are in the page.

import { byId, choice, make, say } from "sotto/dom.js";
import "sotto/codegrid.js";
import { drawSpectrogram, whenLooksChange } from "sotto/spectrogram.js";
import { fromBase64 } from "sotto/tokens.js";
import { InStep } from "sotto/versions.js";
import { readWAV } from "sotto/wav.js";
import { Waveform } from "sotto/waveform.js";

const demo = JSON.parse(byId("data").textContent);

async function decoded(flac) {
  const audio = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(flac);
  return { samples: audio.getChannelData(0), sampleRate: audio.sampleRate };
}

function picture({ id, label, facts, samples, sampleRate, frames, bitsPerCode, codesPerFrame: rows }) {
  const canvas = make("canvas", { className: "spectrogram" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Spectrogram, ${label}, 0 to 8 kHz`);
  const card = make("section", { className: "card" },
    make("div", { className: "title" }, make("h2", {}, label), make("p", { className: "fine" }, facts)), make("figure", {}, canvas));
  byId("pictures").append(card);
  whenLooksChange(canvas, () => drawSpectrogram(canvas, samples, sampleRate));
  if (!frames) return;
  const report = make("output", { className: "hint", id: `code-${id}` }, "Point at a cell, or use the arrow keys");
  const grid = document.createElement("code-grid");
  for (const [name, value] of Object.entries({ rows, reports: report.id, label: `The codes, ${label}` })) grid.setAttribute(name, value);
  card.append(make("figure", {}, make("figcaption", {}, "The codes ", report), grid));
  grid.show(frames, { bits: bitsPerCode, rows });
}

async function begin() {
  const original = await decoded(fromBase64(demo.original));
  const versions = [{
    id: "original", label: "Original", facts: `16 bits a sample: ${original.sampleRate * 16} bit/s.`, ...original,
  }, ...demo.versions.map((version) => ({
    id: `${version.bitsPerSecond}`, label: `${version.bitsPerSecond} bit/s`, ...version, ...readWAV(fromBase64(version.wav)),
    facts: `${version.frames.length} frames, ${version.frameRate} a second, of ${version.codesPerFrame} ` +
      `${version.codesPerFrame === 1 ? "code" : "codes"} of ${version.bitsPerCode} bits; ${version.fileBytes} bytes as a file.`,
    frames: version.frames.map((codes) => ({ codes, lost: !codes })),
  }))];
  const player = new InStep(() => player.show(waveform)), waveform = new Waveform(byId("waveform"), byId("track"), byId("words"), (seconds) => player.seek(seconds));
  for (const version of versions) player.add(version.id, version);
  byId("sentence").textContent = `“${demo.sentence}”`;
  const chosen = choice(byId("versions"), versions.map(({ id, label }, i) => ({ id, label, key: `${i + 1}` })), "original", (id) => player.choose(id));
  player.choose("original");
  waveform.show(original.samples, original.sampleRate);
  for (const version of versions) picture(version);

  byId("play").onclick = () => player.toggle();
  player.takeKeys((place) => versions[place] && chosen.choose(versions[place].id));
  player.show(waveform);
}

begin().catch((error) => say(byId("status"), `The browser can't play this: ${error.message}.`, true));
