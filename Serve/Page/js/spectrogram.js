// SPDX-License-Identifier: Apache-2.0
// Pictures of speech: time from left to right, 0 to 8 kHz from the bottom up, louder is stronger.

import { PowerSpectrum } from "./fft.js";

const rows = 128, highest = 8000;
const quietest = -90, loudest = -30;    // dB
export const columnsPerSecond = 100;

/** The theme's colours from quiet to loud, [red, green, blue] of 256 levels; read anew when the theme changes. */
let ramp;
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => { ramp = undefined; });

function colours() {
  if (ramp) return ramp;
  const style = getComputedStyle(document.documentElement);
  const stops = ["--wash", "--accent", "--ink"].map((name) => {
    const [hex] = style.getPropertyValue(name).trim().match(/[0-9a-f]+$/i);
    const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
    return [0, 2, 4].map((i) => parseInt(wide.slice(i, i + 2), 16));
  });
  ramp = Array.from({ length: 256 }, (_, level) => {
    const place = level / 255 * 2, from = Math.min(1, Math.floor(place));
    return stops[from].map((value, i) => value + (stops[from + 1][i] - value) * (place - from));
  });
  return ramp;
}

const windowSize = (sampleRate) => 2 ** Math.round(Math.log2(sampleRate * 0.024));

/** A spectrum as a column of pixels. */
function draw(power, sampleRate, image, column) {
  const table = colours(), binWidth = sampleRate / 2 / power.length;
  for (let row = 0; row < rows; row++) {
    const low = (rows - 1 - row) / rows * highest / binWidth, high = low + highest / rows / binWidth;
    let most = 0;
    for (let bin = Math.floor(low); bin <= Math.floor(high) && bin < power.length; bin++) most = Math.max(most, power[bin]);
    const level = Math.round(255 * (10 * Math.log10(most + 1e-12) - quietest) / (loudest - quietest));
    const colour = table[Math.min(255, Math.max(0, level))], at = (row * image.width + column) * 4;
    image.data.set(colour, at);
    image.data[at + 3] = 255;
  }
}

/** One that grows on its right as samples come. */
export class RollingSpectrogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.pending = [];
    canvas.height = rows;
    this.clear();
    new ResizeObserver(() => this.#resize()).observe(canvas);
    dark.addEventListener("change", () => this.clear());
  }

  begin(sampleRate) {
    this.sampleRate = sampleRate;
    this.spectrum = new PowerSpectrum(windowSize(sampleRate));
    this.samples = new Float32Array(this.spectrum.size);
    this.pending = [];
    this.clear();
  }

  /** What is on the right stays there. */
  #resize() {
    const { canvas, context } = this, width = Math.round(canvas.clientWidth);
    if (width === 0 || width === canvas.width) return;
    const kept = context.getImageData(0, 0, canvas.width, rows);
    canvas.width = width;
    this.clear();
    context.putImageData(kept, width - kept.width, 0);
  }

  clear() {
    const { canvas, context } = this;
    const [red, green, blue] = colours()[0];
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    context.fillRect(0, 0, canvas.width, rows);
  }

  /** Takes the samples of a hundredth of a second. */
  push(block) {
    this.samples.copyWithin(0, block.length);
    this.samples.set(block, this.samples.length - block.length);
    this.pending.push(this.spectrum.of(this.samples).slice());
    if (this.pending.length > 400) this.pending.shift();     // nobody is looking
  }

  /** Draws what has come since the last time. */
  show() {
    const { canvas, context } = this, count = Math.min(this.pending.length, canvas.width);
    if (count === 0) return;
    context.drawImage(canvas, -count, 0);
    const image = context.createImageData(count, rows);
    this.pending.slice(-count).forEach((power, column) => draw(power, this.sampleRate, image, column));
    context.putImageData(image, canvas.width - count, 0);
    this.pending = [];
  }
}

/** A whole recording. */
export function drawSpectrogram(canvas, samples, sampleRate) {
  const width = Math.max(1, Math.round(canvas.clientWidth)), spectrum = new PowerSpectrum(windowSize(sampleRate));
  canvas.width = width;
  canvas.height = rows;
  const context = canvas.getContext("2d", { alpha: false }), image = context.createImageData(width, rows);
  for (let column = 0; column < width; column++) {
    const centre = Math.round((column + 0.5) / width * samples.length);
    draw(spectrum.of(samples, centre - spectrum.size / 2), sampleRate, image, column);
  }
  context.putImageData(image, 0, 0);
}

/** Calls `redraw` when sizes or colours have changed. */
export function whenLooksChange(element, redraw) {
  new ResizeObserver(redraw).observe(element);
  dark.addEventListener("change", () => requestAnimationFrame(redraw));
}
