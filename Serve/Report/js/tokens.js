// SPDX-License-Identifier: Apache-2.0
// How the codes of the system with most codebooks are used.

import { make } from "sotto/dom.js";
import { svg } from "./looks.js";
import { card, heading, number, table, whole } from "./parts.js";

export function tokens({ report, figures }) {
  const [system] = report.systems.filter((one) => one.tokens).sort((a, b) => b.tokens.codebooks.length - a.tokens.codebooks.length);
  if (!system) return null;
  const t = system.tokens, isEnough = t.frames >= t.framesForUse, isEnoughForOrder = t.frames >= t.framesForOrder;
  const duration = (frames) => {
    const seconds = frames / t.frameRate;
    return seconds < 5400 ? `${whole(Math.ceil(seconds / 60))} min` : `${whole(Math.ceil(seconds / 3600))} h`;
  };
  // What so few frames can't tell would only alarm: it is said that it can't, and left out.
  const columns = [
    ["used", isEnough, ({ shareUsed }) => `${number(shareUsed * 100, 1)} %`],
    ["never_used", isEnough, ({ deadCodes }) => whole(deadCodes)],
    ["perplexity", isEnough, ({ perplexity }) => number(perplexity)],
    ["zipf", isEnough, ({ zipfSlope }) => number(zipfSlope, 2)],
    ["entropy", isEnough, ({ entropy0 }) => number(entropy0, 2)],
    ["entropy_order", isEnoughForOrder, ({ entropy1 }) => number(entropy1, 2)],
    ["entropy_shuffled", isEnoughForOrder, ({ shuffledEntropy1 }) => number(shuffledEntropy1, 2)],
    ["information_frames", isEnoughForOrder, (_, i) => number(t.informationBetweenFrames[i], 2)],
    ["information_codebooks", isEnoughForOrder, (_, i) => number(t.informationBetweenCodebooks[i], 2)],
    ["run", true, ({ meanRun }) => number(meanRun, 2)],
    ["longest_run", true, ({ longestRun }) => `${longestRun}`],
  ].map(([key, isTold, text]) => ({ figure: figures.find((figure) => figure.key === key), isTold, text }));
  const told = columns.filter(({ isTold }) => isTold), missing = (frames) => columns.filter(({ figure, isTold }) => !isTold && forOrder.includes(figure.key) === (frames === t.framesForOrder)).map(({ figure }) => figure.name).join(", ");
  const needs = [[isEnough, t.framesForUse], [isEnoughForOrder, t.framesForOrder]].filter(([isThere]) => !isThere)
    .map(([, frames]) => `${missing(frames)}: ${whole(frames)} frames, ${duration(frames)} of speech`);
  const rate = isEnough ? ` An ideal entropy coder would need ${whole(t.idealBitRate)} bit/s` +
    (isEnoughForOrder ? ` at order 0 and ${whole(t.idealBitRate1)} at order 1, where it would need ${whole(t.shuffledIdealBitRate1)} of shuffled codes.` : " at order 0.") : "";
  return card("tokens", `Tokens of ${system.name}`, [
    `${whole(t.frames)} frames, ${number(t.tokensPerSecond, 1)} tokens a second, ${whole(t.nominalBitRate)} bit/s if each takes all of its bits.${rate}`,
    needs.length > 0 && `What more frames would tell. ${needs.join("; ")}.`,
  ],
  table(["codebook", ...told.map(({ figure }) => heading(figure))], t.codebooks.map((book, i) => [`${i + 1}`, ...told.map(({ text }) => text(book, i))])),
  ...(isEnough ? [make("h3", {}, "How often each code is used, most frequent first"), make("div", { className: "counts" }, ...t.codebooks.map(histogram))] : []), ...raster(report, system));
}

const forOrder = ["entropy_order", "entropy_shuffled", "information_frames", "information_codebooks"];

function histogram({ counts }, index) {
  const sorted = [...counts].sort((a, b) => b - a), most = sorted[0] || 1, width = 300 / sorted.length;
  const line = sorted.map((count, i) => `L${(i * width).toFixed(1)} ${(80 - 76 * count / most).toFixed(1)}`).join("");
  const picture = svg("svg", { viewBox: "0 0 300 80", preserveAspectRatio: "none", role: "img", "aria-label": `Use of codebook ${index + 1}` },
    svg("path", { d: `M0 80${line}L300 80Z`, style: "fill: var(--s0)" }), svg("line", { class: "grid", x1: 0, x2: 300, y1: 79.5, y2: 79.5 }));
  return make("figure", {}, picture, make("figcaption", {}, `Codebook ${index + 1}: the first ${whole(most)} times`));
}

/** The first codes of the first recording. */
function raster(report, system) {
  const first = report.clips.find(({ systems }) => systems[system.name]?.codes?.length), codes = first?.systems[system.name].codes;
  if (!codes) return [];
  const rows = Math.max(...codes.map((frame) => frame.length));
  const canvas = make("canvas", { className: "raster", width: codes.length, height: rows });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Codes of ${first.clip.id}`);
  const context = canvas.getContext("2d");
  codes.forEach((frame, x) => frame.forEach((code, y) => {
    context.fillStyle = `hsl(${code * 137.5 % 360} 45% ${35 + code % 40}%)`;
    context.fillRect(x, y, 1, 1);
  }));
  return [make("h3", {}, "Codes in time"), make("figure", {}, canvas, make("figcaption", { className: "hint" }, `${first.clip.id}, ${number(codes.length / system.tokens.frameRate, 1)} s: a column a frame, a row a codebook, a colour a code`))];
}
