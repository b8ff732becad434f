// SPDX-License-Identifier: Apache-2.0
// How a system is told from others: a codec has a colour and a shape, its rates are paler the lower they are.

import { make } from "sotto/dom.js";

const space = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const shapes = ["disc", "square", "triangle", "cross"];

/** @returns a function from a system's name to {colour, shape, family} */
export function looksOf(systems) {
  const families = [...new Set(systems.map(({ family }) => family))];
  const rate = ({ figures }) => (figures.told_bit_s ?? figures.payload_bit_s)?.mean ?? 0;
  const looks = new Map(systems.map((system) => {
    const index = families.indexOf(system.family);
    const ordered = systems.filter(({ family }) => family === system.family).sort((a, b) => rate(a) - rate(b));
    const place = ordered.length > 1 ? ordered.indexOf(system) / (ordered.length - 1) : 1;
    const colour = `color-mix(in oklab, var(--s${index % 6}) ${Math.round(45 + 55 * place)}%, var(--card))`;
    return [system.name, { colour, shape: shapes[index % shapes.length], family: system.family, base: `var(--s${index % 6})` }];
  }));
  return (name) => looks.get(name);
}

/** A mark with its size at a place, and what it tells when it is pointed at. */
export function mark({ colour, shape }, x, y, size, title) {
  const style = `fill: ${colour}`;
  const made = {
    disc: () => svg("circle", { cx: x, cy: y, r: size, style }),
    square: () => svg("rect", { x: x - size * 0.9, y: y - size * 0.9, width: size * 1.8, height: size * 1.8, style }),
    triangle: () => svg("path", { d: `M${x} ${y - size * 1.2}L${x + size * 1.1} ${y + size * 0.8}H${x - size * 1.1}Z`, style }),
    cross: () => svg("path", { d: `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`, style: `stroke: ${colour}; stroke-width: 2` }),
  }[shape]();
  if (title) made.append(svg("title", {}, title));
  return made;
}

export function diamond(x, y, size, title) {
  const made = svg("path", { d: `M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z`, class: "published" });
  if (title) made.append(svg("title", {}, title));
  return made;
}

export function legend(systems, looks, ...more) {
  const entry = (picture, text) => make("span", {}, svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, picture), text);
  const entries = systems.map(({ name }) => entry(mark(looks(name), 6, 6, 5), name));
  return make("p", { className: "legend" }, ...entries, ...more.map(([picture, text]) => entry(picture, text)));
}
