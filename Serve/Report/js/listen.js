// SPDX-License-Identifier: Apache-2.0
// Any clip, as each system gives it back: all in step, to be switched in the middle of a word.

import { byId, choice, make, say } from "sotto/dom.js";
import { drawSpectrogram, whenLooksChange } from "sotto/spectrogram.js";
import { InStep } from "sotto/versions.js";
import { Waveform } from "sotto/waveform.js";
import { card, number } from "./parts.js";
import { soundOf } from "./sounds.js";

const original = "original";

export function listen(data) {
  const { report, heard } = data;
  const clips = report.clips.filter(({ clip }) => heard[clip.id]);
  if (clips.length === 0) return null;
  const select = make("select", { id: "clip" }, ...clips.map(({ clip }) => make("option", { value: clip.id }, clip.id)));
  const canvas = make("canvas", { id: "waveform", tabIndex: 0, ariaLabel: "Place in the recording" });
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-valuemin", "0");
  const versions = make("div", { className: "choice versions", id: "versions", ariaLabel: "System that is heard" });
  versions.setAttribute("role", "radiogroup");
  const status = make("p", { id: "sound-status" });
  status.setAttribute("role", "status");
  const section = card("listen", "Listen", ["All play in step: switch in the middle of a word. The space bar plays, 1 to 9 choose."],
    make("div", { className: "settings" }, make("label", {}, "Clip ", select), make("span", { className: "fine", id: "clip-facts" })),
    make("p", { className: "said", id: "said" }),
    make("div", { className: "transport" }, make("button", { type: "button", id: "play", className: "primary", ariaPressed: "false" }, "Play"), versions, make("output", { id: "clock", className: "clock" })),
    make("div", { className: "wide" }, make("div", { id: "track" }, canvas, make("div", { id: "words" }))),
    status, make("div", { className: "pictures", id: "pictures" }));
  // What it shows is found by name, so it has to be on the page first.
  queueMicrotask(() => new Listener(data, clips));
  return section;
}

class Listener {
  #player = new InStep(() => this.#player.show(this.waveform));
  #samples = new Map();
  #work = 0;                        // counts clips, so that one that is overtaken stops

  constructor(data, clips) {
    Object.assign(this, { data, clips });
    this.waveform = new Waveform(byId("waveform"), byId("track"), byId("words"), (seconds) => this.#player.seek(seconds));
    byId("clip").onchange = ({ target }) => this.open(target.value);
    byId("play").onclick = () => this.#player.toggle();
    this.#player.takeKeys((place) => {
      const name = this.data.heard[byId("clip").value][place];
      if (name) this.chosen?.choose(name);
    });
    this.open(clips[0].clip.id);
  }

  async open(id) {
    const work = ++this.#work, entry = this.clips.find(({ clip }) => clip.id === id), { clip } = entry;
    this.#player.clear();
    this.#samples.clear();
    byId("said").textContent = clip.text ? `“${clip.text}”` : "";
    byId("clip-facts").textContent = [`${number(entry.seconds, 1)} s`, clip.speaker && `speaker ${clip.speaker}`, clip.part].filter(Boolean).join(", ");
    say(byId("sound-status"), "Reading the sound …");
    try {
      const names = this.data.heard[id];
      const sounds = await Promise.all(names.map(async (name) => [name, await soundOf(this.data, id, name)]));
      if (work !== this.#work) return;
      for (const [name, sound] of sounds) {
        this.#samples.set(name, sound);
        this.#player.add(name, sound);
      }
      this.#offer(names, entry);
      say(byId("sound-status"), "");
    } catch (error) {
      if (work === this.#work) say(byId("sound-status"), error.message, true);
    }
  }

  #offer(names, entry) {
    const kept = names.includes(this.chosen?.value) ? this.chosen.value : names[0];
    this.chosen = choice(byId("versions"), names.map((name, i) => ({ id: name, label: name === original ? "Original" : name, key: i < 9 ? `${i + 1}` : undefined })), kept, (name) => this.#choose(name));
    this.waveform.show(this.#samples.get(original).samples, this.#samples.get(original).sampleRate);
    this.waveform.showWords(entry.said?.words ?? []);
    byId("pictures").replaceChildren(...names.map((name) => this.#picture(name, entry.systems[name]?.figures)));
    this.#choose(kept);
  }

  #choose(name) {
    this.#player.choose(name);
    for (const figure of byId("pictures").children) figure.classList.toggle("heard", figure.dataset.system === name);
    this.#player.show(this.waveform);
  }

  #picture(name, figures) {
    const canvas = make("canvas", { className: "spectrogram" }), { samples, sampleRate } = this.#samples.get(name);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Spectrogram, ${name}, 0 to 8 kHz`);
    const facts = figures && [figures.payload_bit_s && `${number(figures.payload_bit_s)} bit/s`, figures.stoi && `STOI ${number(figures.stoi, 3)}`].filter(Boolean).join(", ");
    const figure = make("figure", { onclick: () => this.chosen.choose(name) },
      make("figcaption", {}, name === original ? "Original" : name, make("span", { className: "hint" }, facts ?? "")), canvas);
    figure.dataset.system = name;
    whenLooksChange(canvas, () => canvas.isConnected && drawSpectrogram(canvas, samples, sampleRate));
    return figure;
  }
}
