// SPDX-License-Identifier: Apache-2.0
// Speaking: microphone → server → loudspeaker, and all that is shown of it.

import { byId, choice, say } from "./dom.js";
import { LiveLine } from "./liveline.js";
import { RollingSpectrogram } from "./spectrogram.js";
import { Takes } from "./takes.js";

const window_ = 3;                  // seconds that figures are taken over
const patience = 5000;              // ms that the end of what was said may take to be heard
const loopAdvice = "Put earphones on first: through loudspeakers the microphone would hear the decoded voice, and it howls.";

export class Live {
  #models;
  #session = null;
  #pictures = { said: new RollingSpectrogram(byId("heard-in")), heard: new RollingSpectrogram(byId("heard-out")) };
  #grid = byId("live-grid");
  #takes;
  #restart;

  constructor({ models }, openRecording) {
    this.#models = models;
    this.#takes = new Takes(openRecording);
    this.model = choice(byId("live-models"), models.map(({ name, frameRate }) => ({ id: name, label: `${frameRate} frames/s` })), models[0].name, () => this.#changed());
    byId("talk").onclick = () => (this.#session ? this.stop() : this.start());
    for (const id of ["codes", "average", "redundancy", "pauses"]) byId(id).addEventListener("input", () => this.#changed());
    for (const id of ["loss", "burst"]) byId(id).addEventListener("input", () => this.#changedLine());
    for (const id of ["hear-decoded", "hear-original"]) byId(id).addEventListener("input", () => this.#changedEars());
    this.#showSettings();
  }

  get #settings() {
    return {
      model: this.model.value, codes: byId("codes").valueAsNumber,
      average: byId("average").checked && !byId("average").disabled,
      redundancy: byId("redundancy").checked, pauses: byId("pauses").checked,
    };
  }

  get #line() { return { loss: byId("loss").valueAsNumber, burst: byId("burst").valueAsNumber }; }

  get #chosen() { return this.#models.find(({ name }) => name === this.model.value); }

  #bitrate({ codes, average }) {
    const { bitsPerCode, frameRate } = this.#chosen;
    return `${average ? "about " : ""}${Math.round(codes * bitsPerCode * frameRate * 10) / 10} bit/s`;
  }

  #label(settings) {
    const { codes, average } = settings;
    return `${codes} ${codes === 1 ? "code" : "codes"}${average ? " on average" : ""}, ${this.#bitrate(settings)}`;
  }

  #showSettings() {
    const { codebooks } = this.#chosen, { loss, burst } = this.#line;
    byId("codes").max = codebooks;
    const codes = byId("codes").valueAsNumber;
    byId("average").disabled = codes === 1 || codes === codebooks;
    byId("codes-value").textContent = `${codes}: ${this.#bitrate(this.#settings)}`;
    byId("codes").setAttribute("aria-valuetext", this.#label(this.#settings));
    byId("loss-value").textContent = `${loss} %`;
    byId("burst-value").textContent = burst === 1 ? "one by one" : `${burst} on average`;
    byId("burst").setAttribute("aria-valuetext", byId("burst-value").textContent);
  }

  async start() {
    byId("talk").disabled = true;
    clearTimeout(this.#restart);
    say(byId("live-status"), "Waiting for the microphone …");
    try {
      this.#session = await Session.open(this.#pictures, this.#grid, this.#takes, (reason) => this.#ended(reason));
      this.#begin();
      this.#changedEars();
      byId("talk").textContent = "Stop";
      byId("talk").classList.add("on");
      say(byId("live-status"), "Speak. What you hear has been tokens in between.");
    } catch (error) {
      this.#session = null;
      say(byId("live-status"), reasonFor(error), true);
    }
    byId("talk").disabled = false;
  }

  async stop() {
    byId("talk").disabled = true;
    await this.#session?.stop();
  }

  #ended(reason) {
    this.#session = null;
    byId("talk").disabled = false;
    byId("talk").textContent = "Start speaking";
    byId("talk").classList.remove("on");
    if (reason) say(byId("live-status"), `It ended: ${reason}.`, true);
    else say(byId("live-status"), loopAdvice);
  }

  #begin() {
    this.#session?.begin(this.#chosen, this.#settings, this.#line, this.#label(this.#settings));
  }

  /** Codes can't change within a stream: a new one begins. */
  #changed() {
    this.#showSettings();
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.#begin(), 200);
  }

