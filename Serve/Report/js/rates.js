// SPDX-License-Identifier: Apache-2.0
// Quality over bitrate, with what others have published of theirs; and clip by clip.

import { make } from "sotto/dom.js";
import { diamond, legend, mark } from "./looks.js";
import { card, number, whole } from "./parts.js";
import { plot } from "./plot.js";

const shown = ["stoi", "estoi", "log_mel_distance", "mcd_db"];
const arrow = { more: " ↑", less: " ↓" };

export function rates(data) {
  const { report, figures, published, looks } = data, { systems } = report, keys = [...shown, ...(report.joined ?? [])];
  const peers = [];
  const plots = figures.filter(({ key }) => keys.includes(key)).flatMap((figure) => {
    const measured = systems.flatMap(({ name, family, figures: found }) => {
      const rate = found.told_bit_s ?? found.payload_bit_s, value = found[figure.key];
      if (!rate || !value) return [];
      const title = `${name}: ${number(value.mean, figure.digits)} (${number(value.low, figure.digits)} … ${number(value.high, figure.digits)}) at ${whole(rate.mean)} bit/s`;
      return [{ x: rate.mean, y: value.mean, label: name, line: family, lineStyle: { class: "line", style: `stroke: ${looks(name).base}` }, draw: (x, y) => mark(looks(name), x, y, 4.5, title) }];
    });
    if (measured.length === 0) return [];
    const others = published.filter(({ figures: known }) => known[figure.key] !== undefined);
    peers.push(...others);
    return [plot({
      points: [...measured, ...others.map(({ name, bitsPerSecond, figures: known, source }) => ({
        x: bitsPerSecond, y: known[figure.key], label: name, labelClass: "published-label", line: `published ${name}`, lineStyle: { class: "published-line" },
        draw: (x, y) => diamond(x, y, 5.5, `${name}, published: ${known[figure.key]} at ${bitsPerSecond} bit/s. ${source}`),
      }))],
      xTitle: "bit/s of the codes, and of the text if it is given", yTitle: `${figure.name}${arrow[figure.better] ?? ""}`, isLog: true,
    })];
  });
  if (plots.length === 0) return null;
  const names = [...new Set(peers.map(({ name }) => name))];
  const note = names.length > 0 && `Hollow diamonds are what is published of ${names.join(" and ")}, measured by others on other recordings: a hint where they lie, no comparison.`;
  return card("rates", "Rate and quality", [note], legend(systems, looks, ...(names.length > 0 ? [[diamond(6, 6, 5.5), "published, on other recordings"]] : [])),
    make("div", { className: "plots" }, ...plots));
}

export function scatter({ report, figures, looks }) {
  const named = new Map(figures.map((figure) => [figure.key, figure]));
  const plots = [["log_mel_distance", "stoi"], ["mcd_db", "estoi"], ["f0_rmse_cents", "voicing_error_share"]].flatMap(([across, up]) => {
    const points = report.clips.flatMap(({ clip, systems }) => Object.entries(systems).flatMap(([name, { figures: found }]) => {
      const [x, y] = [found[across], found[up]];
      if (x === undefined || y === undefined || !looks(name)) return [];
      return [{ x, y, draw: (left, top) => mark(looks(name), left, top, 3.2, `${clip.id}, ${name}`) }];
    }));
    if (points.length === 0) return [];
    return [plot({ points, xTitle: `${named.get(across).name}${arrow[named.get(across).better]}`, yTitle: `${named.get(up).name}${arrow[named.get(up).better]}`, isSmall: true })];
  });
  if (plots.length === 0) return null;
  return card("clips", "Clip by clip", ["Each mark is a recording by one system."], legend(report.systems, looks), make("div", { className: "plots small" }, ...plots));
}
