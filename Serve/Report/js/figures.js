// SPDX-License-Identifier: Apache-2.0
// The figures of all systems, and how they differ from the first one's.

import { card, heading, interval, table } from "./parts.js";
import { make } from "sotto/dom.js";

const groups = [
  ["Understood", ["payload_bit_s", "told_bit_s", "stoi", "estoi"]],
  ["Spectrum", ["log_mel_distance", "lsd_db", "mcd_db", "si_sdr_db"]],
  ["Pitch and level", ["f0_rmse_cents", "f0_gross_share", "voicing_error_share", "level_db"]],
  ["Bits", ["payload_bit_s", "file_bit_s", "text_bit_s"]],
];
const judgesAtOnce = 5;

/** The groups that have figures, and those of other judges, as [title, figures]. */
function groupsOf({ report, figures }, systems) {
  const named = new Map(figures.map((figure) => [figure.key, figure]));
  const isThere = (key) => named.has(key) && systems.some((system) => system.figures[key]);
  const judged = (report.joined ?? []).filter(isThere), parts = [];
  for (let at = 0; at < judged.length; at += judgesAtOnce) parts.push(["Other judges", judged.slice(at, at + judgesAtOnce)]);
  return [groups[0], ...parts, ...groups.slice(1)].map(([title, keys]) => [title, keys.filter(isThere).map((key) => named.get(key))]).filter(([, found]) => found.length > 0);
}

/** Which system's mean is best, nil if none is meant to be. */
function best(figure, systems) {
  // The fewest bits are no merit of their own.
  if (!figure.better || figure.key.endsWith("bit_s")) return undefined;
  const means = systems.filter(({ figures }) => figures[figure.key]).map(({ name, figures }) => [figures[figure.key].mean, name]);
  if (means.length < 2) return undefined;
  means.sort(([a], [b]) => (figure.better === "more" ? b - a : a - b));
  return means[0][1];
}

function tables(data, systems, field) {
  const grid = make("div", { className: "two" });
  for (const [title, shown] of groupsOf(data, systems)) {
    const winners = shown.map((figure) => (field === "figures" ? best(figure, systems) : undefined));
    grid.append(table([title, ...shown.map(heading)], systems.map((system) =>
      [system.name, ...shown.map((figure, i) => interval(system[field][figure.key], figure.digits, winners[i] === system.name))]), undefined));
  }
  return grid;
}

export function figures(data) {
  const { systems, clips, compared } = data.report;
  const some = compared.length < clips.length && `On the ${compared.length} of ${clips.length} recordings that all systems have.`;
  return card("figures", "Figures", ["Means with 95 % intervals (bootstrap over recordings). ↑ more is better, ↓ less is. Point at a name to read what it means.", some], tables(data, systems, "figures"));
}

export function differences(data) {
  const [first, ...others] = data.report.systems, differing = others.filter((system) => Object.keys(system.differences).length > 0);
  if (differing.length === 0) return null;
  return card("differences", `Beside ${first.name}`, [`Each system less ${first.name}, clip by clip. Where an interval holds 0, the two can't be told apart.`], tables(data, differing, "differences"));
}