  #changedLine() {
    this.#showSettings();
    this.#session?.change(this.#line);
  }

  #changedEars() {
    this.#session?.hear({ decoded: byId("hear-decoded").checked, original: byId("hear-original").checked });
  }
}

function reasonFor(error) {
  if (!navigator.mediaDevices) return "Browsers give a page the microphone only at localhost: open this page on the machine that it runs on.";
  if (error.name === "NotAllowedError") return "The browser wasn't allowed to use the microphone. Allow it beside the address, then start again.";
  if (error.name === "NotFoundError") return "There is no microphone. Recordings can still be looked at.";
  return `It can't start: ${error.message}.`;
}

/** One time of speaking: the audio graph, the line and the streams on it. */
class Session {
  #streams = new Map();             // number → {model, start, take, …}; `count` samples of its voice came, the one at `place` is heard
  #current = null;
  #count = 0;
  #history = [];                    // {time, bits, bytes, encode, decode}
  #latency = { in: 0, out: 0 };
  #delay = null;
  #isOver = false;

  static async open(pictures, grid, takes, ended) {
    const session = new Session();
    Object.assign(session, { pictures, grid, takes, ended });
    const media = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, latency: 0 },
    });
    session.media = media;
    try {
      await session.#connect(media);
    } catch (error) {
      session.#release();
      throw error;
    }
    return session;
  }

  async #connect(media) {
    const context = new AudioContext({ latencyHint: "interactive" });
    this.context = context;
    await Promise.all(["capture", "player"].map((name) => context.audioWorklet.addModule(`/js/${name}.worklet.js`)));
    const mono = { channelCount: 1, channelCountMode: "explicit" };
    this.capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, ...mono });
    this.player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [2] });
    const source = context.createMediaStreamSource(media);
    this.original = new GainNode(context, { gain: 0, ...mono });
    source.connect(this.capture);
    source.connect(this.original).connect(context.destination);
    this.player.connect(context.destination);
    this.pictures.said.begin(context.sampleRate);
    this.pictures.heard.begin(context.sampleRate);
    this.line = new LiveLine({
      frames: (message) => this.#frames(message),
      audio: (message) => this.#voice(message),
      end: ({ stream }) => this.#end(stream),
      closed: (reason) => this.#close(reason),
    });
    await this.line.opened;
    await context.resume();
    this.capture.port.onmessage = ({ data }) => this.#said(data);
    this.player.port.onmessage = ({ data }) => this.#heard(data);
    media.getAudioTracks()[0].onended = () => this.#close("the microphone is gone");
    this.#latency.in = media.getAudioTracks()[0].getSettings().latency ?? 0;
    const look = () => {
      if (this.#isOver) return;
      this.pictures.said.show();
      this.pictures.heard.show();
      requestAnimationFrame(look);
    };
    look();
    this.timer = setInterval(() => this.#figures(), 250);
  }

  begin(model, settings, line, label) {
    if (this.#isOver) return;
    const rate = this.context.sampleRate, frameSeconds = 1 / model.frameRate;
    this.#current = {
      model, settings, rate, frameSeconds, start: null, take: this.takes.begin(settings, label, rate), lost: [0, 0], seen: 0,
      count: 0, place: 0, isWhole: false,
    };
    this.#streams.set(++this.#count, this.#current);
    this.line.start({ rate, ...settings, ...line });
    this.grid.follow({ frameSeconds, bits: model.bitsPerCode, rows: model.codebooks });
    this.#history = [];
    this.change(line);
  }

  change(line) {
    if (!this.#current) return;
    this.line.change(line);
    const { model, frameSeconds, settings } = this.#current;
    // What is lost is made up when the next packet comes, and that a pause goes on is known 320 ms later.
    const extra = (line.loss > 0 ? frameSeconds : 0) + (settings.pauses ? 0.32 : 0);
    this.player.port.postMessage({ rate: model.sampleRate, frameSeconds, extra });
  }

  hear({ decoded, original }) {
    this.player.port.postMessage({ mute: !decoded });
    this.original.gain.value = original ? 1 : 0;
  }

  async stop() {
    this.media.getAudioTracks().forEach((track) => track.stop());
    this.capture.port.onmessage = null;
    this.line.stop();
    // What is on its way still comes, and is heard.
    this.isEnding = true;
    this.timeout = setTimeout(() => this.line.close(), patience);
  }

  #said({ frame, samples }) {
    const stream = this.#current;
    if (!stream) return;
    stream.start ??= frame;
    this.line.send(samples);
    this.takes.said(stream.take, samples);
    this.pictures.said.push(samples);
  }

  #voice(message) {
    const stream = this.#streams.get(message.stream);
    if (stream) stream.count = message.position + message.samples.length;
    this.player.port.postMessage(message, [message.samples.buffer]);
  }

  #heard({ frame, stream: number, position, samples, waits }) {
    this.pictures.heard.push(samples);
    const stream = this.#streams.get(number);
    this.waits = waits;
    if (!stream) return;
    this.takes.heard(stream.take, samples);
    if (position === undefined) return;
    // When it was spoken, and when it is played, on one clock.
    this.#delay = (frame - stream.start) / stream.rate - position / stream.model.sampleRate;
    stream.place = position;
    this.#endIfHeard(stream);
    // The player may have caught up across the end of the one before.
    const before = this.#streams.get(number - 1);
    if (before?.isWhole) this.takes.end(before.take);
  }

  #frames(message) {
    const stream = this.#streams.get(message.stream);
    if (!stream) return;
    stream.seen = message.first + message.frames.length;
    stream.lost = [message.missed, message.repaired];
    // The last frames of a stream may come after the next one has begun.
    if (stream !== this.#current) return;
    this.grid.grow(message.frames);
    this.#history.push({
      time: stream.seen * stream.frameSeconds, bytes: message.bytes,
      bits: message.frames.reduce((sum, { codes }) => sum + (codes?.length ?? 0) * stream.model.bitsPerCode, 0),
      encode: message.encodeSeconds, decode: message.decodeSeconds,
    });
    while (this.#history[0].time < this.#history.at(-1).time - window_) this.#history.shift();
  }

  #figures() {
    const history = this.#history, first = history[0], last = history.at(-1);
    if (!last || last.time - first.time < 0.5) return;
    const seconds = last.time - first.time, sum = (name) => history.slice(1).reduce((total, entry) => total + entry[name], 0);
    const show = (id, value, digits = 0) => { byId(id).textContent = value.toFixed(digits); };
    show("codes-rate", sum("bits") / seconds);
    show("packets-rate", sum("bytes") * 8 / seconds);
    show("encoder-cpu", (last.encode - first.encode) / seconds * 100, 1);
    show("decoder-cpu", (last.decode - first.decode) / seconds * 100, 1);
    const [missed, repaired] = this.#current.lost;
    byId("lost").textContent = `${missed}`;
    byId("repaired").textContent = repaired ? `+ ${repaired} repaired` : `of ${this.#current.seen}`;
    if (this.#delay === null) return;
    this.#latency.out = this.context.outputLatency || this.context.baseLatency || 0;
    const ms = (value) => Math.round(value * 1000), { in: microphone, out } = this.#latency;
    const codec = this.#current.frameSeconds + 0.02;
    byId("delay").textContent = ms(this.#delay + microphone + out);
    byId("delay-parts").textContent = `Delay from the microphone to the ear: ${ms(codec)} ms of the codec, ` +
      `${ms(this.#delay - codec)} of resampling, buffers and this page, and as the browser tells ${ms(microphone)} of the microphone ` +
      `and ${ms(out)} of the loudspeaker. The page had to wait ${this.waits} ${this.waits === 1 ? "time" : "times"} for audio.`;
  }

  #end(number) {
    const stream = this.#streams.get(number);
    if (!stream) return;
    stream.isWhole = true;
    this.#endIfHeard(stream);
  }

  /** Its last samples come before its end, and are heard after it: the player tells of each hundredth of a second. */
  #endIfHeard(stream) {
    if (!stream.isWhole || stream.place + stream.model.sampleRate / 50 < stream.count) return;
    this.takes.end(stream.take);
    if (stream === this.#current && this.isEnding) this.line.close();
  }

  #close(reason) {
    if (this.#isOver) return;
    this.#release();
    for (const { take } of this.#streams.values()) this.takes.end(take);
    this.ended(reason);
  }

  #release() {
    this.#isOver = true;
    clearInterval(this.timer);
    clearTimeout(this.timeout);
    this.media.getAudioTracks().forEach((track) => track.stop());
    this.line?.close();
    this.context?.close();
  }
}
