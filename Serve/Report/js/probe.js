// SPDX-License-Identifier: Apache-2.0
// What small models make of the tokens.

import { card, heading, interval, number, table, whole } from "./parts.js";

export function probe({ report, figures }) {
  const found = report.probe;
  if (!found) return null;
  const share = (figure) => figure && { mean: 100 * figure.mean, low: 100 * figure.low, high: 100 * figure.high };
  const named = new Map(figures.map((figure) => [figure.key, figure]));
  const heads = ["probe_sounds", "probe_speaker", "probe_pitch", "probe_model_bits", "probe_written_bits"].map((key) => heading(named.get(key)));
  return card("probe", "What the tokens are worth to a model", [
    `Linear probes tell ${found.sound}, speaker and pitch from the codes; a small language model predicts them. All are tested on clips that they haven't learnt; ${found.sound} and pitch on other speakers. ${whole(found.clips)} clips of ${whole(found.speakers)} speakers, intervals over speakers.`,
    "Latents that aren't quantised are the upper line, shuffled labels the lower one."],
  table(["system", "frames/s", ...heads], found.rows.map((row) =>
    [row.system, number(row.frameRate, 2), interval(share(row.sounds), 1), interval(share(row.speaker), 1), interval(row.pitchCents, 0), interval(row.modelBits, 2), interval(row.writtenBits, 1)])));
}
