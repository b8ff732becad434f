// SPDX-License-Identifier: Apache-2.0
// Groups of recordings, changed recordings, and what it all costs.

import { card, interval, number, table, whole } from "./parts.js";
import { term } from "./glossary.js";

export function groups({ report, figures }) {
  const stoi = figures.find(({ key }) => key === "stoi");
  const tables = [["byPart", "part"], ["bySpeaker", "speaker"]].flatMap(([key, title]) => {
    const names = [...new Set(report.systems.flatMap((system) => Object.keys(system[key])))].sort();
    if (names.length < 2) return [];
    // Speakers can be many: they go down, systems across.
    return [table([title, ...report.systems.map(({ name }) => name)], names.map((name) =>
      [name, ...report.systems.map((system) => interval(system[key][name]?.stoi, stoi.digits))]), `STOI by ${title}`)];
  });
  return tables.length > 0 ? card("groups", "Parts and speakers", [], ...tables) : null;
}

export function robustness({ report, figures }) {
  if (!report.robustness) return null;
  return card("robustness", "The same codes of changed recordings", ["Share of the frames with speech, in percent, whose codes are those of the recording itself."],
    table(["change", ...["same_one", "same_first", "same_all"].map((key) => term(figures.find((figure) => figure.key === key))), "frames"], report.robustness.map(({ change, sameWithOne, sameFirst, sameAll, frames }) =>
      [change, ...[sameWithOne, sameFirst, sameAll].map((share) => number(100 * share, 1)), whole(frames)])));
}

export function cost({ report, figures }) {
  const named = new Map(figures.map((figure) => [figure.key, figure]));
  return card("cost", "Cost", ["Times of commands hold the start of their processes; memory is that of whole processes."],
    table(["system", ...["encode_rtf", "decode_rtf", "frame_ms", "frame_ms_99", "peak_memory"].map((key) => term(named.get(key)))], report.systems.map((system) =>
      [system.name, number(system.medianEncodeRtf, 4), number(system.medianDecodeRtf, 4), number(system.frameMillisecondsP50, 2), number(system.frameMillisecondsP99, 2),
        number(system.peakMemory && system.peakMemory / 1e6, 1)])));
}
