// SPDX-License-Identifier: Apache-2.0
// A recording → its versions, one after the other as they are made:
// {id, label, fileName, facts, samples, sampleRate, tokens, frames, bitsPerCode, codebooks, words, match}

import { clock } from "./dom.js";
import { decode, encode, inspect } from "./server.js";
import { readWAV } from "./wav.js";

/** Numbers of codes a frame, all of them first. */
const numbers = (all) => [all, ...[4, 2, 1].filter((number) => number < all)];

const rate = (value) => `${Math.round(value * 10) / 10} bit/s`;

/** @param model what the server tells of it */
export async function* versionsOfRecording({ name, source, original }, model, { average, transcript }) {
  const { codebooks, bitsPerCode, frameRate } = model;
  const length = clock(original.samples.length / original.sampleRate);
  yield {
    id: "original", label: "Original", fileName: "original", ...original,
    facts: `${length} at ${original.sampleRate} Hz. In 16-bit samples that is ${rate(original.sampleRate * 16)}.`,
  };
  for (const codes of numbers(codebooks)) {
    const varies = average && codes > 1 && codes < codebooks;
    const { tokens, match } = await encode(source, name, { model: model.name, codes, average: varies }, transcript);
    const held = await inspect(tokens), label = rate(codes * bitsPerCode * frameRate);
    const version = { tokens, label: varies ? `about ${label}` : label, fileName: label.replace(" bit/s", varies ? "-average" : ""), match, ...shown(held) };
    yield { id: `${codes}`, ...version, ...readWAV(await decode(tokens, { usesText: false })) };
    if (!held.text || codes > 2) continue;
    yield {
      id: `${codes}-text`, ...version, label: `${label} and text`, fileName: `${version.fileName}-text`,
      facts: `${version.facts} The decoder reads the transcript: ${held.textBytes} bytes with its timing.`,
      ...readWAV(await decode(tokens)),
    };
  }
}

/** Tokens from elsewhere: all of their codes, and fewer. */
export async function* versionsOfTokens({ tokens }) {
  const held = await inspect(tokens), all = held.codebooks;
  for (const codes of numbers(all)) {
    const version = shown({ ...held, frames: held.frames.map((frame) => frame?.slice(0, codes)) });
    const label = codes === all ? "All codes" : `First ${codes === 1 ? "code" : `${codes} codes`}`;
    const common = { tokens, fileName: codes === all ? "" : `${codes}`, match: held.match, ...version };
    if (held.text) yield { id: `${codes}-text`, label: `${label} and text`, ...common, ...readWAV(await decode(tokens, { codes })) };
    yield { id: `${codes}`, label, ...common, ...readWAV(await decode(tokens, { codes, usesText: false })) };
  }
}

/** What is shown of a token file. */
function shown(held) {
  const lost = held.frames.filter((frame) => !frame).length;
  const parts = [
    `${clock(held.seconds)} in ${held.frames.length} frames of ${held.model ?? `the model ${held.identity}`}`,
    `${rate(held.codeBits / Math.max(held.seconds, 0.01))} of codes`, `${held.fileBytes} bytes in all`,
    ...(lost ? [`${lost} frames lost`] : []), ...held.warnings.slice(0, 3),
  ];
  return {
    facts: `${parts.join(", ")}.`, frames: held.frames.map((codes) => ({ codes, lost: !codes })),
    bitsPerCode: held.bitsPerCode, codebooks: held.codebooks, words: held.words,
  };
}
