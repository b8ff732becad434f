// SPDX-License-Identifier: Apache-2.0
// Recordings: what is opened, its versions, and all that is shown of them.

import { Blind } from "./abx.js";
import { byId, choice, download, make, say } from "./dom.js";
import { opened } from "./opening.js";
import { drawSpectrogram, whenLooksChange } from "./spectrogram.js";
import { fromBase64, toBase64 } from "./tokens.js";
import { InStep } from "./versions.js";
import { versionsOfRecording, versionsOfTokens } from "./coding.js";
import { Waveform } from "./waveform.js";
import { writeWAV } from "./wav.js";

export class Files {
  #models;
  #recording = null;                // {name, source, original, tokens, notes}
  #transcript = "";
  #last = null;                     // the id of the version with codes that was chosen last
  #versions = [];
  #work = 0;                        // counts what was asked for, so that what is overtaken stops
  #player = new InStep(() => this.#player.show(this.waveform));

  constructor({ models, samples }) {
    this.#models = models;
    this.model = choice(byId("file-models"), models.map(({ name, frameRate }) => ({ id: name, label: `${frameRate} frames/s` })), models[0].name, () => this.#code());
    byId("file-average").onchange = () => this.#code();
    this.waveform = new Waveform(byId("waveform"), byId("track"), byId("words"), (seconds) => this.#player.seek(seconds));
    this.blind = new Blind((id) => this.#hearBlind(id));
    byId("samples").append(...samples.map((sample) => make("button", { type: "button", ariaPressed: "false", onclick: () => this.#openSample(sample) }, sample.name)));
    byId("file").onchange = ({ target }) => {
      if (target.files[0]) this.openFile(target.files[0]);
      target.value = "";
    };
    byId("open-pasted").onclick = () => this.#openPasted();
    byId("play").onclick = () => this.#player.toggle();
    byId("transcript-form").onsubmit = (event) => {
      event.preventDefault();
      this.#transcript = byId("transcript").value.trim();
      this.#code();
    };
    byId("keep-tokens").onclick = () => download(this.#shown.tokens, `${this.#stem}.sotto`, "application/octet-stream");
    byId("keep-wav").onclick = () => download(writeWAV(this.#player.samples(this.#shown.id), this.#shown.sampleRate), `${this.#stem}.wav`, "audio/wav");
    byId("copy-tokens").onclick = () => this.#copy();
    this.#takeDrops();
    this.#player.takeKeys((place) => {
      if (this.#versions[place]) this.chosen.choose(this.#versions[place].id);
    }, () => byId("files").hidden || !this.chosen);
    whenLooksChange(byId("original-spectrogram"), () => this.#draw());
  }

  /** The version with codes that is shown: the one that is heard, or was before the original. */
  get #shown() {
    const coded = this.#versions.filter(({ frames }) => frames);
    return coded.find(({ id }) => id === this.chosen?.value) ?? coded.find(({ id }) => id === this.#last) ?? coded[0] ?? this.#versions[0];
  }
  get #stem() { return [this.#recording.name.replace(/\.[^.]*$/, ""), this.#shown.fileName].filter(Boolean).join("-"); }

  async openFile(file) {
    await this.#open(() => opened(file, (text) => say(byId("files-status"), text)));
  }

  /** @param wav a floating-point one of this page's own making */
  async openWAV(name, wav) {
    await this.openFile(new File([wav], `${name}.wav`));
  }

  async #openSample({ name, text }) {
    await this.#open(async () => {
      const answer = await fetch(`/samples/${name}.flac`);
      const file = new File([await answer.blob()], `${name}.flac`);
      return { ...await opened(file, () => {}), text };
    });
    for (const button of byId("samples").children) button.ariaPressed = String(button.textContent === name);
  }

  async #openPasted() {
    await this.#open(async () => opened(new File([fromBase64(byId("pasted").value)], "pasted.sotto"), () => {}));
  }

  async #open(load) {
    const work = ++this.#work;
    this.#player.pause();
    for (const button of byId("samples").children) button.ariaPressed = "false";
    say(byId("files-status"), "Reading it …");
    try {
      const recording = await load();
      if (work !== this.#work) return;
      this.#recording = recording;
      // What is said in a sample is known, but to be heard without it first.
      byId("transcript").value = recording.text ?? "";
      this.#transcript = "";
      await this.#code();
    } catch (error) {
      if (work === this.#work) say(byId("files-status"), `${capital(error.message)}.`, true);
    }
  }

  /** Makes all versions of the recording anew, and shows each when it is there. */
  async #code() {
    const recording = this.#recording;
    if (!recording) return;
    const work = ++this.#work, before = this.chosen?.value, position = this.#player.position;
    this.#player.clear();
    this.#versions = [];
    const model = this.#models.find(({ name }) => name === this.model.value);
    const settings = { average: byId("file-average").checked, transcript: model.readsText ? this.#transcript : "" };
    const all = recording.original ? versionsOfRecording(recording, model, settings) : versionsOfTokens(recording);
    byId("transcript-form").hidden = !recording.original || !model.readsText;
    try {
      for await (const version of all) {
        if (work !== this.#work) return;
        this.#player.add(version.id, version);
        delete version.samples;
        this.#versions.push(version);
        say(byId("files-status"), "Coding …");
        this.#offer(before);
        if (this.#versions.length === 1) this.#player.seek(position);
      }
      if (work !== this.#work) return;
      this.blind.offer(this.#versions);
      say(byId("files-status"), recording.notes.join(" "), recording.notes.length > 0);
      this.#tellTranscript();
    } catch (error) {
      if (work === this.#work) say(byId("files-status"), `${capital(error.message)}.`, true);
    }
  }

  #offer(before) {
    const recording = this.#recording, { original } = recording;
    for (const id of ["recording", "more"]) byId(id).hidden = false;
    byId("recording-name").textContent = recording.name;
    byId("recording-settings").hidden = !original;
    const wanted = this.chosen?.value ?? before;
    const chosen = this.#versions.some(({ id }) => id === wanted) ? wanted : this.#versions[0].id;
    this.chosen = choice(byId("versions"), this.#versions.map(({ id, label }, i) => ({ id, label, key: String(i + 1) })), chosen, () => this.#choose());
    this.#choose();
  }

  #choose() {
    const id = this.chosen.value, first = this.#versions[0];
    if (id !== "original") this.#last = id;
    this.#player.choose(id);
    this.blind.silence();
    this.waveform.show(this.#player.samples(first.id), first.sampleRate);
    this.waveform.showWords(this.#versions.find(({ words }) => words)?.words ?? []);
    this.#draw();
    this.#player.show(this.waveform);
  }

  #draw() {
    if (this.#versions.length === 0 || byId("files").hidden) return;
    const { id, label, facts, frames, sampleRate, bitsPerCode, tokens } = this.#shown, original = this.#recording.original;
    drawSpectrogram(byId("version-spectrogram"), this.#player.samples(id), sampleRate);
    byId("version-caption").textContent = label;
    byId("recording-facts").textContent = facts;
    byId("original-spectrogram").parentElement.hidden = !original;
    if (original) drawSpectrogram(byId("original-spectrogram"), this.#player.samples("original"), original.sampleRate);
    byId("grid-figure").hidden = !frames;
    const rows = Math.max(...this.#versions.map(({ codebooks }) => codebooks ?? 0));
    if (frames) byId("file-grid").show(frames, { bits: bitsPerCode, rows });
    for (const name of ["keep-tokens", "copy-tokens"]) byId(name).hidden = !tokens;
    byId("copied").textContent = "";
  }

  #tellTranscript() {
    const said = this.#versions.find(({ match }) => match !== undefined && match !== null);
    if (!said) return say(byId("transcript-status"), "");
    const per = Math.round(said.match * 100);
    if (said.match < 0.5) say(byId("transcript-status"), `It fits only ${per} % of what is heard. Is it another recording's?`, true);
    else say(byId("transcript-status"), `It fits ${per} % of what is heard; the times stand below the waveform.`);
  }

  #hearBlind(id) {
    this.#player.choose(id);
    // Which it is, nothing on the page may tell.
    this.chosen.value = null;
    if (!this.#player.plays) {
      this.#player.seek(0);
      this.#player.play();
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(toBase64(this.#shown.tokens));
      say(byId("copied"), "Copied");
    } catch {
      say(byId("copied"), "The browser doesn't let the page copy", true);
    }
  }

  #takeDrops() {
    const view = byId("files"), card = byId("drop");
    const over = (event, isOver) => {
      event.preventDefault();
      card.classList.toggle("over", isOver);
    };
    view.addEventListener("dragover", (event) => over(event, true));
    view.addEventListener("dragleave", (event) => over(event, false));
    view.addEventListener("drop", (event) => {
      over(event, false);
      const [file] = event.dataTransfer.files;
      if (file) this.openFile(file);
    });
  }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
