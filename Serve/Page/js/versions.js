// SPDX-License-Identifier: Apache-2.0

import { byId, clock } from "./dom.js";

const fade = 0.008;

/** Plays one of several versions of a recording; another one takes over where it is, without a gap. */
export class InStep {
  #buffers = new Map();
  #context = null;
  #sounding = null;                 // {source, gain}
  #begun = 0;                       // when its first sample would have been played
  #position = 0;                    // while nothing plays
  chosen = null;
  plays = false;

  /** @param changed called when it begins, ends or is at another place */
  constructor(changed) { this.changed = changed; }

  clear() {
    this.pause();
    this.#buffers.clear();
    this.#position = 0;
    this.chosen = null;
    this.changed();
  }

  add(id, { samples, sampleRate }) {
    const buffer = new AudioBuffer({ length: Math.max(1, samples.length), numberOfChannels: 1, sampleRate });
    buffer.copyToChannel(samples, 0);
    this.#buffers.set(id, buffer);
  }

  samples(id) { return this.#buffers.get(id)?.getChannelData(0); }
  has(id) { return this.#buffers.has(id); }

  get seconds() { return Math.max(0, ...[...this.#buffers.values()].map(({ duration }) => duration)); }

  get position() {
    if (!this.plays) return this.#position;
    return Math.max(0, Math.min(this.seconds, this.#context.currentTime - this.#begun));
  }

  play() {
    if (this.plays || !this.#buffers.has(this.chosen)) return;
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    this.#context.resume();
    if (this.#position >= this.seconds - 0.02) this.#position = 0;
    const at = this.#context.currentTime + 0.02;
    this.#begun = at - this.#position;
    this.plays = true;
    this.#sound(at);
    this.changed();
  }

  pause() {
    if (!this.plays) return;
    this.#position = this.position;
    this.plays = false;
    this.#hush(this.#context.currentTime);
    this.changed();
  }

  toggle() { if (this.plays) this.pause(); else this.play(); }

  /** Shows where it is on the waveform and the page's `play` and `clock`, for as long as it plays. */
  show(waveform) {
    byId("play").textContent = this.plays ? "Pause" : "Play";
    byId("play").setAttribute("aria-pressed", String(this.plays));
    byId("clock").textContent = `${clock(this.position)} of ${clock(this.seconds)}`;
    waveform?.move(this.position);
    if (this.plays) requestAnimationFrame(() => this.plays && this.show(waveform));
  }

  /** The space bar plays, and `choose` is called with 0 to 8 for the keys 1 to 9; not while somebody types or `isAway`. */
  takeKeys(choose, isAway = () => false) {
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select") || isAway()) return;
      if (event.key === " " && !event.target.closest("button, a, summary")) {
        event.preventDefault();
        this.toggle();
      } else if (/^[1-9]$/.test(event.key)) choose(Number(event.key) - 1);
    });
  }

  seek(seconds) {
    const goesOn = this.plays;
    this.pause();
    this.#position = Math.max(0, Math.min(this.seconds, seconds));
    if (goesOn) this.play();
    this.changed();
  }

  choose(id) {
    if (id === this.chosen) return;
    this.chosen = id;
    if (!this.plays) return;
    const at = this.#context.currentTime + 0.01;
    this.#hush(at);
    this.#sound(at);
  }

  #sound(at) {
    const context = this.#context, source = new AudioBufferSourceNode(context, { buffer: this.#buffers.get(this.chosen) });
    const gain = new GainNode(context, { gain: 0 });
    source.connect(gain).connect(context.destination);
    source.start(at, Math.max(0, at - this.#begun));
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(1, at + fade);
    source.onended = () => {
      if (this.#sounding?.source !== source || !this.plays) return;
      this.plays = false;
      this.#position = this.seconds;
      this.changed();
    };
    this.#sounding = { source, gain };
  }

  #hush(at) {
    const { source, gain } = this.#sounding;
    gain.gain.cancelScheduledValues(at);
    gain.gain.setValueAtTime(1, at);
    gain.gain.linearRampToValueAtTime(0, at + fade);
    source.stop(at + fade);
    this.#sounding = null;
  }
}
