// SPDX-License-Identifier: Apache-2.0
// What breaks first: where the errors of each system lie, as a picture and a table.

import { make } from "sotto/dom.js";
import { legend, mark } from "./looks.js";
import { card, interval, number, whole } from "./parts.js";
import { ranges } from "./plot.js";
import { term } from "./glossary.js";

const mostInPicture = 12;

export function breaks({ report, figures, looks }) {
  const found = report.breakdown;
  if (!found || found.groups.length === 0) return null;
  const distance = figures.find(({ key }) => key === "log_mel_distance");
  const systems = report.systems.filter(({ name }) => found.means[name]);
  const shown = found.groups.map((group) => ({ ...group, rows: group.rows.filter((row) => Object.keys(row.errors).length > 0) })).filter(({ rows }) => rows.length > 0);
  const first = systems[0].family;
  const pictures = shown.map(({ kind: title, rows }) => {
    const drawn = rows.slice(0, mostInPicture), means = drawn.flatMap(({ errors }) => Object.values(errors).map(({ mean }) => mean));
    const low = Math.min(...means), high = Math.max(...means), margin = Math.max(0.05, high - low) * 0.06;
    return make("figure", {}, make("figcaption", {}, title, rows.length > drawn.length ? make("span", { className: "hint" }, `the ${drawn.length} worst of ${rows.length}`) : ""), ranges({
      rows: drawn.map(({ name, errors }) => ({
        name,
        values: systems.filter((system) => errors[system.name]).map((system) => ({
          value: errors[system.name].mean, isJoined: system.family === first,
          draw: (x, y) => mark(looks(system.name), x, y, 4.5, `${name}, ${system.name}: ${number(errors[system.name].mean, 3)}`),
        })),
      })),
      reach: [low - margin, high + margin], axis: distance.name, lineColour: looks(systems[0].name).base, name: `${distance.name} by ${title}`,
    }));
  });
  return card("breaks", "What breaks first", [
    make("span", {}, "Errors are the ", term(distance), " of the frames of each kind, at most 40 dB under the recording's loudest. Noise never comes twice the same, so hisses differ at any rate: look at what grows as the rate falls."),
    found.classes === "letters" && "Sounds are told by letters, which stand for several: the transcripts were aligned with the codes. Phone times can be given with --join.",
    !found.classes && "Sounds can be told apart where recordings have transcripts, or phone times are given with --join."],
  ...found.sentences.map((text) => make("p", { className: "found" }, text)), legend(systems, looks), make("div", { className: "plots" }, ...pictures), make("details", { open: true }, make("summary", {}, "All as a table"), heat(shown, systems, found.means)));
}

/** The table; the warmer a cell, the further over its system's own mean. */
function heat(shown, systems, means) {
  const body = shown.flatMap(({ kind: title, rows }) => [
    make("tr", {}, make("th", { scope: "colgroup", className: "kind", colSpan: systems.length + 2 }, title)),
    ...rows.map(({ name, frames, share, errors }) => make("tr", {}, make("th", { scope: "row" }, name),
      make("td", { title: `${whole(frames)} hops of 10 ms` }, share === undefined || share === null ? "" : `${number(100 * share)} %`),
      ...systems.map((system) => {
        const cell = interval(errors[system.name], 3), ratio = (errors[system.name]?.mean ?? 0) / means[system.name].mean;
        if (ratio > 1) {
          cell.className = "warm";
          cell.style.background = `color-mix(in oklab, var(--s1) ${Math.min(30, Math.round(60 * (ratio - 1)))}%, var(--card))`;
        }
        return cell;
      }))),
  ]);
  const head = make("tr", {}, ...["kind", "of the time", ...systems.map(({ name }) => name)].map((text) => make("th", { scope: "col" }, text)));
  const all = make("tr", {}, make("th", { scope: "row" }, "all"), make("td", {}, ""), ...systems.map(({ name }) => interval(means[name], 3)));
  return make("div", { className: "wide flush", tabIndex: 0, role: "group", ariaLabel: "Errors by kind" }, make("table", {}, make("thead", {}, head), make("tbody", {}, all, ...body)));
}
