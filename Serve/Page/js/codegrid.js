// SPDX-License-Identifier: Apache-2.0
// <code-grid rows="8" reports="ID" label="…">: codes as cells, a column a frame and a row a codebook, the coarsest on top. The
// stronger a cell, the greater its number. Pointing at one, or the arrow keys, tell of it in the element that `reports` names.

import { make } from "./dom.js";
import { whenLooksChange } from "./spectrogram.js";

const rowHeight = 15, gap = 1;

customElements.define("code-grid", class extends HTMLElement {
  /** [{codes, lost}]: no codes in a pause or where they are lost for good. */
  frames = [];
  first = 0;                       // the number of frames[0]
  #bits = 10;
  #width = 8;                      // of a cell
  #follows = true;                 // whether the last frame is on the right
  #cursor = null;                  // {frame, row}
  #stale = false;

  connectedCallback() {
    if (this.canvas) return;
    this.rows = Number(this.getAttribute("rows"));
    this.canvas = make("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.getAttribute("label"));
    this.append(this.canvas);
    this.report = document.getElementById(this.getAttribute("reports"));
    this.hint = this.report.textContent;
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.#point(event));
    this.canvas.addEventListener("pointerleave", () => this.#move(null));
    this.canvas.addEventListener("blur", () => this.#move(null));
    this.canvas.addEventListener("keydown", (event) => this.#press(event));
    whenLooksChange(this, () => this.draw());
  }

  /** Begins to grow by frames of so many seconds. */
  follow({ frameSeconds, bits, rows = this.rows }) {
    [this.frames, this.first, this.#follows, this.#bits, this.rows] = [[], 0, true, bits, rows];
    this.#width = Math.round(frameSeconds * 100);
    this.draw();
  }

  grow(frames) {
    this.frames.push(...frames);
    const most = 2000;
    if (this.frames.length > most) {
      this.first += this.frames.length - most;
      this.frames = this.frames.slice(-most);
    }
    if (this.#stale) return;
    this.#stale = true;
    requestAnimationFrame(() => this.draw());
  }

  /** Shows all of a recording. */
  show(frames, { bits, rows }) {
    [this.frames, this.first, this.#follows, this.#bits, this.rows] = [frames, 0, false, bits, rows];
    this.#cursor = null;
    this.draw();
  }

  get #offset() {
    return this.#follows ? this.clientWidth - this.frames.length * this.#width : 0;
  }

  draw() {
    this.#stale = false;
    const { canvas, frames } = this, available = this.clientWidth;
    if (available === 0) return;
    if (!this.#follows) this.#width = Math.max(4, Math.min(24, available / Math.max(1, frames.length)));
    const width = this.#follows ? available : Math.max(available, Math.ceil(frames.length * this.#width));
    const height = this.rows * rowHeight, scale = width > 8000 ? 1 : devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d"), style = getComputedStyle(this);
    const [accent, warm, edge, ink] = ["--accent", "--warm", "--edge", "--ink"].map((name) => style.getPropertyValue(name));
    context.scale(scale, scale);
    const first = Math.max(0, Math.floor(-this.#offset / this.#width));
    for (let i = first; i < frames.length; i++) this.#drawFrame(context, frames[i], this.#offset + i * this.#width, { accent, warm, edge });
    if (this.#cursor) {
      context.globalAlpha = 1;
      context.strokeStyle = ink;
      context.lineWidth = 2;
      const x = this.#offset + (this.#cursor.frame - this.first) * this.#width;
      context.strokeRect(x, this.#cursor.row * rowHeight, this.#width, rowHeight - gap);
    }
  }

  #drawFrame(context, frame, x, { accent, warm, edge }) {
    const width = Math.max(1, this.#width - gap), most = 2 ** this.#bits - 1;
    context.fillStyle = frame.lost ? warm : frame.codes ? accent : edge;
    if (!frame.codes) {
      context.globalAlpha = frame.lost ? 1 : 0.6;
      context.fillRect(x + width / 2 - 1, rowHeight / 2 - 1, 2, 2);
      return;
    }
    frame.codes.forEach((code, row) => {
      context.globalAlpha = 0.12 + 0.88 * code / most;
      context.fillRect(x, row * rowHeight, width, rowHeight - gap);
    });
  }

  #point(event) {
    const column = Math.floor((event.offsetX - this.#offset) / this.#width);
    const inside = column >= 0 && column < this.frames.length;
    this.#move(inside ? { frame: this.first + column, row: Math.min(this.rows - 1, Math.max(0, Math.floor(event.offsetY / rowHeight))) } : null);
  }

  #press(event) {
    const [columns, rows] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (columns === undefined || this.frames.length === 0) return;
    event.preventDefault();
    const last = this.first + this.frames.length - 1, from = this.#cursor ?? { frame: last + 1, row: 0 };
    this.#move({
      frame: Math.min(last, Math.max(this.first, from.frame + columns)),
      row: Math.min(this.rows - 1, Math.max(0, from.row + rows)),
    });
  }

  #move(cursor) {
    this.#cursor = cursor;
    this.report.textContent = cursor ? this.#describe(cursor) : this.hint;
    this.draw();
  }

  #describe({ frame, row }) {
    const { codes, lost } = this.frames[frame - this.first] ?? {};
    const fate = lost ? ", lost on the line" : "";
    if (!codes) return `Frame ${frame}: ${lost ? "lost" : "a pause"}`;
    if (row >= codes.length) return `Frame ${frame}: no code of codebook ${row + 1}${fate}`;
    return `Frame ${frame}, codebook ${row + 1}: code ${codes[row]}, bits ${codes[row].toString(2).padStart(this.#bits, "0")}${fate}`;
  }
});
