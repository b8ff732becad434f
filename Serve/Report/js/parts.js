// SPDX-License-Identifier: Apache-2.0
// What all sections are made of: cards, tables and numbers.

import { make } from "sotto/dom.js";
import { term } from "./glossary.js";

/** @param notes lines below the heading; some may be missing */
export function card(id, title, notes, ...children) {
  const fine = notes.filter(Boolean).map((note) => make("p", { className: "fine" }, note));
  return make("section", { className: "card", id }, make("div", { className: "title" }, make("h2", {}, title), ...fine), ...children);
}

/** Digits with a minus sign; nothing is "–", and 0 has no sign. */
export function number(value, digits = 0) {
  if (value === undefined || value === null) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

export const whole = (value) => value.toLocaleString("en", { maximumFractionDigits: 0 });

/** A mean and its interval, as a cell. */
export function interval(figure, digits, isBest = false) {
  if (!figure) return make("td", { className: "none" }, "–");
  return make("td", { className: isBest ? "best" : "" }, number(figure.mean, digits),
    make("small", {}, `${number(figure.low, digits)} … ${number(figure.high, digits)}`));
}

export const cell = (...content) => make("td", {}, ...content);

/**
 * @param heads of the columns: text or elements
 * @param rows arrays of the row's name and of its cells, which are `td`s or text
 */
export function table(heads, rows, caption) {
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name),
    ...cells.map((content) => (content instanceof HTMLTableCellElement ? content : cell(`${content}`)))));
  const made = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  if (caption) made.prepend(make("caption", {}, caption));
  // Where a screen is too narrow, the table can be pushed aside, with keys too.
  return make("div", { className: "wide flush", tabIndex: 0, role: "group", ariaLabel: caption ?? "Table" }, made);
}

/** A figure's name as a column's heading, with the way that is better. */
export function heading(figure) {
  return make("span", {}, term(figure), { more: " ↑", less: " ↓" }[figure.better] ?? "");
}
