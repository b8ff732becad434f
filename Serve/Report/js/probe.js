// SPDX-License-Identifier: Apache-2.0
// What small models make of the tokens.

import { card, interval, number, table, whole } from "./parts.js";

export function probe({ report }) {
  const found = report.probe;
  if (!found) return null;
  const share = (figure) => figure && { mean: 100 * figure.mean, low: 100 * figure.low, high: 100 * figure.high };
  return card("probe", "What the tokens are worth to a model", [
    `Linear probes tell ${found.sound}, speaker and pitch from the vectors that the codes of a frame stand for and those within 160 ms; a small language model, a mixture of n-grams, predicts the codes. All are tested on clips that they haven't learnt; ${found.sound} and pitch on other speakers. ${whole(found.clips)} clips of ${whole(found.speakers)} speakers, intervals over clips.`,
    "Latents that aren't quantised are the upper line, shuffled labels the lower one."],
  table(["system", "frames/s", `${found.sound} right, % ↑`, "speaker right, % ↑", "pitch error, cents ↓", "bits a frame, by the model ↓", "as written"], found.rows.map((row) =>
    [row.system, number(row.frameRate, 2), interval(share(row.sounds), 1), interval(share(row.speaker), 1), interval(row.pitchCents, 0), interval(row.modelBits, 2), interval(row.writtenBits, 1)])));
}
