// SPDX-License-Identifier: Apache-2.0
// The glossary: what a figure means, where the pointer or the keyboard comes to its name.

import { byId, make } from "sotto/dom.js";

const id = (figure) => `meaning-${figure.key}`;

/** A figure's name, which tells what it means. */
export function term(figure, text = figure.name) {
  const link = make("a", { className: "term", href: `#${id(figure)}` }, text);
  link.setAttribute("aria-describedby", id(figure));
  link.addEventListener("pointerenter", () => show(link, figure));
  link.addEventListener("pointerleave", () => hideSoon());
  link.addEventListener("focus", () => show(link, figure));
  link.addEventListener("blur", () => hide());
  return link;
}

/** All of them, as a list that names link to. */
export function glossary({ figures }) {
  const entries = figures.map((figure) => make("div", { id: id(figure) }, make("dt", {}, figure.name), make("dd", {}, figure.meaning)));
  return make("section", { className: "card", id: "glossary" }, make("h2", {}, "What the figures mean"), make("dl", { className: "meanings" }, ...entries));
}

let leaving, shown = null;

function show(link, { name, meaning }) {
  clearTimeout(leaving);
  const tip = byId("tip");
  tip.replaceChildren(make("b", {}, name), meaning);
  tip.hidden = false;
  // The pointer may go over to it, to read or copy it.
  tip.onpointerenter = () => clearTimeout(leaving);
  tip.onpointerleave = () => hideSoon();
  shown = link;
  place();
}

/** Puts it beside the name, wherever that is now. */
function place() {
  if (!shown) return;
  const tip = byId("tip"), box = shown.getBoundingClientRect();
  tip.style.left = "0";           // where nothing squeezes it
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(document.documentElement.clientWidth - width - 8, box.left));
  const below = box.bottom + 6;
  tip.style.left = `${left}px`;
  tip.style.top = `${below + height < innerHeight ? below : Math.max(8, box.top - height - 6)}px`;
}

function hideSoon() { leaving = setTimeout(hide, 200); }
function hide() {
  byId("tip").hidden = true;
  shown = null;
}

addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });
addEventListener("scroll", place, { passive: true, capture: true });
