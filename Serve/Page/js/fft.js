// SPDX-License-Identifier: Apache-2.0

/** Power spectra of windows of a size that is a power of two. */
export class PowerSpectrum {
  constructor(size) {
    this.size = size;
    this.window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / size));
    const bits = Math.log2(size);
    this.order = Uint32Array.from({ length: size }, (_, i) => {
      let reversed = 0;
      for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
      return reversed;
    });
    this.cos = Float32Array.from({ length: size / 2 }, (_, i) => Math.cos(2 * Math.PI * i / size));
    this.sin = Float32Array.from({ length: size / 2 }, (_, i) => -Math.sin(2 * Math.PI * i / size));
    this.re = new Float32Array(size);
    this.im = new Float32Array(size);
    this.power = new Float32Array(size / 2);
  }

  /** Of `size` samples from `at` on, 1 being a sine of full scale; the array is used again by the next call. */
  of(samples, at = 0) {
    const { size, re, im, cos, sin } = this;
    for (let i = 0; i < size; i++) {
      const from = this.order[i];
      re[i] = (samples[at + from] ?? 0) * this.window[from];
      im[i] = 0;
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let i = 0; i < half; i++) {
          const a = start + i, b = a + half, c = cos[i * stride], s = sin[i * stride];
          const x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
          re[b] = re[a] - x; im[b] = im[a] - y;
          re[a] += x; im[a] += y;
        }
      }
    }
    const scale = 16 / (size * size);
    for (let i = 0; i < this.power.length; i++) this.power[i] = (re[i] * re[i] + im[i] * im[i]) * scale;
    return this.power;
  }
}
