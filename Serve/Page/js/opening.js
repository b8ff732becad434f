// SPDX-License-Identifier: Apache-2.0
// A file of any kind → what the page works with.

import { read } from "./server.js";
import { joined, readWAV, writeWAV } from "./wav.js";

const magic = "Sotto\r\n\x1a";
const longest = 300;                // seconds

/**
 * @returns {name, source, original, tokens, notes}: the file that is coded, its samples and their rate; or tokens, of which
 *   there is no original
 */
export async function opened(file, tell) {
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, magic.length).arrayBuffer()));
  if (start === magic) return { name: file.name, tokens: await file.arrayBuffer(), original: null, notes: [] };
  try {
    const { wav, notes } = await read(file, file.name);
    return { name: file.name, source: file, original: readWAV(wav), notes };
  } catch (refusal) {
    // Formats that only browsers read, as m4a and webm.
    tell("Having the browser read it …");
    const original = await decodedByBrowser(file).catch((error) => { throw error instanceof RangeError ? error : refusal; });
    return { name: file.name, source: new Blob([writeWAV(original.samples, original.sampleRate)]), original, notes: [] };
  }
}

async function decodedByBrowser(file) {
  const sampleRate = 48_000;
  const audio = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(await file.arrayBuffer());
  if (audio.duration > longest) throw new RangeError(`it is longer than ${longest / 60} minutes, which is more than this page takes; use sotto encode`);
  const channels = Array.from({ length: audio.numberOfChannels }, (_, channel) => audio.getChannelData(channel));
  const samples = joined([channels[0]]);
  for (let i = 0; i < samples.length; i++) samples[i] = channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length;
  return { samples, sampleRate };
}
