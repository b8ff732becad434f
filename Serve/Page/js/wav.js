// SPDX-License-Identifier: Apache-2.0
// WAV files of one channel: 16-bit and floating-point samples read, floating-point ones written.

export function writeWAV(samples, sampleRate) {
  const bytes = new ArrayBuffer(44 + samples.length * 4);
  const view = new DataView(bytes);
  const text = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 4, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 3, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 32, true);
  text(36, "data");
  view.setUint32(40, samples.length * 4, true);
  for (let i = 0; i < samples.length; i++) view.setFloat32(44 + i * 4, samples[i], true);
  return bytes;
}

/** @returns {samples, sampleRate} */
export function readWAV(bytes) {
  const view = new DataView(bytes);
  let format, at = 12;
  while (at + 8 <= view.byteLength) {
    const name = String.fromCharCode(...new Uint8Array(bytes, at, 4));
    const size = view.getUint32(at + 4, true);
    if (name === "fmt ") {
      format = { code: view.getUint16(at + 8, true), sampleRate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) };
    } else if (name === "data" && format) {
      const isFloat = format.bits === 32;
      const count = Math.floor(Math.min(size, view.byteLength - at - 8) / (format.bits / 8));
      const samples = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        samples[i] = isFloat ? view.getFloat32(at + 8 + i * 4, true) : view.getInt16(at + 8 + i * 2, true) / 32768;
      }
      return { samples, sampleRate: format.sampleRate };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error("the server's answer is no WAV");
}

/** Blocks of samples → one. */
export function joined(blocks) {
  const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return samples;
}
