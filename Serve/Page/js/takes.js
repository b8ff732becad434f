// SPDX-License-Identifier: Apache-2.0
// What was said with each setting, kept in the page until it is closed.

import { byId, clock, download, make, say } from "./dom.js";
import { encode } from "./server.js";
import { joined, writeWAV } from "./wav.js";

const longest = 300;                // seconds of a take, as of any recording on this page
const together = 900;               // of all takes; the oldest go first

export class Takes {
  #takes = [];
  #count = 0;

  /** @param open called with a name and a WAV, to look at it among the recordings */
  constructor(open) { this.open = open; }

  /** @param settings {model, codes, average}; @param label what the take is to be called */
  begin(settings, label, sampleRate) {
    const take = { settings, label, sampleRate, said: [], heard: [], number: 0, seconds: 0, saidCount: 0 };
    return take;
  }

  /** Samples from the microphone. */
  said(take, samples) { if (this.#hasRoom(take)) { take.said.push(samples); take.saidCount += samples.length; } }

  /** Samples as they were played. */
  heard(take, samples) { if (take.heard.length * samples.length < longest * take.sampleRate) take.heard.push(samples); }

  #hasRoom(take) { return take.saidCount < longest * take.sampleRate; }

  /** Lists it, unless there is next to nothing in it. */
  end(take) {
    take.seconds = take.saidCount / take.sampleRate;
    if (take.seconds < 0.5 || take.number) return;
    take.number = ++this.#count;
    this.#takes.push(take);
    while (this.#takes.length > 1 && this.#takes.reduce((sum, t) => sum + t.seconds, 0) > together) this.#takes.shift().item.remove();
    byId("no-takes").hidden = true;
    take.item = this.#item(take);
    byId("takes").prepend(take.item);
  }

  #item(take) {
    const name = `take-${take.number}`, status = make("span", { role: "status", className: "hint" });
    const button = (text, action) => make("button", {
      type: "button", ariaLabel: `${text}, take ${take.number}`,
      onclick: async () => {
        try {
          say(status, "");
          await action();
        } catch (error) {
          say(status, error.message, true);
        }
      },
    }, text);
    const said = () => writeWAV(joined(take.said), take.sampleRate);
    return make("li", {},
      make("span", {}, `Take ${take.number}: ${take.label}, ${clock(take.seconds)}`),
      make("div", {},
        button("Tokens (.sotto)", async () => download((await encode(new Blob([said()]), name, take.settings)).tokens, `${name}.sotto`, "application/octet-stream")),
        button("Voice (wav)", () => download(writeWAV(joined(take.heard), take.sampleRate), `${name}-voice.wav`, "audio/wav")),
        button("Original (wav)", () => download(said(), `${name}-original.wav`, "audio/wav")),
        button("Compare", () => this.open(`Take ${take.number}`, said())),
        status));
  }
}
