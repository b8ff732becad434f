// SPDX-License-Identifier: Apache-2.0
// What was found, in words.

import { byId, make } from "sotto/dom.js";
import { number, whole } from "./parts.js";

export function headline({ report }) {
  const { model, modelBytes, algorithmicDelayMs, machine, clips } = report;
  const seconds = clips.reduce((sum, clip) => sum + clip.seconds, 0);
  byId("facts").textContent = `${clips.length} ${clips.length === 1 ? "recording" : "recordings"}, ${whole(seconds)} s. Model ${model}, ` +
    `${number(modelBytes / 1e6, 1)} MB, ${whole(algorithmicDelayMs)} ms of delay. ${machine.processor}, ${machine.instructions}, ` +
    `${machine.workers === 1 ? "1 clip" : `${machine.workers} clips`} at a time.`;
  const { sentences, notes } = report.headline ?? { sentences: [], notes: [] };
  if (sentences.length === 0) return null;
  const [first, ...more] = sentences;
  return make("section", { className: "card headline", id: "headline" }, make("h2", {}, first), make("ul", {}, ...more.map((text) => make("li", {}, text))),
    ...notes.map((text) => make("p", { className: "fine" }, text)));
}
