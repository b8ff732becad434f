// SPDX-License-Identifier: Apache-2.0

import { clock, make } from "./dom.js";
import { whenLooksChange } from "./spectrogram.js";

const letterWidth = 7.5;            // pixels that a letter of a word takes

/** A recording's waveform with the place that is played, and its words below. */
export class Waveform {
  #samples = new Float32Array(0);
  #seconds = 0;
  #words = [];

  constructor(canvas, track, words, seek) {
    Object.assign(this, { canvas, track, list: words, seek });
    this.position = 0;
    canvas.addEventListener("click", ({ offsetX }) => seek(offsetX / canvas.clientWidth * this.#seconds));
    canvas.addEventListener("keydown", (event) => {
      const place = {
        ArrowLeft: this.position - 1, ArrowRight: this.position + 1, ArrowDown: this.position - 1, ArrowUp: this.position + 1,
        PageDown: this.position - 10, PageUp: this.position + 10, Home: 0, End: this.#seconds,
      }[event.key];
      if (place === undefined) return;
      event.preventDefault();
      seek(place);
    });
    whenLooksChange(canvas, () => this.draw());
  }

  show(samples, sampleRate) {
    this.#samples = samples;
    this.#seconds = samples.length / sampleRate;
    this.canvas.setAttribute("aria-valuemax", this.#seconds.toFixed(1));
    this.draw();
  }

  /** @param words [{word, start, end}], without times those that aren't said */
  showWords(words) {
    this.#words = words.filter(({ start }) => start !== undefined && start !== null).map(({ word, start, end }) => {
      const button = make("button", { type: "button", title: `${word}: ${start.toFixed(2)} to ${end.toFixed(2)} s`, onclick: () => this.seek(start) }, word);
      button.style.left = `${start / this.#seconds * 100}%`;
      button.style.width = `${(end - start) / this.#seconds * 100}%`;
      return { start, end, button };
    });
    this.list.replaceChildren(...this.#words.map(({ button }) => button));
    this.list.classList.toggle("some", this.#words.length > 0);
    // As wide as the narrowest word needs, within reason.
    const wanted = Math.max(0, ...words.filter(({ end, start }) => end > start).map(({ word, start, end }) => (word.length * letterWidth + 4) / (end - start)));
    this.track.style.width = this.#words.length > 0 ? `${Math.round(Math.min(240, wanted) * this.#seconds)}px` : "";
  }

  /** Shows the place that is played. */
  move(position) {
    this.position = position;
    this.canvas.setAttribute("aria-valuenow", position.toFixed(1));
    this.canvas.setAttribute("aria-valuetext", `${clock(position)} of ${clock(this.#seconds)}`);
    for (const { start, end, button } of this.#words) button.classList.toggle("now", position >= start && position < end);
    this.draw();
  }

  draw() {
    const { canvas } = this, width = Math.max(1, Math.round(canvas.clientWidth)), height = Math.max(1, Math.round(canvas.clientHeight));
    if (this.drawn?.width !== width || this.drawn.samples !== this.#samples) this.drawn = { width, samples: this.#samples, peaks: this.#peaks(width) };
    const scale = width > 8000 ? 1 : devicePixelRatio;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d"), style = getComputedStyle(canvas);
    context.scale(scale, scale);
    const place = this.#seconds > 0 ? this.position / this.#seconds * width : 0;
    context.fillStyle = style.getPropertyValue("--accent");
    this.drawn.peaks.forEach((peak, x) => {
      context.globalAlpha = x < place ? 1 : 0.5;
      const bar = Math.max(1, peak * (height - 6));
      context.fillRect(x, (height - bar) / 2, 0.8, bar);
    });
    context.globalAlpha = 1;
    context.fillStyle = style.getPropertyValue("--warm");
    context.fillRect(Math.min(width - 2, place), 0, 2, height);
  }

  /** The loudest sample below each pixel, the loudest of all being 1. */
  #peaks(width) {
    const samples = this.#samples, peaks = new Float32Array(width);
    for (let x = 0; x < width; x++) {
      const end = Math.floor((x + 1) / width * samples.length);
      for (let i = Math.floor(x / width * samples.length); i < end; i++) peaks[x] = Math.max(peaks[x], Math.abs(samples[i]));
    }
    const most = Math.max(1e-3, ...peaks);
    return peaks.map((peak) => peak / most);
  }
}
