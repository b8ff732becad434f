// SPDX-License-Identifier: Apache-2.0
// Figures over each other, and ranges of one.

import { make } from "sotto/dom.js";
import { svg } from "./looks.js";

/** Round numbers from low to high; on a logarithmic axis 1, 2 and 5 of every power of ten, if there are two. */
export function ticks(low, high, isLog = false) {
  if (isLog) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      found.push(...[1, 2, 5].map((m) => m * 10 ** power).filter((value) => value >= low && value <= high));
    }
    if (found.length > 1) return found;
  }
  const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((size) => size >= raw);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

export const short = (value) => (Math.abs(value) >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(3)))).replace("-", "−");

function range(values, isLog) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (isLog) return [low / 1.3, high * 1.3];
  const margin = (high - low || Math.abs(low) || 1) * 0.08;
  return [low - margin, high + margin];
}

/**
 * A plot as an SVG.
 *
 * @param points [{x, y, draw(x, y), label?, labelClass?, line?, lineStyle?}]; those of one `line` are joined in the order of x
 */
export function plot({ points, xTitle, yTitle, isLog = false, isSmall = false, name }) {
  const width = isSmall ? 400 : 540, left = 46, right = width - 12, top = 24, bottom = isSmall ? 222 : 262;
  const [a, b] = range(points.map(({ x }) => x), isLog), [c, d] = range(points.map(({ y }) => y), false);
  const x = (value) => left + (isLog ? Math.log(value / a) / Math.log(b / a) : (value - a) / (b - a)) * (right - left);
  const y = (value) => bottom - (value - c) / (d - c) * (bottom - top);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${bottom + 38}`, role: "img", "aria-label": name ?? `${yTitle} over ${xTitle}` });
  for (const value of ticks(c, d)) {
    picture.append(svg("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick", x: left - 6, y: y(value) + 3.5, "text-anchor": "end" }, short(value)));
  }
  for (const value of ticks(a, b, isLog)) {
    picture.append(svg("line", { class: "grid", x1: x(value), x2: x(value), y1: top, y2: bottom }),
      svg("text", { class: "tick", x: x(value), y: bottom + 15, "text-anchor": "middle" }, short(value)));
  }
  const taken = points.map((point) => [x(point.x) - 6, y(point.y) - 6, x(point.x) + 6, y(point.y) + 6]);
  for (const line of new Set(points.map((point) => point.line).filter(Boolean))) {
    const joined = points.filter((point) => point.line === line).sort((p, q) => p.x - q.x);
    if (joined.length < 2) continue;
    picture.append(svg("polyline", { points: joined.map((p) => `${x(p.x)},${y(p.y)}`).join(" "), ...joined[0].lineStyle }));
    // Labels keep off the line too.
    joined.slice(1).forEach((to, i) => {
      for (let share = 0; share <= 1; share += 0.05) {
        const [left, top] = [x(joined[i].x) * (1 - share) + x(to.x) * share, y(joined[i].y) * (1 - share) + y(to.y) * share];
        taken.push([left - 1, top - 1, left + 1, top + 1]);
      }
    });
  }
  for (const point of points) picture.append(point.draw(x(point.x), y(point.y)));
  for (const point of points.filter(({ label }) => label)) {
    const place = freePlace(x(point.x), y(point.y), point.label.length * 5.9, taken, [left, top - 8, right + 8, bottom]);
    if (place) picture.append(svg("text", { ...place, class: point.labelClass ?? "" }, point.label));
  }
  picture.append(svg("text", { x: 2, y: 12 }, yTitle), svg("text", { class: "axis", x: (left + right) / 2, y: bottom + 32, "text-anchor": "middle" }, xTitle));
  return make("figure", {}, picture);
}

/** Where a label covers nothing; where there is no such place, pointing at the mark has to do. */
function freePlace(x, y, width, taken, [left, top, right, bottom]) {
  for (const [dx, dy, anchor] of [[9, 4, "start"], [-9, 4, "end"], [0, -9, "middle"], [0, 17, "middle"], [8, -7, "start"], [8, 14, "start"], [-8, -7, "end"], [-8, 14, "end"]]) {
    const from = x + dx - { start: 0, middle: width / 2, end: width }[anchor];
    const box = [from, y + dy - 9, from + width, y + dy + 3];
    const isFree = taken.every((other) => other[0] >= box[2] || other[2] <= box[0] || other[1] >= box[3] || other[3] <= box[1]);
    if (isFree && box[0] > left && box[2] < right && box[1] > top && box[3] < bottom) {
      taken.push(box);
      return { x: x + dx, y: y + dy, "text-anchor": anchor };
    }
  }
  return null;
}

/**
 * Rows with marks on one axis.
 *
 * @param rows [{name, values: [{value, draw(x, y), isJoined}]}]; values that are joined share a line
 * @param reach [low, high] of the axis, which several plots can share
 */
export function ranges({ rows, reach, axis, lineColour, name }) {
  const width = 480, left = 168, right = 468, top = 6, step = 22, bottom = top + rows.length * step;
  const x = (value) => left + (value - reach[0]) / (reach[1] - reach[0]) * (right - left);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${bottom + 36}`, role: "img", "aria-label": name });
  for (const value of ticks(...reach)) {
    picture.append(svg("line", { class: "grid", x1: x(value), x2: x(value), y1: top, y2: bottom }),
      svg("text", { class: "tick", x: x(value), y: bottom + 14, "text-anchor": "middle" }, short(value)));
  }
  rows.forEach((row, index) => {
    const y = top + (index + 0.5) * step, joined = row.values.filter(({ isJoined }) => isJoined).map(({ value }) => value);
    picture.append(svg("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, row.name));
    if (joined.length > 1) {
      picture.append(svg("line", { x1: x(Math.min(...joined)), x2: x(Math.max(...joined)), y1: y, y2: y, style: `stroke: ${lineColour}; stroke-width: 3; opacity: .3; stroke-linecap: round` }));
    }
    for (const { value, draw } of row.values) picture.append(draw(x(value), y));
  });
  picture.append(svg("text", { class: "axis", x: (left + right) / 2, y: bottom + 30, "text-anchor": "middle" }, axis));
  return picture;
}
